import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import { isCommitId } from '../../platform/git.ts';
import type { Change } from '../engine.ts';
import type { Direction } from '../options.ts';

const schema = z.strictObject({
  history: z
    .enum(['auto', 'all', 'range', 'off'])
    .default('auto')
    .describe('What of the Git history is looked at: auto is all of it where the clone has it'),
  base: z
    .string()
    .refine(isCommitId, 'not a full commit id')
    .optional()
    .describe('With history: range, the commit whose history is already known'),
  staged: z
    .boolean()
    .default(false)
    .describe('Looks at what is staged for the next commit, and at nothing else'),
  index: z
    .string()
    .min(1)
    .optional()
    .describe('With staged, the index file that is looked at, absolute; without it, the repository’s own'),
  verify: z.boolean().default(false).describe('Asks vendors whether what was found counts'),
  rules: z.string().min(1).optional().describe('A rule file in gitleaks’ format, relative to the root'),
  rulesAt: z
    .string()
    .refine(isCommitId, 'not a full commit id')
    .optional()
    .describe('The commit that the rule file is read at; without it, the tree that is looked at'),
});

export type SecretsOptions = z.infer<typeof schema>;

/** What a policy may set, and which way a later layer may move it. The rest is set by who calls the engine. */
export const secretsDirections: Readonly<Record<string, Direction>> = Object.freeze({
  history: 'fixed',
  rules: 'fixed',
});

/**
 * Of a change only its own commits are new, and rules are read at the tip that it is to be merged into
 * (trust-model rule 2). At the base the tree alone tells what was there.
 */
export function secretsOptionsFor(
  policy: Readonly<Record<string, unknown>>,
  change: Change,
  side: 'head' | 'base',
): Record<string, unknown> {
  const rulesAt = change.revision;
  // What was there already is compared, not judged: nobody is asked about it.
  if (side === 'base') return { history: 'off', rulesAt, verify: false };
  if (policy.history === 'off') return { history: 'off', rulesAt };
  return { history: 'range', base: change.mergeBase, rulesAt };
}

const OWN = Object.keys(schema.shape);

/** Throws SP-OPTION for a value that it does not understand. Options of other engines of the stage are left alone. */
export function parseSecretsOptions(value: Readonly<Record<string, unknown>>): SecretsOptions {
  const own = Object.fromEntries(
    OWN.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name]]),
  );
  const parsed = schema.safeParse(own);
  if (parsed.success) {
    const { history, base, staged } = parsed.data;
    if (history === 'range' && base === undefined) throw wrong('base', 'history: range needs base');
    if (base !== undefined && history !== 'range') throw wrong('base', 'base needs history: range');
    if (staged && history === 'range') throw wrong('staged', 'staged looks at no history');
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw wrong(issue?.path.join('.') ?? '', issue?.message ?? '');
}

function wrong(option: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-OPTION',
    message: `the secrets engine does not understand its option ${option}`,
    found,
    next: 'docs/guide/secrets.md lists the options',
  });
}
