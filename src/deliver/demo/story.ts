import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { watch } from '../controller/reconcile.ts';
import { promote } from '../controller/run.ts';
import { systemTime } from '../controller/time.ts';
import type { Ending, World } from '../controller/world.ts';
import type { MetricSource } from '../metrics/source.ts';
import { readPlan } from '../plan/read.ts';
import { fileStore } from '../state/file-store.ts';
import type { CanaryState } from '../state/state.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { type DemoService, type ProxyCounters, startProxy, startService, startUsers } from './parts.ts';

/** Looks of half a second instead of ten: the time is short, nothing else is different. */
const PLAN = `version: 1
service: payments
environment: demo
look: 500ms
lag: 1ms
propagation: 500ms
lease: 3s
noData: 5s
deadline: 60s
alpha: 0.01
promotion: { ratio: 2, floor: 0.02, beta: 0.01 }
expected: { requestsPerSecond: 300 }
steps:
  - { weight: 10, min: 2s, max: 20s }
  - { weight: 50, min: 2s, max: 30s }
metrics:
  - kind: errors
    name: errors
    share: 1
    selectors:
      canary: { requests: canary, errors: canary_errors }
      baseline: { requests: baseline, errors: baseline_errors }
prometheus: { url: 'http://127.0.0.1' }
traffic: { provider: command, set: [none], get: [none] }
state: { store: file, path: state }
`;

const REQUESTS_A_SECOND = 300;
const TIMEOUT = 2_000;

export interface CanaryStory {
  broken: Ending;
  good: Ending;
}

/**
 * Two real services behind a real weighted proxy with counters. Version 2 breaks after a while and is rolled back;
 * version 3 is good and gets all of the traffic. Everything is on 127.0.0.1 and gone afterwards.
 */
export async function playCanary(context: Context, say: (line: string) => void): Promise<CanaryStory> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-canary-'));
  const one = await startService('1');
  const two = await startService('2');
  try {
    say('version 1 serves everybody; version 2 comes, and breaks after about three seconds');
    const breaking = setTimeout(() => two.failing(0.08), 3_500);
    const broken = await act(one, two, join(folder, 'first'), `sha256:${'2'.repeat(64)}`, context, say);
    clearTimeout(breaking);
    say('the repaired version 3');
    two.failing(0);
    const good = await act(one, two, join(folder, 'second'), `sha256:${'3'.repeat(64)}`, context, say);
    return { broken, good };
  } finally {
    one.close();
    two.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function act(
  one: DemoService,
  two: DemoService,
  folder: string,
  subject: string,
  context: Context,
  say: (line: string) => void,
): Promise<Ending> {
  const proxy = await startProxy(one.port, two.port);
  const users = startUsers(proxy.port, REQUESTS_A_SECOND);
  const stop = new AbortController();
  const store = fileStore(folder);
  const loaded = readPlan('the demo’s plan', PLAN);
  const quiet = { ...context.log, info: () => undefined, warn: () => undefined };
  const traffic = proxyTraffic(proxy.url);
  const metrics = await proxyCounters(proxy.url);
  let shown = -1;
  const world: World = {
    loaded,
    subject,
    holder: randomUUID(),
    traffic,
    store,
    metrics,
    time: systemTime,
    log: quiet,
    signal: stop.signal,
    armLease: async () => {
      const { lease } = loaded.plan;
      void watch(
        {
          store,
          traffic,
          time: systemTime,
          log: quiet,
          holder: 'watch',
          lease,
          poll: 500,
          signal: stop.signal,
          // The watcher lives in this very process.
          sign: { name: 'the demo', give: async () => undefined, see: async () => 'here' },
        },
        false,
      );
    },
    unwatched: async () => null,
    changed: (state) => {
      context.log.progress(lineOf(state));
      if (state.settled === null || shown === state.weight) return;
      shown = state.weight;
      say(`  ${state.weight} % of the traffic`);
    },
  };
  try {
    // The baseline's counters must have grown before there is anything to compare with.
    await systemTime.sleep(500);
    const ending = await promote(world);
    context.log.progress(null);
    say(`  ${ending.reason}`);
    return ending;
  } finally {
    stop.abort('the act is over');
    users.close();
    proxy.close();
  }
}

function lineOf(state: CanaryState): string {
  const { canary, baseline } = state.inStep;
  const last = state.course.at(-1);
  return `${state.weight} %: canary ${canary.errors} errors of ${canary.requests}, baseline ${baseline.errors} of ${baseline.requests}${last === undefined ? '' : `, e-value 10^${last.evidence.toFixed(1)}, rolls back at 10^${last.threshold.toFixed(1)}`}`;
}

function proxyTraffic(url: string): Traffic {
  return {
    name: 'the demo’s proxy',
    fenced: false,
    get: async () => Number(await ask(`${url}/-/weight`, 'GET')),
    set: async (weight) => {
      await ask(`${url}/-/weight/${weight}`, 'PUT');
    },
  };
}

/** The proxy's counters, by difference from one look to the next: nobody else reads them, so no series is lost. */
async function proxyCounters(url: string): Promise<MetricSource> {
  const now = async () => JSON.parse(await ask(`${url}/-/counters`, 'GET')) as ProxyCounters;
  let before = await now();
  return {
    read: async () => {
      const counters = await now();
      const grown = (arm: 'canary' | 'baseline') => ({
        requests: counters[arm].requests - before[arm].requests,
        // An error is counted after its request: it may fall into the next look, which has its own request less.
        errors: Math.min(
          counters[arm].errors - before[arm].errors,
          counters[arm].requests - before[arm].requests,
        ),
      });
      const arms = { canary: grown('canary'), baseline: grown('baseline') };
      before = counters;
      return { looks: [[arms]], arms };
    },
  };
}

async function ask(url: string, method: string): Promise<string> {
  const answer = await fetch(url, { method, signal: AbortSignal.timeout(TIMEOUT) });
  if (answer.ok) return await answer.text();
  throw new SallyportError({
    code: 'SP-HTTP',
    message: 'the demo’s proxy refused',
    found: `HTTP ${answer.status}`,
  });
}
