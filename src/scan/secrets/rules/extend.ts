import { posix } from 'node:path';
import { SallyportError } from '../../../model/error.ts';
import type { Place } from '../../../model/location.ts';
import type { RuleSet, SecretRule } from './rule.ts';
import { type PartialRule, parseRuleFile, type RuleFile } from './toml.ts';

/** How the files that a rule file names are read. `path` is relative to the root of the repository. */
export interface RuleSource {
  read(path: string): Promise<string>;
  /** Our own pack, for `useDefault`. */
  defaults: RuleSet;
}

/**
 * A rule file with what it extends: our pack (`useDefault`) or another file of the same repository, one level deep.
 * Throws SP-SECRETS-RULES for a path that leaves the repository, a second level, or a name that does not exist.
 */
export async function loadRules(text: string, file: string, source: RuleSource): Promise<RuleSet> {
  const own = parseRuleFile(text, file);
  const base = await extended(own, source);
  const merged = new Map<string, SecretRule>();
  const disabled = new Set(own.extend.disabledRules);
  for (const id of disabled) {
    if (!base.rules.some((rule) => rule.id === id)) throw unknownRule(own, id, '[extend] disabledRules');
  }
  for (const rule of base.rules) if (!disabled.has(rule.id)) merged.set(rule.id, rule);
  for (const rule of own.rules) {
    const below = merged.get(rule.id);
    merged.set(rule.id, below === undefined ? complete(rule, file) : overlay(below, rule));
  }
  for (const { rules, allowlist } of own.targeted) {
    for (const id of rules) {
      const rule = merged.get(id);
      if (rule === undefined) throw unknownRule(own, id, '[[allowlists]] targetRules');
      merged.set(id, { ...rule, allowlists: [...rule.allowlists, allowlist] });
    }
  }
  for (const rule of merged.values()) {
    if (rule.regex === undefined && rule.path === undefined) {
      throw new SallyportError({
        code: 'SP-SECRETS-RULES',
        message: `rule ${rule.id} has neither regex nor path`,
        place: placeOf(own, rule.id),
        next: 'give it one, or take it out',
      });
    }
    for (const { id } of rule.required)
      if (!merged.has(id)) throw unknownRule(own, id, `[[rules.required]] of ${rule.id}`);
  }
  return { rules: [...merged.values()], allowlists: [...own.allowlists, ...base.allowlists] };
}

async function extended(own: RuleFile, source: RuleSource): Promise<RuleSet> {
  if (own.extend.useDefault) return source.defaults;
  if (own.extend.path === '') return { rules: [], allowlists: [] };
  const path = posix.normalize(own.extend.path.replaceAll('\\', '/'));
  if (posix.isAbsolute(path) || path.startsWith('../') || path === '..' || /^[A-Za-z]:/u.test(path)) {
    throw new SallyportError({
      code: 'SP-SECRETS-RULES',
      message: '[extend] path leaves the repository',
      place: placeOf(own, own.extend.path),
      found: own.extend.path,
      expected: 'a path inside the repository',
    });
  }
  const below = parseRuleFile(await source.read(path), path);
  if (below.extend.useDefault || below.extend.path !== '') {
    throw new SallyportError({
      code: 'SP-SECRETS-RULES',
      message: 'a rule file that is extended extends another one',
      place: { path },
      expected: 'one level of [extend]',
    });
  }
  return { rules: below.rules.map((rule) => complete(rule, path)), allowlists: below.allowlists };
}

function complete(rule: PartialRule, file: string): SecretRule {
  return { ...rule, severity: 'high', trusted: false, confidence: 'token', source: file };
}

/** What the upper rule says replaces; lists are joined (gitleaks' rule). */
function overlay(below: SecretRule, rule: PartialRule): SecretRule {
  return {
    ...below,
    description: rule.description || below.description,
    entropy: rule.entropy || below.entropy,
    secretGroup: rule.secretGroup || below.secretGroup,
    regex: rule.regex ?? below.regex,
    path: rule.path ?? below.path,
    tags: [...below.tags, ...rule.tags],
    keywords: [...below.keywords, ...rule.keywords],
    allowlists: [...below.allowlists, ...rule.allowlists],
    trusted:
      below.trusted && rule.regex === undefined && rule.path === undefined && rule.allowlists.length === 0,
  };
}

function placeOf(file: RuleFile, name: string): Place {
  const line = file.lineOfName(name);
  return line === undefined ? { path: file.file } : { path: file.file, line };
}

function unknownRule(file: RuleFile, id: string, where: string): SallyportError {
  return new SallyportError({
    code: 'SP-SECRETS-RULES',
    message: `${where} names a rule that does not exist`,
    place: placeOf(file, id),
    found: id,
    next: 'name a rule of this file or of the one that it extends',
  });
}
