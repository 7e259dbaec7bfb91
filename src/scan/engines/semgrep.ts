import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import type { SourceTree } from '../../platform/tree.ts';
import { isSource } from '../presence.ts';
import type { ProcessEngine } from '../process-engine.ts';

const MAX_RULES = 8 * 1024 * 1024;
const options = z.object({
  semgrepRules: z
    .array(z.string().min(1).max(500))
    .min(1)
    .max(1000)
    .meta({ description: 'Rule files or folders, relative to the root, read at the base revision.' }),
});

/**
 * semgrep, https://semgrep.dev. Rules come from files that the policy names and are read at the base; `nosemgrep`
 * comments and `.semgrepignore` do not count, and nothing is fetched or sent.
 */
export const semgrep: ProcessEngine = {
  name: 'semgrep',
  stage: 'code',
  summary: 'Static analysis of source code by patterns',
  publisher: 'semgrep',
  homepage: 'https://semgrep.dev',
  binary: 'semgrep',
  versionArgs: ['--version'],
  // Asked for its version it would otherwise ask the network for a newer one, and wait.
  env: { SEMGREP_ENABLE_VERSION_CHECK: '0', SEMGREP_SEND_METRICS: 'off' },
  directions: { semgrepRules: 'superset' },
  wants: isSource,
  prepare: async (workplace) => {
    const rules = await copyRules(readOptions(workplace.options), workplace.trusted, workplace.scratch);
    const output = join(workplace.scratch, 'semgrep.sarif');
    // Without a file of this name semgrep passes over tests/, build/, vendor/ and more, and says nothing of it.
    await writeFile(join(workplace.source, '.semgrepignore'), '');
    return {
      args: [
        'scan',
        '--config',
        rules,
        '--sarif',
        '--output',
        output,
        '--metrics=off',
        '--disable-version-check',
        '--disable-nosem',
        '--no-git-ignore',
        '--no-rewrite-rule-ids',
        '--strict',
        '--quiet',
        '--max-target-bytes=0',
        '.',
      ],
      output,
    };
  },
  // 0: done, with or without findings; 1: findings with --error, which is not given; 2 and more: it failed.
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
};

function readOptions(value: Readonly<Record<string, unknown>>): string[] {
  const result = options.safeParse(value);
  if (result.success) return result.data.semgrepRules;
  throw new SallyportError({
    code: 'SP-ENGINE-OPTIONS',
    message: 'semgrep has no rules to judge by',
    expected: 'stages.code.options.semgrepRules: a list of rule files or folders',
    found: result.error.issues[0]?.message,
  });
}

async function copyRules(names: readonly string[], tree: SourceTree, scratch: string): Promise<string> {
  const folder = join(scratch, 'rules');
  await mkdir(folder);
  let copied = 0;
  for (const name of names) {
    const base = name.replace(/^\.\//u, '').replace(/\/$/u, '');
    const matching = tree.entries.filter(
      (entry) => entry.path === base || (entry.path.startsWith(`${base}/`) && /\.ya?ml$/u.test(entry.path)),
    );
    if (matching.length === 0) {
      throw new SallyportError({
        code: 'SP-ENGINE-OPTIONS',
        message: 'a rule file is not there',
        place: { path: name },
        expected: 'a file or folder of the base revision',
      });
    }
    for (const entry of matching) {
      const content = await tree.read(entry.path, MAX_RULES);
      await writeFile(join(folder, `${copied}-${basename(entry.path)}`), content);
      copied += 1;
    }
  }
  return folder;
}
