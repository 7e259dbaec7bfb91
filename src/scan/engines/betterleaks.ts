import type { ProcessEngine } from '../process-engine.ts';
import { leaksInvocation, MAX_SECRET_FILE } from './gitleaks.ts';

/** betterleaks, https://github.com/betterleaks/betterleaks, the successor of gitleaks, used in the same way. */
export const betterleaks: ProcessEngine = {
  name: 'betterleaks',
  stage: 'secrets',
  summary: 'Secrets in the files of the tree and in archives, by betterleaks’ own rules',
  publisher: 'Betterleaks',
  homepage: 'https://github.com/betterleaks/betterleaks',
  binary: 'betterleaks',
  versionArgs: ['version'],
  goModule: 'github.com/betterleaks/betterleaks',
  directions: {},
  wants: () => true,
  everyKind: true,
  maxFile: MAX_SECRET_FILE,
  // That findings are not tried out at their vendors is its default, and is said all the same.
  prepare: async (workplace) => {
    const { args, ...rest } = await leaksInvocation(workplace, ['.gitleaksignore', '.betterleaksignore']);
    return { ...rest, args: [...args, '--validation=false'] };
  },
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
};
