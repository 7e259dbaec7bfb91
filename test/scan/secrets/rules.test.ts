import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../../src/model/error.ts';
import { loadRules } from '../../../src/scan/secrets/rules/extend.ts';
import type { RuleSet } from '../../../src/scan/secrets/rules/rule.ts';
import { parseRuleFile } from '../../../src/scan/secrets/rules/toml.ts';

const none: RuleSet = { rules: [], allowlists: [] };
const load = (text: string, files: Record<string, string> = {}, defaults = none) =>
  loadRules(text, 'rules.toml', {
    read: async (path) => files[path] ?? Promise.reject(new Error(`no ${path}`)),
    defaults,
  });
const problem = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    if (error instanceof SallyportError) return error.problem;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const FILE = `title = "corp"
[extend]
disabledRules = []

[[rules]]
id = "corp-token"
description = "Corp token"
regex = '''\\b(corp_[a-z0-9]{8})\\b'''
secretGroup = 1
entropy = 2.5
keywords = ["CORP_"]
tags = ["corp"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
regexes = ['''sample''']
paths = ['''^test/''']
stopwords = ["EXAMPLE"]
[[rules.required]]
id = "corp-id"
withinLines = 3

[[rules]]
id = "corp-id"
regex = '''id-\\d+'''
skipReport = true

[[allowlists]]
paths = ['''vendor/''']
[[allowlists]]
targetRules = ["corp-id"]
commits = ["ABCDEF"]
`;

describe('rule files', () => {
  it('are read with everything that they say', async () => {
    const set = await load(FILE);
    expect(set.allowlists).toHaveLength(1);
    expect(set.rules.map(({ id }) => id)).toEqual(['corp-token', 'corp-id']);
    expect(set.rules[0]).toMatchObject({
      secretGroup: 1,
      entropy: 2.5,
      keywords: ['corp_'],
      trusted: false,
      required: [{ id: 'corp-id', withinLines: 3, withinColumns: null }],
      allowlists: [{ condition: 'and', regexTarget: 'line', stopwords: ['example'] }],
    });
    expect(set.rules[1]).toMatchObject({ skipReport: true, allowlists: [{ commits: ['abcdef'] }] });
  });

  it.each([
    [
      'a pattern that cannot be',
      'a = 1'.replace('a = 1', "[[rules]]\nid = 'x'\nregex = '''a(?=b)'''"),
      3,
      '(?=b at character 2',
    ],
    [
      'a pattern of an allowlist that cannot be',
      "[[rules]]\nid = 'x'\nregex = 'a'\n[[rules.allowlists]]\nregexes = ['''(a''']",
      5,
      '(a at character 1',
    ],
    ['text that is not TOML', '[[rules]]\nid = ', 2, undefined],
    ['an unknown key', "[[rules]]\nid = 'x'\nregex = 'a'\nvalidate = 'cel'", 4, undefined],
    ['a group that is not there', "[[rules]]\nid = 'x'\nregex = 'a'\nsecretGroup = 2", 1, '2 of 0'],
    ['no id', "[[rules]]\nregex = 'a'", 1, ''],
    [
      'an unknown condition',
      "[[rules]]\nid = 'x'\nregex = 'a'\n[[rules.allowlists]]\ncondition = 'xor'\npaths = ['a']",
      5,
      'xor',
    ],
    [
      'an unknown target',
      "[[rules]]\nid = 'x'\nregex = 'a'\n[[rules.allowlists]]\nregexTarget = 'file'\nregexes = ['a']",
      5,
      'file',
    ],
    ['rules from the network', "[extend]\nurl = 'https://rules.corp.dev'", 2, 'https://rules.corp.dev'],
    ['two ways to extend', "[extend]\nuseDefault = true\npath = 'a.toml'", 2, 'both'],
  ])('with %s are refused at the line', async (_, text, line, found) => {
    const said = await problem(() => parseRuleFile(text, 'rules.toml'));
    expect(said).toMatchObject({ code: 'SP-SECRETS-RULES', place: { path: 'rules.toml', line } });
    if (found !== undefined) expect(said.found).toBe(found);
  });

  it('take keys in any case, as gitleaks takes them', () => {
    const [rule] = parseRuleFile("[[rules]]\nID = 'x'\nRegex = 'a(b)'\nsecretgroup = 1", 'r.toml').rules;
    expect(rule).toMatchObject({ id: 'x', secretGroup: 1 });
  });

  it('never fail but with a problem of their own', () => {
    const piece = fc.constantFrom(
      '[[rules]]\n',
      "id = 'x'\n",
      "regex = 'a'\n",
      'regex = 1\n',
      '[extend]\n',
      'useDefault = true\n',
      '[[rules.allowlists]]\n',
      "paths = ['a']\n",
      '__proto__ = 1\n',
      '\u0000',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            parseRuleFile(text, 'r.toml');
          } catch (error) {
            expect(error).toBeInstanceOf(SallyportError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('extending', () => {
  const base =
    "[[rules]]\nid = 'a'\nregex = 'a+'\nkeywords = ['a']\nentropy = 1.5\n[[rules]]\nid = 'b'\nregex = 'b+'";

  it('lays a rule over the one below it, joins lists and leaves out what is disabled', async () => {
    const own =
      "[extend]\npath = 'base/rules.toml'\ndisabledRules = ['b']\n[[rules]]\nid = 'a'\nkeywords = ['x']\ndescription = 'ours'";
    const set = await load(own, { 'base/rules.toml': base });
    expect(set.rules).toHaveLength(1);
    expect(set.rules[0]).toMatchObject({
      id: 'a',
      regex: 'a+',
      entropy: 1.5,
      keywords: ['a', 'x'],
      description: 'ours',
    });
  });

  it('starts from our pack when asked, whose rules stay trusted until their patterns change', async () => {
    const defaults = await load(base);
    for (const rule of defaults.rules) rule.trusted = true;
    const set = await load(
      "[extend]\nuseDefault = true\n[[rules]]\nid = 'a'\nregex = 'c+'\n[[rules]]\nid = 'b'\nentropy = 2",
      {},
      defaults,
    );
    expect(set.rules.map(({ id, trusted }) => [id, trusted])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  it.each([
    ['leaves the repository', "[extend]\npath = '../rules.toml'", {}],
    ['is absolute', "[extend]\npath = '/etc/rules.toml'", {}],
    ['extends another file', "[extend]\npath = 'b.toml'", { 'b.toml': "[extend]\npath = 'c.toml'" }],
    ['disables what is not there', "[extend]\npath = 'b.toml'\ndisabledRules = ['zz']", { 'b.toml': base }],
    ['requires what is not there', "[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nid = 'zz'", {}],
    ['targets what is not there', "[[allowlists]]\ntargetRules = ['zz']\npaths = ['a']", {}],
    ['has a rule that looks for nothing', "[[rules]]\nid = 'a'\nkeywords = ['a']", {}],
  ])('a file that %s is refused', async (_, text, files) => {
    expect(await problem(() => load(text, files))).toMatchObject({ code: 'SP-SECRETS-RULES' });
  });
});
