import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { haproxy as haproxyTraffic } from '../../src/deliver/traffic/haproxy.ts';
import { haproxy, load, program, prometheus, service, stopAll, until } from './canary-parts.ts';
import { project, temporaryFolder } from './support.ts';
import { lacks } from './tools.ts';

afterEach(stopAll);

/** `CANARY_KILLS=100` for the long form. */
const KILLS = Number(process.env.CANARY_KILLS ?? 12);
const LANES = 4;
const LEASE = 2_000;
/** Lease, poll, propagation, and what a machine under load takes to start and to answer. */
const BOUND = LEASE + 500 + 500 + 1_500;

interface Lane {
  folder: string;
  plan: string;
  weight: () => Promise<number>;
}

async function lanes(): Promise<Lane[]> {
  const made = await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const [one, two] = [await service(`1-${lane}`), await service(`2-${lane}`)];
      const proxy = await haproxy(two.port, one.port);
      load(proxy.port, 100);
      return { lane, one, two, proxy };
    }),
  );
  const targets = made.flatMap(({ lane, one, two }) => [
    [`one${lane}`, `127.0.0.1:${one.port}`],
    [`two${lane}`, `127.0.0.1:${two.port}`],
  ]);
  const url = await prometheus(Object.fromEntries(targets));
  await until('the counters', async () => {
    const query = 'query=count(count_over_time(http_requests_total{version=~"1-.*"}[10s]) > 4)';
    const answer = await fetch(`${url}/api/v1/query?${encodeURI(query)}`);
    return (await answer.text()).includes(`"${LANES}"`);
  });
  return made.map(({ lane, proxy }) => {
    const arm = (version: string) =>
      `{ requests: 'http_requests_total{version="${version}"}', errors: 'http_requests_total{version="${version}",code="500"}' }`;
    const plan = `version: 1
service: payments
environment: production
look: 500ms
lag: 700ms
propagation: 500ms
lease: ${LEASE}ms
noData: 10s
deadline: 3m
promotion: { floor: 0.05 }
expected: { requestsPerSecond: 100 }
steps:
  - { weight: 20, min: 1s, max: 60s }
  - { weight: 60, min: 1s, max: 60s }
metrics:
  - kind: errors
    name: errors
    share: 1
    selectors: { canary: ${arm(`2-${lane}`)}, baseline: ${arm(`1-${lane}`)} }
prometheus: { url: '${url}', scrapeInterval: 500ms }
traffic: { provider: haproxy, socket: '${proxy.socket}', backend: payments, canary: canary, baseline: baseline }
state: { store: file, path: state }
`;
    const traffic = haproxyTraffic({
      socket: proxy.socket,
      backend: 'payments',
      canary: 'canary',
      baseline: 'baseline',
    });
    return { folder: temporaryFolder(), plan, weight: async () => await traffic.get() };
  });
}

function phase(folder: string): string | null {
  const states = join(folder, 'state');
  const newest = existsSync(states)
    ? readdirSync(states)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .at(-1)
    : undefined;
  return newest === undefined ? null : JSON.parse(readFileSync(join(states, newest), 'utf8')).phase;
}

/** Runs, kills after `after` milliseconds; gives how long it took until the weight was 0, or what it ended as. */
async function killOnce(
  lane: Lane,
  run: number,
  after: number,
): Promise<{ phase: string | null; took: number }> {
  const folder = join(lane.folder, String(run));
  mkdirSync(folder);
  writeFileSync(join(folder, 'canary.yml'), lane.plan);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const bin = join(project, 'bin', 'sallyport.cjs');
  const args = ['canary', 'run', '--subject', `sha256:${'a'.repeat(64)}`];
  const started = program(process.execPath, [bin, ...args], { cwd: folder, env });
  await Promise.race([new Promise((resolve) => setTimeout(resolve, after)), started.ended]);
  started.child.kill('SIGKILL');
  const killed = Date.now();
  await started.ended;
  const over = () =>
    phase(folder) === null || phase(folder) === 'promoted' || phase(folder) === 'rolled-back';
  await until(`the end of run ${run}: ${started.output()}`, over, 20_000);
  const ended = phase(folder);
  const wanted = ended === 'promoted' ? 100 : 0;
  await until('the weight', async () => (await lane.weight()) === wanted, 5_000);
  const took = Date.now() - killed;
  if (wanted === 100) {
    const { socket = '' } = /socket: '(?<socket>[^']+)'/u.exec(lane.plan)?.groups ?? {};
    await haproxyTraffic({ socket, backend: 'payments', canary: 'canary', baseline: 'baseline' }).set(0, 1);
  }
  return { phase: ended, took };
}

describe.skipIf(lacks('haproxy', 'prometheus'))(`a controller killed with SIGKILL ${KILLS} times`, () => {
  it(
    'the weight is back at 0 within the bound each time',
    async () => {
      const all = await lanes();
      const results: { phase: string | null; took: number }[] = [];
      await Promise.all(
        all.map(async (lane, index) => {
          for (let run = index; run < KILLS; run += LANES)
            results.push(await killOnce(lane, run, 300 + (9_000 * run) / KILLS));
        }),
      );
      const rolledBack = results.filter((one) => one.phase === 'rolled-back').map(({ took }) => took);
      const other = (name: string | null) => results.filter((one) => one.phase === name).length;
      process.stdout.write(
        `${results.length} kills: ${rolledBack.length} rolled back (longest ${Math.max(0, ...rolledBack)} ms), ${other('promoted')} had been promoted, ${other(null)} had not begun\n`,
      );
      expect(rolledBack.length).toBeGreaterThan(0);
      for (const took of rolledBack) expect(took).toBeLessThan(BOUND);
    },
    60_000 + KILLS * 8_000,
  );
});
