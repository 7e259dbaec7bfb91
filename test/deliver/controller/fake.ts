import { Interrupted, type Time } from '../../../src/deliver/controller/time.ts';
import type { World } from '../../../src/deliver/controller/world.ts';
import type { Reading } from '../../../src/deliver/metrics/source.ts';
import type { LoadedPlan } from '../../../src/deliver/plan/read.ts';
import { conflict, type StateStore } from '../../../src/deliver/state/store.ts';
import type { Traffic } from '../../../src/deliver/traffic/traffic.ts';
import { SallyportError } from '../../../src/model/error.ts';

const START = 1_700_000_000_000;

/** Time that passes only when everybody sleeps. */
class VirtualTime {
  at = 0;
  #sleepers: { wake: number; resolve: () => void }[] = [];

  time(): Time {
    return {
      now: () => START + this.at,
      monotonic: () => this.at,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted === true) return reject(new Interrupted(String(signal.reason)));
          signal?.addEventListener('abort', () => reject(new Interrupted(String(signal.reason))), {
            once: true,
          });
          this.#sleepers.push({ wake: this.at + ms, resolve });
        }),
    };
  }

  /** Lets time pass until `done`, at most `limit` milliseconds. */
  async run(done: () => boolean, limit: number): Promise<void> {
    const end = this.at + limit;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (done()) return;
      this.#sleepers.sort((a, b) => a.wake - b.wake);
      const next = this.#sleepers[0];
      if (next === undefined || next.wake > end) {
        this.at = end;
        return;
      }
      this.#sleepers.shift();
      this.at = Math.max(this.at, next.wake);
      next.resolve();
    }
  }
}

/** A service with two versions behind a proxy, in virtual time. */
export class FakeService {
  readonly clock = new VirtualTime();
  weight = 0;
  fence = 0;
  fenced = false;
  stored: { version: string; text: string | null } = { version: '0', text: null };
  /** Error rates by time since the start. */
  canaryRate: (at: number) => number = () => 0.001;
  baselineRate: (at: number) => number = () => 0.001;
  requestsPerSecond = 200;
  shifts: { at: number; weight: number }[] = [];
  /** Faults: thrown by the next calls of that part while set. */
  fault: { traffic?: string; store?: string; metrics?: string } = {};
  said: string[] = [];
  readonly loaded: LoadedPlan;

  constructor(loaded: LoadedPlan) {
    this.loaded = loaded;
  }

  get state(): Record<string, unknown> & { phase: string; fence: number; reason: string | null } {
    return JSON.parse(this.stored.text ?? 'null');
  }

  /** The world of one actor; `gate` is passed before and after each call, and may never let it through. */
  world(holder: string, gate: Gate = async () => undefined): World & { armed: number } {
    const part =
      <Args extends unknown[], Result>(name: keyof FakeService['fault'], call: (...args: Args) => Result) =>
      async (...args: Args): Promise<Result> => {
        await gate('before');
        const fault = this.fault[name];
        if (fault !== undefined) throw new SallyportError({ code: 'SP-HTTP', message: fault });
        const result = call(...args);
        await gate('after');
        return result;
      };
    const traffic: Traffic = {
      name: 'fake proxy',
      fenced: this.fenced,
      get: part('traffic', () => this.weight),
      set: part('traffic', (weight: number, fence: number) => {
        if (this.fenced && fence < this.fence)
          throw new SallyportError({
            code: 'SP-CANARY-FENCED',
            message: 'fenced',
            found: String(this.fence),
          });
        this.fence = fence;
        this.weight = weight;
        this.shifts.push({ at: this.clock.at, weight });
      }),
    };
    const store: StateStore = {
      name: 'fake store',
      read: part('store', () => ({ ...this.stored })),
      write: part('store', (text: string, version: string) => {
        if (version !== this.stored.version) throw conflict('fake store');
        this.stored = { version: String(Number(version) + 1), text };
        return this.stored.version;
      }),
    };
    const say = (message: string) => this.said.push(`${this.clock.at} ${holder}: ${message}`);
    const world = {
      loaded: this.loaded,
      subject: 'sha256:22',
      holder,
      traffic,
      store,
      metrics: { read: part('metrics', (from: number, to: number) => this.reading(from, to)) },
      time: this.clock.time(),
      log: { debug: say, info: say, warn: say, error: say, progress: () => undefined },
      signal: new AbortController().signal,
      armed: 0,
      armLease: async () => {
        world.armed += 1;
      },
      unwatched: async () => null,
      changed: () => undefined,
    };
    return world;
  }

  reading(from: number, to: number): Reading {
    const total = Math.round((this.requestsPerSecond * (to - from)) / 1000);
    const toCanary = Math.round((total * this.weight) / 100);
    const at = to - START;
    const arm = (requests: number, rate: number) => ({ requests, errors: Math.round(requests * rate) });
    const look = {
      canary: arm(toCanary, this.canaryRate(at)),
      baseline: arm(total - toCanary, this.baselineRate(at)),
    };
    return { looks: this.loaded.plan.metrics.map(() => [look]), arms: look };
  }
}

export type Gate = (side: 'before' | 'after') => Promise<void>;
