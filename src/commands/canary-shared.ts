import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Ending, World } from '../deliver/controller/world.ts';
import type { LoadedPlan } from '../deliver/plan/read.ts';
import type { CanaryState } from '../deliver/state/state.ts';
import { type Context, inAutomation } from '../platform/context.ts';
import type { CommandResult } from './command.ts';

export const planInput = {
  plan: z
    .string()
    .default('canary.yml')
    .meta({ description: 'The plan.', placeholder: 'FILE', environment: false }),
};

export const canaryOutputs = {
  decision: '`passed` (promoted), `failed` (rolled back or undecided) or `error`.',
  outcome: '`promoted`, `rolled-back`, `held` or `taken-over`.',
  reason: 'Why, in one sentence.',
  'report-folder': 'The folder with the record, the picture, the summary and the test-result statement.',
};

/** Milliseconds that a watcher may take until its first sign. */
const STARTS = 10_000;

/** Reads the plan from disk. Throws SP-FILE-*, SP-CANARY-SYNTAX, SP-CANARY-PLAN. */
export async function loadPlan(file: string, context: Context): Promise<LoadedPlan> {
  const { MAX_PLAN_BYTES, readPlan } = await import('../deliver/plan/read.ts');
  const text = await context.files.read(resolve(context.cwd, file), MAX_PLAN_BYTES);
  return readPlan(file, text.toString('utf8'));
}

/** The real world of a plan. */
export async function worldOf(
  loaded: LoadedPlan,
  planFile: string,
  subject: string,
  signal: AbortSignal,
  context: Context,
): Promise<World> {
  const [{ trafficOf }, { storeOf, signOf }, { Watched, pollOf }, { metricsOf }, { systemTime }] =
    await Promise.all([
      import('../deliver/traffic/registry.ts'),
      import('../deliver/state/registry.ts'),
      import('../deliver/controller/watched.ts'),
      import('../deliver/metrics/registry.ts'),
      import('../deliver/controller/time.ts'),
    ]);
  const { lease } = loaded.plan;
  const watched = new Watched(signOf(loaded.plan, context), systemTime);
  return {
    loaded,
    subject,
    holder: randomUUID(),
    traffic: trafficOf(loaded.plan.traffic, context),
    store: storeOf(loaded.plan, context),
    metrics: metricsOf(loaded.plan, context),
    time: systemTime,
    log: context.log,
    signal,
    armLease: async () => {
      await armLease(loaded, planFile, context);
      await watched.arrive(STARTS + 2 * pollOf(lease), signal);
    },
    unwatched: async () => await watched.gone(lease),
    changed: showing(context),
  };
}

/**
 * Where the state is on this machine or in Git, a process of its own watches it and sets the weight back should this
 * one die. In a cluster `canary reconcile` does, from its own namespace.
 */
async function armLease(loaded: LoadedPlan, planFile: string, context: Context): Promise<void> {
  if (loaded.plan.state.store === 'kubernetes') {
    context.log.info('the lease is watched by sallyport canary reconcile in the cluster');
    return;
  }
  const [{ startDetached }, { mkdir }] = await Promise.all([
    import('../platform/detached.ts'),
    import('node:fs/promises'),
  ]);
  const folder = join(context.cwd, '.sallyport');
  await mkdir(folder, { recursive: true });
  // A step of a workflow has an entry of its own; the command line lies beside it.
  const entry =
    context.surface === 'cli'
      ? context.workerEntry
      : join(dirname(context.workerEntry), '..', 'bin', 'sallyport.cjs');
  const env = Object.fromEntries(
    Object.entries(context.env).flatMap(([name, value]) =>
      // Without it the runner does not take the watchdog for a process that the job forgot.
      value === undefined || name === 'RUNNER_TRACKING_ID' ? [] : [[name, value]],
    ),
  );
  const log = join(folder, `canary-watch-${loaded.plan.service}-${loaded.plan.environment}.log`);
  const pid = await startDetached({
    file: process.execPath,
    args: [entry, 'canary', 'reconcile', '--plan', resolve(context.cwd, planFile), '--until-over'],
    cwd: context.cwd,
    env,
    log,
  });
  context.log.info(`lease of ${loaded.plan.lease / 1000} s, watched by process ${pid}`);
}

/** One line that is renewed on a terminal; in a log one for each new weight and one each half minute. */
function showing(context: Context): (state: CanaryState) => void {
  let saidAt = 0;
  return (state) => {
    const last = state.course.at(-1);
    const rate = ({ requests, errors }: { requests: number; errors: number }) =>
      requests === 0 ? 'no requests' : `${((100 * errors) / requests).toFixed(2)} % of ${requests}`;
    const line = `${state.phase} at ${state.weight} %: canary ${rate(state.inStep.canary)}, baseline ${rate(state.inStep.baseline)}${last === undefined ? '' : `, e-value 10^${last.evidence.toFixed(1)} of 10^${last.threshold.toFixed(1)}`}`;
    context.log.progress(line);
    if (context.terminal.isTerminal || state.beat - saidAt < 30_000) return;
    saidAt = state.beat;
    context.log.info(line);
  };
}

/** Writes what a promotion leaves behind, and says how it ended. */
export async function conclude(
  ending: Ending,
  loaded: LoadedPlan,
  commitTime: string | undefined,
  context: Context,
): Promise<CommandResult> {
  const [{ recordOf, testResult }, { renderCanary }, { renderCanarySummary }, { chartPoints }] =
    await Promise.all([
      import('../deliver/show/record.ts'),
      import('../report/canary.ts'),
      import('../report/canary-summary.ts'),
      import('../deliver/show/chart.ts'),
    ]);
  context.log.progress(null);
  const { state, reason, outcome } = ending;
  const started = new Date(state.startedAt).toISOString().replaceAll(':', '-').slice(0, 19);
  const folder = join(
    context.cwd,
    '.sallyport',
    'runs',
    `canary-${state.service}-${state.environment}-${started}`,
  );
  const points = chartPoints(state);
  const record = recordOf(ending, commitTime === undefined ? null : Date.parse(commitTime));
  const recordText = `${JSON.stringify(record, null, 2)}\n`;
  const job = inAutomation(context.env)
    ? `${context.env.GITHUB_RUN_ID ?? ''}/${context.env.GITHUB_JOB ?? ''}`
    : 'local';
  const summary = [...renderCanarySummary(record, points)];
  const title = `${state.service} → ${state.environment}`;
  await context.files.write(join(folder, 'canary.json'), [recordText]);
  await context.files.write(join(folder, 'summary.md'), summary);
  await context.files.write(join(folder, 'canary.svg'), renderCanary({ title, outcome, reason, points }));
  if (/sha256:[0-9a-f]{64}$/u.test(state.subject)) {
    const statement = testResult(ending, loaded, recordText, job);
    await context.files.write(join(folder, 'canary.intoto.json'), [
      `${JSON.stringify(statement, null, 2)}\n`,
    ]);
  }
  context.out(`${reason}\n`);
  const passed = outcome === 'promoted';
  return {
    exit: passed ? 0 : 1,
    outputs: { decision: passed ? 'passed' : 'failed', outcome, reason, 'report-folder': folder },
    summary,
  };
}
