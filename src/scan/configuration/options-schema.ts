import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';

const pattern = z.string().min(1).max(256);

/** The options of the embedded engine, `stages.configuration.options` in the policy. */
const configurationOptions = z
  .object({
    allowedBaseImages: z
      .array(pattern)
      .min(1)
      .max(500)
      .optional()
      .describe(
        'Patterns of the images that the images of this repository may be built from, for example `gcr.io/distroless/*` or `node:*-slim`; `*` matches all but `/`, `**` matches everything. When absent, base images are not judged by name.',
      ),
    allowedRegistries: z
      .array(pattern)
      .min(1)
      .max(500)
      .optional()
      .describe(
        'Registries that images may come from, for example `docker.io` or `*.dkr.ecr.eu-west-1.amazonaws.com`. When absent, every registry is allowed.',
      ),
    nonRootBaseImages: z
      .array(pattern)
      .max(500)
      .optional()
      .describe(
        'Patterns of base images, beyond the well-known ones, that do not run as root by themselves, so that a Dockerfile built on them needs no USER.',
      ),
    maxFileBytes: z
      .number()
      .int()
      .min(1024)
      .max(16 * 1024 * 1024)
      .optional()
      .describe(
        'Size in bytes up to which a file is read. A larger one is not looked at and the scan ends as an error.',
      ),
    maxFiles: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(
        'How many files are read. Beyond that files are not looked at and the scan ends as an error.',
      ),
  })
  .describe('Options of the embedded engine for Dockerfiles and compose files');

export type GivenConfigurationOptions = z.infer<typeof configurationOptions>;

/** Throws SP-CONFIGURATION-OPTIONS, naming every key that is wrong. */
export function readConfigurationOptions(value: unknown): GivenConfigurationOptions {
  const parsed = configurationOptions.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
  );
  throw new SallyportError({
    code: 'SP-CONFIGURATION-OPTIONS',
    message: 'the options of the stage configuration are not understood',
    expected: `some of ${Object.keys(configurationOptions.shape).join(', ')}`,
    found: problems.slice(0, 5).join('; '),
    next: 'correct stages.configuration.options in the policy',
  });
}
