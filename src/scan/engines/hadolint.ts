import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kindOfFile } from '../configuration/files.ts';
import type { ProcessEngine } from '../process-engine.ts';

/**
 * hadolint, https://github.com/hadolint/hadolint. Its own pragmas and configuration files are switched off: they are
 * inputs of the change, and suppressions are the gate's to honour.
 */
export const hadolint: ProcessEngine = {
  name: 'hadolint',
  stage: 'configuration',
  summary: 'Dockerfiles, with ShellCheck over their RUN instructions',
  publisher: 'hadolint',
  homepage: 'https://github.com/hadolint/hadolint',
  binary: 'hadolint',
  versionArgs: ['--version'],
  directions: {},
  wants: (path) => kindOfFile(path) === 'dockerfile',
  prepare: async ({ scratch, files }) => {
    const config = join(scratch, 'hadolint.yaml');
    await writeFile(config, '{}\n');
    return {
      args: [
        '--config',
        config,
        '--no-fail',
        '--no-color',
        '--disable-ignore-pragma',
        '--format',
        'sarif',
        '--',
        ...files.map((f) => `./${f}`),
      ],
    };
  },
  // With --no-fail the exit is 0 whenever the report was written.
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
};
