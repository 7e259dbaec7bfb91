import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Invocation, ProcessEngine, Workplace } from '../process-engine.ts';

/** As large as our own engine reads. */
export const MAX_SECRET_FILE = 128 * 1024 * 1024;

/**
 * gitleaks, https://github.com/gitleaks/gitleaks, with its own rules over the files of the tree. Its configuration and
 * ignore files are inputs of the change and do not count, nor do `gitleaks:allow` comments: suppressions are the gate's
 * to honour. The history is left to our own engine: gitleaks would run git in a repository that is not trusted.
 */
export const gitleaks: ProcessEngine = {
  name: 'gitleaks',
  stage: 'secrets',
  summary: 'Secrets in the files of the tree, by gitleaks’ own rules',
  publisher: 'Gitleaks',
  homepage: 'https://github.com/gitleaks/gitleaks',
  binary: 'gitleaks',
  versionArgs: ['version'],
  goModule: 'github.com/zricethezav/gitleaks/v8',
  directions: {},
  wants: () => true,
  everyKind: true,
  maxFile: MAX_SECRET_FILE,
  prepare: async (workplace) => await leaksInvocation(workplace, ['.gitleaksignore']),
  // With --exit-code 0 the exit is 0 whenever the report was written.
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
};

/** The command line that gitleaks and its successor share; secrets are hidden before the report is written. */
export async function leaksInvocation(
  { source, scratch }: Workplace,
  ignoreFiles: readonly string[],
): Promise<Invocation> {
  const [config, output] = [join(scratch, 'rules.toml'), join(scratch, 'report.sarif')];
  await writeFile(config, '[extend]\nuseDefault = true\n');
  // It would honour them wherever it is told to look for them. They name findings and hold no text of files.
  for (const name of ignoreFiles) await rm(join(source, name), { force: true });
  return {
    args: [
      'dir',
      '.',
      '--config',
      config,
      '--report-format',
      'sarif',
      '--report-path',
      output,
      '--redact=100',
      '--exit-code',
      '0',
      '--ignore-gitleaks-allow',
      '--no-banner',
      '--no-color',
      '--log-level',
      'error',
    ],
    output,
  };
}
