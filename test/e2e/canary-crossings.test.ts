import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haproxy as haproxyTraffic } from '../../src/deliver/traffic/haproxy.ts';
import type { ActorTask } from './canary-actor.ts';
import { haproxy, program, service, stopAll, until } from './canary-parts.ts';
import { temporaryFolder } from './support.ts';
import { lacks } from './tools.ts';

/** `CANARY_KILLS=100` for the long form: then every crossing has its turn. */
const KILLS = Number(process.env.CANARY_KILLS ?? 8);
const LANES = 2;
const LEASE = 1_500;
const POLL = LEASE / 4;
/** Lease, poll, propagation, and what a machine under load takes to answer. */
const BOUND = LEASE + POLL + 100 + 1_500;

const PLAN = `version: 1
service: payments
environment: production
look: 200ms
lag: 1ms
propagation: 100ms
lease: ${LEASE}ms
noData: 10s
deadline: 2m
promotion: { floor: 0.05 }
expected: { requestsPerSecond: 600 }
steps:
  - { weight: 20, min: 200ms, max: 60s }
  - { weight: 60, min: 200ms, max: 60s }
metrics:
  - kind: errors
    name: errors
    share: 1
    selectors: { canary: { requests: a, errors: b }, baseline: { requests: c, errors: d } }
prometheus: { url: 'http://127.0.0.1:1' }
traffic: { provider: command, set: [none, '{weight}'], get: [none] }
state: { store: file, path: state }
`;

interface Lane {
  socket: string;
  weight: () => Promise<number>;
}

const actor = new URL('canary-actor.ts', import.meta.url).pathname;

function start(task: Partial<ActorTask> & Pick<ActorTask, 'role' | 'socket' | 'state'>) {
  const whole = { plan: PLAN, stopAt: null, how: 'SIGKILL', ...task };
  return program(process.execPath, [actor, JSON.stringify(whole)]);
}

function phaseIn(state: string): string | null {
  const names = existsSync(state) ? readdirSync(state).filter((name) => name.endsWith('.json')) : [];
  const newest = names.sort().at(-1);
  try {
    return newest === undefined ? null : JSON.parse(readFileSync(join(state, newest), 'utf8')).phase;
  } catch {
    // Superseded and removed between the two.
    return phaseIn(state);
  }
}

const isOver = (state: string) => ['promoted', 'rolled-back'].includes(phaseIn(state) ?? '');

/** The last line that a program wrote, which is its result. */
function resultOf(output: string): { outcome: string; crossings: number; lost: number } {
  return JSON.parse(/\{"outcome".*\}$/u.exec(output)?.[0] ?? '{}');
}

describe.skipIf(lacks('haproxy'))('processes stopped at every crossing into the world', () => {
  let lanes: Lane[] = [];
  let all = 0;

  beforeAll(async () => {
    lanes = await Promise.all(
      Array.from({ length: LANES }, async () => {
        const [one, two] = [await service('1'), await service('2')];
        const { socket } = await haproxy(two.port, one.port);
        const traffic = haproxyTraffic({
          socket,
          backend: 'payments',
          canary: 'canary',
          baseline: 'baseline',
        });
        return { socket, weight: async () => await traffic.get() };
      }),
    );
    const whole = start({ role: 'run', socket: lanes[0]?.socket ?? '', state: temporaryFolder() });
    await whole.ended;
    all = resultOf(whole.output()).crossings;
    expect(all).toBeGreaterThan(50);
    await reset(lanes[0]);
  });
  afterAll(stopAll);

  async function reset(lane: Lane | undefined): Promise<void> {
    if (lane === undefined) return;
    const { socket } = lane;
    await haproxyTraffic({ socket, backend: 'payments', canary: 'canary', baseline: 'baseline' }).set(0, 1);
  }

  /** `turn` with each crossing that has its turn, on all lanes. */
  async function each(count: number, turn: (lane: Lane, stopAt: number) => Promise<void>): Promise<void> {
    await Promise.all(
      lanes.map(async (lane, index) => {
        for (let run = index; run < KILLS; run += LANES) {
          await turn(lane, 1 + (KILLS >= count ? run % count : Math.floor((run * count) / KILLS)));
          await reset(lane);
        }
      }),
    );
  }

  it(
    `SIGKILL of the controller, ${KILLS} times: the weight is 0 within lease + poll + propagation`,
    async () => {
      const took: number[] = [];
      let promoted = 0;
      await each(all, async (lane, stopAt) => {
        const state = temporaryFolder();
        const watching = start({ role: 'watch', socket: lane.socket, state });
        await until('the watcher', () => watching.output().includes('ready'));
        const run = start({ role: 'run', socket: lane.socket, state, stopAt });
        await run.ended;
        const died = Date.now();
        if (phaseIn(state) !== null) {
          await until(`the end of ${stopAt}: ${run.output()}`, () => isOver(state), 15_000);
          const wanted = phaseIn(state) === 'promoted' ? 100 : 0;
          expect([stopAt, await lane.weight()]).toEqual([stopAt, wanted]);
          if (wanted === 0) took.push(Date.now() - died);
          else promoted += 1;
        } else expect([stopAt, await lane.weight()]).toEqual([stopAt, 0]);
        watching.child.kill('SIGKILL');
        await watching.ended;
      });
      process.stdout.write(
        `${KILLS} kills of the controller: ${took.length} rolled back, the longest after ${Math.max(0, ...took)} ms; ${promoted} had been promoted\n`,
      );
      expect(Math.max(0, ...took)).toBeLessThan(BOUND);
    },
    60_000 + KILLS * 8_000,
  );

  it(
    `SIGKILL of the controller, ${KILLS} times: a new one resumes and promotes once, with every count`,
    async () => {
      const outcomes: Record<string, number> = {};
      // The next process must have started before the lease is over.
      const plan = PLAN.replace(`lease: ${LEASE}ms`, 'lease: 30s');
      await each(all, async (lane, stopAt) => {
        const state = temporaryFolder();
        await start({ role: 'run', socket: lane.socket, state, plan, stopAt }).ended;
        if (phaseIn(state) === null || phaseIn(state) === 'promoted') return;
        const next = start({ role: 'resume', socket: lane.socket, state, plan });
        await next.ended;
        const { outcome, lost } = resultOf(next.output());
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        expect([stopAt, lost]).toEqual([stopAt, 0]);
        expect([stopAt, await lane.weight()]).toEqual([stopAt, outcome === 'promoted' ? 100 : 0]);
      });
      process.stdout.write(`after ${KILLS} kills: ${JSON.stringify(outcomes)}\n`);
      expect(outcomes.promoted).toBeGreaterThan(0);
      expect(Object.keys(outcomes).every((one) => one === 'promoted' || one === 'rollback finished')).toBe(
        true,
      );
    },
    60_000 + KILLS * 10_000,
  );

  it(
    `a controller that sleeps through its lease and wakes up, ${KILLS} times: it changes nothing`,
    async () => {
      await each(all, async (lane, stopAt) => {
        const state = temporaryFolder();
        const watching = start({ role: 'watch', socket: lane.socket, state });
        await until('the watcher', () => watching.output().includes('ready'));
        const run = start({ role: 'run', socket: lane.socket, state, stopAt, how: 'SIGSTOP' });
        await Promise.race([
          run.ended,
          until('a state', () => phaseIn(state) !== null, 5_000).catch(() => null),
        ]);
        if (phaseIn(state) !== null) {
          await until(`the end of ${stopAt}`, () => isOver(state), 20_000);
          const ended = phaseIn(state);
          run.child.kill('SIGCONT');
          await run.ended;
          await new Promise((resolve) => setTimeout(resolve, 2 * POLL));
          expect([stopAt, phaseIn(state)]).toEqual([stopAt, ended]);
          expect([stopAt, await lane.weight()]).toEqual([stopAt, ended === 'promoted' ? 100 : 0]);
        }
        for (const { child, ended } of [run, watching]) {
          child.kill('SIGKILL');
          await ended;
        }
      });
    },
    60_000 + KILLS * 12_000,
  );

  it(
    `SIGKILL of the watcher, ${KILLS} times: the next one finishes`,
    async () => {
      const took: number[] = [];
      // A rollback by a watcher has about as many crossings.
      await each(30, async (lane, stopAt) => {
        const state = temporaryFolder();
        await start({ role: 'run', socket: lane.socket, state, stopAt: Math.floor(all / 2) }).ended;
        const first = start({ role: 'watch', socket: lane.socket, state, stopAt });
        await Promise.race([first.ended, until('the end', () => isOver(state), 15_000)]);
        const next = start({ role: 'watch', socket: lane.socket, state });
        await until('the next watcher', () => next.output().includes('ready'));
        const begun = Date.now();
        await until(`the end of ${stopAt}`, () => isOver(state), 15_000);
        took.push(Date.now() - begun);
        expect([stopAt, phaseIn(state), await lane.weight()]).toEqual([stopAt, 'rolled-back', 0]);
        for (const { child, ended } of [first, next]) {
          child.kill('SIGKILL');
          await ended;
        }
      });
      process.stdout.write(
        `${KILLS} kills of the watcher: the next one needed at most ${Math.max(...took)} ms\n`,
      );
      expect(Math.max(...took)).toBeLessThan(BOUND);
    },
    60_000 + KILLS * 8_000,
  );
});
