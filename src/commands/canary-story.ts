import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../platform/context.ts';
import type { ExitCode } from './command.ts';

/**
 * The last part of the demo: a version that breaks is rolled back, a good one gets all of the traffic. Exit 0 only if
 * both ended as they must. With `keep`, the pictures are left in that folder.
 */
export async function runCanaryStory(keep: string | null, context: Context): Promise<ExitCode> {
  const [{ playCanary }, { renderCanary }, { chartPoints }] = await Promise.all([
    import('../deliver/demo/story.ts'),
    import('../report/canary.ts'),
    import('../deliver/show/chart.ts'),
  ]);
  const { broken, good } = await playCanary(context, (line) => context.out(`   ${line}\n`));
  if (keep !== null) {
    for (const [name, { state, outcome, reason }] of Object.entries({ broken, good })) {
      const picture = { title: 'payments → demo', outcome, reason, points: chartPoints(state) };
      await writeFile(join(keep, `canary-${name}.svg`), [...renderCanary(picture)].join(''));
    }
  }
  return broken.outcome === 'rolled-back' && good.outcome === 'promoted' ? 0 : 2;
}
