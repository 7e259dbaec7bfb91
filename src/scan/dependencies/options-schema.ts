import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';

const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.-]+$/u, 'expected a host name');

/** Options of reading lockfiles, `stages.dependencies.options` in the policy. */
const lockOptions = z.object({
  allowedHosts: z
    .array(host)
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Hosts that locked packages may come from. When absent, the public registries and the well-known hosts of source code.',
    ),
});

const advisoryOptions = z.object({
  vulnerabilities: z
    .enum(['required', 'when-present'])
    .optional()
    .describe(
      '`required`: without an advisory database the stage ends as an error. `when-present`: without one nothing is looked up, and the report says so. A database that is there and lacks an ecosystem of the repository, is too old or damaged is an error either way.',
    ),
  indexDigests: z
    .array(z.string().regex(/^[0-9a-f]{64}$/u, 'expected sha256 in lower-case hex'))
    .min(1)
    .max(500)
    .optional()
    .describe(
      'The databases that are accepted, as `sallyport advisories info` tells them: the sha256 of a whole database or of the index of one ecosystem. When absent, every database is.',
    ),
});

export type LockOptions = z.infer<typeof lockOptions>;
export type GivenAdvisoryOptions = z.infer<typeof advisoryOptions>;

export function readLockOptions(value: unknown): LockOptions {
  return parsed(lockOptions, value);
}

export function readAdvisoryOptions(value: unknown): GivenAdvisoryOptions {
  return parsed(advisoryOptions, value);
}

/** Each engine reads its own of the stage's options. Throws SP-OPTION. */
function parsed<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: unknown,
): z.output<typeof schema> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new SallyportError({
    code: 'SP-OPTION',
    message: `the option ${issue?.path.join('.') || 'dependencies'} is not understood`,
    expected: issue?.message ?? 'an option that the reference describes',
    next: 'correct stages.dependencies.options in the policy',
  });
}
