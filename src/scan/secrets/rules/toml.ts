import { parse as parseToml, TomlError } from 'smol-toml';
import * as z from 'zod';
import { SallyportError } from '../../../model/error.ts';
import { PatternError } from '../regex/ast.ts';
import { parsePattern } from '../regex/parse.ts';
import type { Allowlist, SecretRule } from './rule.ts';

const MAX_BYTES = 4_000_000;
const MAX_RULES = 5_000;
const strings = z.array(z.string());

const allowlistFields = {
  description: z.string().default(''),
  condition: z.string().default('or'),
  commits: strings.default([]),
  paths: strings.default([]),
  regexTarget: z.string().default(''),
  regexes: strings.default([]),
  stopwords: strings.default([]),
};
const allowlistSchema = z.strictObject(allowlistFields);
const globalAllowlistSchema = z.strictObject({ ...allowlistFields, targetRules: strings.default([]) });

const ruleSchema = z.strictObject({
  id: z.string().default(''),
  description: z.string().default(''),
  regex: z.string().default(''),
  path: z.string().default(''),
  entropy: z.number().default(0),
  secretGroup: z.int().min(0).default(0),
  keywords: strings.default([]),
  tags: strings.default([]),
  allowlist: allowlistSchema.optional(),
  allowlists: z.array(allowlistSchema).default([]),
  required: z
    .array(
      z.strictObject({
        id: z.string(),
        withinLines: z.int().min(0).optional(),
        withinColumns: z.int().min(0).optional(),
      }),
    )
    .default([]),
  skipReport: z.boolean().default(false),
});

const fileSchema = z.strictObject({
  title: z.string().optional(),
  description: z.string().optional(),
  minVersion: z.string().optional(),
  extend: z
    .strictObject({
      useDefault: z.boolean().default(false),
      path: z.string().default(''),
      url: z.string().default(''),
      disabledRules: strings.default([]),
    })
    .prefault({}),
  allowlist: globalAllowlistSchema.optional(),
  allowlists: z.array(globalAllowlistSchema).default([]),
  rules: z.array(ruleSchema).max(MAX_RULES).default([]),
});

/** A rule as a file states it, before it is laid over the rule that it extends. */
export type PartialRule = Omit<
  SecretRule,
  'trusted' | 'confidence' | 'check' | 'source' | 'revoke' | 'severity'
>;

export interface RuleFile {
  file: string;
  rules: PartialRule[];
  allowlists: Allowlist[];
  /** Allowlists of the file that name the rules they are for. */
  targeted: { rules: string[]; allowlist: Allowlist }[];
  extend: { useDefault: boolean; path: string; disabledRules: string[] };
  /** The first line on which a name stands in quotes: for what shows only once files are laid over each other. */
  lineOfName(name: string): number | undefined;
}

/**
 * Reads a rule file in gitleaks' format (https://github.com/gitleaks/gitleaks#configuration). Keys are taken without
 * regard to case, as gitleaks takes them. Throws SP-SECRETS-RULES with the line for anything that it does not
 * understand: a rule that is read otherwise than it was meant would be a silent gap.
 */
export function parseRuleFile(text: string, file: string): RuleFile {
  if (text.length > MAX_BYTES)
    throw problem('the rule file is too large', file, undefined, `${text.length} characters`);
  const lines = new LineFinder(text);
  let raw: unknown;
  try {
    raw = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw problem('the rule file is not valid TOML', file, error.line, error.message.split('\n')[0] ?? '');
  }
  const parsed = fileSchema.safeParse(canonicalKeys(raw, fileSchema));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = [
      ...(issue?.path ?? []),
      ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []),
    ];
    const what = issue === undefined ? '' : `${path.join('.') || 'the file'}: ${issue.message}`;
    throw problem('the rule file has a part that is not understood', file, lines.ofPath(path), what);
  }
  const data = parsed.data;
  if (data.extend.url !== '') {
    throw problem(
      '[extend] url is refused: rules are not fetched from the network',
      file,
      lines.of('url'),
      data.extend.url,
    );
  }
  if (data.extend.useDefault && data.extend.path !== '') {
    throw problem('[extend] has both useDefault and path', file, lines.of('useDefault'), 'both');
  }
  const context: Context = { file, lines };
  const rules = data.rules.map((rule, index) => readRule(rule, index, context));
  const own = data.allowlist === undefined ? data.allowlists : [data.allowlist, ...data.allowlists];
  if (data.allowlist !== undefined && data.allowlists.length > 0) {
    throw problem('[allowlist] cannot stand beside [[allowlists]]', file, lines.of('[allowlist]'), 'both');
  }
  const allowlists: Allowlist[] = [];
  const targeted: RuleFile['targeted'] = [];
  for (const { targetRules, ...rest } of own) {
    const allowlist = readAllowlist(rest, 0, context);
    if (targetRules.length === 0) allowlists.push(allowlist);
    else targeted.push({ rules: targetRules, allowlist });
  }
  const { useDefault, path, disabledRules } = data.extend;
  return {
    file,
    rules,
    allowlists,
    targeted,
    extend: { useDefault, path, disabledRules },
    lineOfName: (name) => lines.ofName(name),
  };
}

interface Context {
  file: string;
  lines: LineFinder;
}

function readRule(rule: z.infer<typeof ruleSchema>, index: number, context: Context): PartialRule {
  const from = context.lines.ofHeader('[[rules]]', index);
  const { file } = context;
  if (rule.id.trim() === '') throw problem('a rule has no id', file, from, rule.description);
  const patternAt = (pattern: string) => checkPattern(pattern, rule.id, context, from);
  let groups = 0;
  if (rule.regex !== '') groups = patternAt(rule.regex);
  if (rule.path !== '') patternAt(rule.path);
  if (rule.secretGroup > groups) {
    throw problem(
      `rule ${rule.id}: secretGroup is larger than the number of groups`,
      file,
      from,
      `${rule.secretGroup} of ${groups}`,
    );
  }
  if (rule.allowlist !== undefined && rule.allowlists.length > 0) {
    throw problem(
      `rule ${rule.id}: [rules.allowlist] cannot stand beside [[rules.allowlists]]`,
      file,
      from,
      'both',
    );
  }
  const lists = rule.allowlist === undefined ? rule.allowlists : [rule.allowlist];
  return {
    id: rule.id,
    description: rule.description,
    tags: rule.tags,
    regex: rule.regex === '' ? undefined : rule.regex,
    path: rule.path === '' ? undefined : rule.path,
    entropy: rule.entropy,
    secretGroup: rule.secretGroup,
    keywords: rule.keywords.map((word) => word.toLowerCase()),
    allowlists: lists.map((list) => readAllowlist(list, from, context)),
    required: rule.required.map(({ id, withinLines, withinColumns }) => ({
      id,
      withinLines: withinLines ?? null,
      withinColumns: withinColumns ?? null,
    })),
    skipReport: rule.skipReport,
  };
}

function readAllowlist(list: z.infer<typeof allowlistSchema>, from: number, context: Context): Allowlist {
  const { file, lines } = context;
  const condition = new Map([
    ['AND', 'and'],
    ['&&', 'and'],
    ['OR', 'or'],
    ['||', 'or'],
    ['', 'or'],
  ] as const).get(list.condition.toUpperCase() as 'AND');
  if (condition === undefined) {
    throw problem(
      'an allowlist has an unknown condition',
      file,
      lines.of(list.condition, from),
      list.condition,
      '"and" or "or"',
    );
  }
  if (!['', 'secret', 'match', 'line'].includes(list.regexTarget)) {
    throw problem(
      'an allowlist has an unknown regexTarget',
      file,
      lines.of(list.regexTarget, from),
      list.regexTarget,
      '"secret", "match" or "line"',
    );
  }
  if ([list.commits, list.paths, list.regexes, list.stopwords].every((part) => part.length === 0)) {
    throw problem(
      'an allowlist allows nothing',
      file,
      from || undefined,
      'no commits, paths, regexes or stopwords',
    );
  }
  for (const pattern of [...list.paths, ...list.regexes]) checkPattern(pattern, 'allowlist', context, from);
  return {
    description: list.description,
    condition,
    commits: list.commits.map((commit) => commit.trim().toLowerCase()),
    paths: list.paths,
    regexTarget: list.regexTarget === '' ? 'secret' : (list.regexTarget as 'match'),
    regexes: list.regexes,
    stopwords: list.stopwords.map((word) => word.toLowerCase()),
  };
}

function checkPattern(pattern: string, owner: string, { file, lines }: Context, from: number): number {
  try {
    return parsePattern(pattern).groups;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw problem(
      `rule ${owner}: the pattern cannot be used: ${error.reason}`,
      file,
      lines.of(pattern, from) ?? from,
      `${error.construct} at character ${error.offset + 1}`,
      'Go RE2 syntax',
    );
  }
}

function problem(
  message: string,
  path: string,
  line: number | undefined,
  found: string,
  expected?: string,
): SallyportError {
  return new SallyportError({
    code: 'SP-SECRETS-RULES',
    message,
    place: line === undefined || line === 0 ? { path } : { path, line },
    found,
    expected,
    next: 'correct the rule file; its format is that of gitleaks 8',
  });
}

/** Lines of things in a TOML text, since the parsed document no longer has them. */
class LineFinder {
  readonly #lines: string[];

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  /** The line of the n-th table header, from 1; 0 where the file writes its tables otherwise. */
  ofHeader(header: string, index: number): number {
    let seen = -1;
    for (const [at, line] of this.#lines.entries()) {
      if (line.replace(/\s+/gu, '').startsWith(header) && ++seen === index) return at + 1;
    }
    return 0;
  }

  /** The first line at or after `from` that holds the text as it is, or as a basic string escapes it. */
  of(text: string, from = 0): number | undefined {
    const first = text.split('\n')[0] ?? '';
    const forms = [first, JSON.stringify(first).slice(1, -1)];
    const at = this.#lines.findIndex(
      (line, index) => index + 1 >= from && forms.some((form) => line.includes(form)),
    );
    return at === -1 ? undefined : at + 1;
  }

  /** The first line that has the name as a string of its own. */
  ofName(name: string): number | undefined {
    const at = this.#lines.findIndex((line) => line.includes(`"${name}"`) || line.includes(`'${name}'`));
    return at === -1 ? undefined : at + 1;
  }

  ofPath(path: readonly PropertyKey[]): number | undefined {
    const last = path.findLast((part) => typeof part === 'string');
    const from = path[0] === 'rules' && typeof path[1] === 'number' ? this.ofHeader('[[rules]]', path[1]) : 0;
    return (last === undefined ? undefined : this.of(String(last), from)) ?? (from === 0 ? undefined : from);
  }
}

/** The keys of a document in the spelling of a schema; unknown ones stay as they are and are refused by it. */
function canonicalKeys(value: unknown, schema: unknown): unknown {
  const names = new Map<string, string>();
  collectNames(schema, names, 0);
  const rename = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(rename);
    if (typeof item !== 'object' || item === null || item instanceof Date) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, inner]) => [names.get(key.toLowerCase()) ?? key, rename(inner)]),
    );
  };
  return rename(value);
}

function collectNames(schema: unknown, names: Map<string, string>, depth: number): void {
  if (depth > 8 || typeof schema !== 'object' || schema === null) return;
  const { shape, def } = schema as { shape?: Record<string, unknown>; def?: Record<string, unknown> };
  for (const [name, inner] of Object.entries(shape ?? {})) {
    names.set(name.toLowerCase(), name);
    collectNames(inner, names, depth + 1);
  }
  for (const inner of [def?.innerType, def?.element]) collectNames(inner, names, depth + 1);
}
