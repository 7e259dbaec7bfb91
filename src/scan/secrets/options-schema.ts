import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import { isCommitId } from '../../platform/git.ts';

const schema = z.strictObject({
  history: z
    .enum(['auto', 'all', 'range', 'off'])
    .optional()
    .describe('What of the Git history is looked at: auto is all of it where the clone has it'),
  base: z
    .string()
    .refine(isCommitId, 'not a full commit id')
    .optional()
    .describe('With history: range, the commit whose history is already known'),
  staged: z.boolean().optional().describe('Looks at what is staged for the next commit, and at nothing else'),
  index: z
    .string()
    .min(1)
    .optional()
    .describe('With staged, the index file that is looked at, absolute; without it, the repository’s own'),
  verify: z.boolean().optional().describe('Asks vendors whether what was found counts'),
  rules: z.string().min(1).optional().describe('A rule file in gitleaks’ format, relative to the root'),
  rulesAt: z
    .string()
    .refine(isCommitId, 'not a full commit id')
    .optional()
    .describe('The commit that the rule file is read at; without it, the tree that is looked at'),
});

export type GivenSecretsOptions = z.infer<typeof schema>;

/** Throws SP-OPTION for a value that it does not understand. Options of other engines of the stage are left alone. */
export function readSecretsOptions(value: Readonly<Record<string, unknown>>): GivenSecretsOptions {
  const own = Object.fromEntries(
    Object.keys(schema.shape)
      .filter((name) => Object.hasOwn(value, name))
      .map((name) => [name, value[name]]),
  );
  const parsed = schema.safeParse(own);
  if (parsed.success) {
    const { history, base, staged } = parsed.data;
    if (history === 'range' && base === undefined) throw wrong('base', 'history: range needs base');
    if (base !== undefined && history !== 'range') throw wrong('base', 'base needs history: range');
    if (staged === true && history === 'range') throw wrong('staged', 'staged looks at no history');
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
