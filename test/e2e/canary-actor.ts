/**
 * A controller or a watcher as a process of its own, on a real HAProxy and a state in real files, that stops itself at
 * its n-th crossing into or out of the world: `node canary-actor.ts JSON`. Counts are made up from the weight in force,
 * so that what is measured is the controller.
 */
import { randomUUID } from 'node:crypto';
import { watch } from '../../src/deliver/controller/reconcile.ts';
import { promote, resume } from '../../src/deliver/controller/run.ts';
import { systemTime } from '../../src/deliver/controller/time.ts';
import type { World } from '../../src/deliver/controller/world.ts';
import { readPlan } from '../../src/deliver/plan/read.ts';
import { fileStore } from '../../src/deliver/state/file-store.ts';
import { haproxy } from '../../src/deliver/traffic/haproxy.ts';
import { stopSignal } from '../../src/platform/signals.ts';

export interface ActorTask {
  role: 'run' | 'resume' | 'watch';
  socket: string;
  state: string;
  plan: string;
  /** The crossing at which it stops, if any, and how. */
  stopAt: number | null;
  how: 'SIGKILL' | 'SIGSTOP';
}

const REQUESTS_A_SECOND = 600;

async function act(task: ActorTask): Promise<void> {
  let crossings = 0;
  const cross = () => {
    crossings += 1;
    if (crossings === task.stopAt) process.kill(process.pid, task.how);
  };
  const gated =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      cross();
      const result = await call(...args);
      cross();
      return result;
    };
  const proxy = haproxy({ socket: task.socket, backend: 'payments', canary: 'canary', baseline: 'baseline' });
  const files = fileStore(task.state);
  const say = (message: string) => void process.stderr.write(`${message}\n`);
  const world: World = {
    loaded: readPlan('canary.yml', task.plan),
    subject: `sha256:${'1'.repeat(64)}`,
    holder: randomUUID(),
    traffic: { ...proxy, get: gated(proxy.get), set: gated(proxy.set) },
    store: { ...files, read: gated(files.read), write: gated(files.write) },
    metrics: {
      read: gated(async (from: number, to: number) => {
        const requests = Math.round((REQUESTS_A_SECOND * (to - from)) / 1000);
        const toCanary = Math.round((requests * (await proxy.get())) / 100);
        const arms = {
          canary: { requests: toCanary, errors: 0 },
          baseline: { requests: requests - toCanary, errors: 0 },
        };
        return { looks: [[arms]], arms };
      }),
    },
    time: systemTime,
    log: { debug: say, info: say, warn: say, error: say, progress: () => undefined },
    signal: stopSignal().signal,
    armLease: async () => undefined,
    unwatched: async () => null,
    changed: () => undefined,
  };
  say('ready');
  if (task.role === 'watch') {
    const sign = { name: 'actor', give: gated(async () => undefined), see: async () => null };
    const { lease } = world.loaded.plan;
    await watch({ ...world, sign, lease, poll: lease / 4 }, true);
  } else {
    const ending = task.role === 'run' ? await promote(world) : await resume(world);
    const points = ending?.state.course.reduce((sum, point) => sum + point.canary.requests, 0) ?? 0;
    const lost = (ending?.state.total.canary.requests ?? 0) - points;
    process.stdout.write(
      JSON.stringify({ outcome: ending?.outcome ?? 'rollback finished', crossings, lost }),
    );
  }
  process.exit(0);
}

await act(JSON.parse(process.argv[2] ?? '') as ActorTask);
