import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Occurrences, WordFinder } from '../../../src/scan/secrets/match/aho.ts';
import { compileRules } from '../../../src/scan/secrets/match/compile.ts';
import { shannonEntropy } from '../../../src/scan/secrets/match/entropy.ts';
import { NativePattern } from '../../../src/scan/secrets/match/pattern.ts';
import { Scanner } from '../../../src/scan/secrets/match/scanner.ts';
import { parsePattern } from '../../../src/scan/secrets/regex/parse.ts';
import type { Allowlist, SecretRule } from '../../../src/scan/secrets/rules/rule.ts';

const rule = (fields: Partial<SecretRule>): SecretRule => ({
  id: 'rule',
  description: 'A rule',
  severity: 'high',
  tags: [],
  entropy: 0,
  secretGroup: 0,
  keywords: [],
  allowlists: [],
  required: [],
  skipReport: false,
  trusted: true,
  confidence: 'token',
  ...fields,
});
const allowlist = (fields: Partial<Allowlist>): Allowlist => ({
  description: '',
  condition: 'or',
  commits: [],
  paths: [],
  regexTarget: 'secret',
  regexes: [],
  stopwords: [],
  ...fields,
});
const scan = (
  rules: SecretRule[],
  text: string,
  path = 'src/a.txt',
  commit = '',
  allowlists: Allowlist[] = [],
) => {
  const bytes = Buffer.from(text, 'latin1');
  return new Scanner(compileRules({ rules, allowlists })).scan({
    bytes,
    text: bytes.toString('latin1'),
    path,
    commit,
  });
};

describe('the word finder', () => {
  it('finds every occurrence that a plain search finds, without regard to case', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_'), minLength: 1, maxLength: 5 });
    const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', 'C', 'c', '_', 'x', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), text, (words, subject) => {
        const found = new Occurrences(words.length);
        new WordFinder(words).find(Buffer.from(subject), 0, subject.length, found);
        for (const [index, wanted] of words.entries()) {
          const expected: number[] = [];
          for (
            let at = subject.toLowerCase().indexOf(wanted);
            at !== -1;
            at = subject.toLowerCase().indexOf(wanted, at + 1)
          )
            expected.push(at);
          expect(found.of(index)).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the search at literals', () => {
  it.each([
    '(?i)[\\w.-]{0,8}?(?:key|token)[ \\t]{0,3}[=:][ \\t]{0,2}([a-z0-9]{3,6})(?:;|$)',
    '\\b(ab[0-9]{2})\\b',
    '(?:^|[;=])key[0-9]',
    '(?:ab|keyx)[0-9]{1,3}',
    '[a-z]{0,3}token',
    '(?:key[0-9]+|\\btoken)',
  ])('finds with %s what a search of the whole text finds', (source) => {
    const pattern = new NativePattern(() => parsePattern(source).node);
    const piece = fc.constantFrom(
      'key',
      'token',
      'ab',
      'keyx',
      '=',
      ':',
      ';',
      ' ',
      '\n',
      '1',
      '23',
      'a',
      'z',
      '.',
      'KEY',
      'Token',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
        (text) => {
          const expected: [number, number][] = [];
          for (let from = 0; from <= text.length; ) {
            const span = pattern.search(text, from);
            if (span === null) break;
            expected.push(span);
            from = Math.max(span[1], span[0] + 1);
          }
          const found = scan([rule({ regex: source })], text);
          const trimmed = expected.map(([start, end]) => text.slice(start, end).replace(/^\n+|\n+$/gu, ''));
          expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(trimmed);
        },
      ),
      { numRuns: 700 },
    );
  });

  it('agrees with the linear engine', () => {
    const regex = '(?i)[\\w.-]{0,8}?(?:key|token)[ \\t]{0,3}[=:]([a-z0-9]{3,6})\\b';
    const text = 'x.key=abc1 token : no TOKEN=zzz999\nmy_key:q1w2e3 end';
    const secrets = (trusted: boolean) => scan([rule({ regex, trusted })], text).map(({ secret }) => secret);
    expect(secrets(true)).toEqual(['abc1', 'zzz999', 'q1w2e3']);
    expect(secrets(false)).toEqual(secrets(true));
  });
});

describe('what a rule says', () => {
  it('needs one of its keywords anywhere in the text', () => {
    const rules = [rule({ regex: '[0-9a-f]{8}', keywords: ['vendor'] })];
    expect(scan(rules, 'id 0123abcd')).toEqual([]);
    expect(scan(rules, 'VENDOR id 0123abcd')).toHaveLength(1);
  });

  it('takes the group that it names, and the first that took part otherwise', () => {
    const regex = '(a)?b(c)(d)';
    expect(scan([rule({ regex })], 'bcd')[0]?.secret).toBe('c');
    expect(scan([rule({ regex, secretGroup: 3 })], 'bcd')[0]?.secret).toBe('d');
  });

  it('asks for more entropy than it names', () => {
    const rules = [rule({ regex: 'k=(\\w+)', entropy: 2 })];
    expect(scan(rules, 'k=aabb')).toEqual([]);
    expect(scan(rules, 'k=abcde')).toHaveLength(1);
    expect(shannonEntropy('abcd')).toBe(2);
  });

  it('looks only where its path says', () => {
    const rules = [rule({ regex: 'secret', path: '\\.tf$' })];
    expect(scan(rules, 'secret', 'main.tf')).toHaveLength(1);
    expect(scan(rules, 'secret', 'main.ts')).toEqual([]);
  });

  it('lets allowlists decide by secret, match, line, path, commit and stop words', () => {
    const regex = 'key=(\\w+)';
    const with_ = (list: Partial<Allowlist>) =>
      scan([rule({ regex, allowlists: [allowlist(list)] })], 'a key=abc # sample', 'test/x', 'c0ffee');
    expect(with_({ regexes: ['^abc$'] })).toEqual([]);
    expect(with_({ regexes: ['^key='] })).toHaveLength(1);
    expect(with_({ regexes: ['^key='], regexTarget: 'match' })).toEqual([]);
    expect(with_({ regexes: ['# sample'], regexTarget: 'line' })).toEqual([]);
    expect(with_({ stopwords: ['bc'] })).toEqual([]);
    expect(with_({ paths: ['^test/'] })).toEqual([]);
    expect(with_({ commits: ['c0ffee'] })).toEqual([]);
    expect(with_({ condition: 'and', paths: ['^test/'], regexes: ['^x$'] })).toHaveLength(1);
    expect(with_({ condition: 'and', paths: ['^test/'], regexes: ['^abc$'] })).toEqual([]);
    expect(with_({ condition: 'and', paths: ['^src/'], stopwords: ['bc'] })).toHaveLength(1);
  });

  it('joins the patterns of an allowlist as gitleaks does, a leaking flag included', () => {
    const rules = [
      rule({ regex: 'key=(\\w+)', allowlists: [allowlist({ regexes: ['(?i)^true$', '^none$'] })] }),
    ];
    expect(scan(rules, 'key=NONE')).toEqual([]);
  });

  it('counts only with what it requires near by', () => {
    const rules = [
      rule({ id: 'main', regex: 'id=\\w+', required: [{ id: 'part', withinLines: 1, withinColumns: null }] }),
      rule({ id: 'part', regex: 'secret=\\w+', skipReport: true }),
    ];
    expect(scan(rules, 'id=1\nsecret=2')).toHaveLength(1);
    expect(scan(rules, 'id=1\n\n\nsecret=2')).toEqual([]);
    expect(scan(rules, 'id=1')).toEqual([]);
    const columns = [
      rule({ id: 'main', regex: 'id=\\w+', required: [{ id: 'part', withinLines: null, withinColumns: 3 }] }),
      rule({ id: 'part', regex: 'secret=\\w+', skipReport: true }),
    ];
    expect(scan(columns, 'id=1\n secret=2')).toHaveLength(1);
    expect(scan(columns, 'id=1\n         secret=2')).toEqual([]);
  });
});
