import type { Log } from '../../platform/log.ts';
import type { MetricSource } from '../metrics/source.ts';
import type { LoadedPlan } from '../plan/read.ts';
import type { CanaryState } from '../state/state.ts';
import type { StateStore } from '../state/store.ts';
import type { Traffic } from '../traffic/traffic.ts';
import type { Time } from './time.ts';

/** Everything that a controller touches. */
export interface World {
  loaded: LoadedPlan;
  /** What is promoted: `NAME@sha256:HEX` or `sha256:HEX`. */
  subject: string;
  /** Unlike that of any other controller. */
  holder: string;
  traffic: Traffic;
  store: StateStore;
  metrics: MetricSource;
  time: Time;
  log: Log;
  /** Given at SIGINT and SIGTERM. */
  signal: AbortSignal;
  /**
   * Starts what sets the weight back should this process die, and waits for its sign. Called before any traffic moves.
   * Throws SP-CANARY-UNWATCHED.
   */
  armLease(): Promise<void>;
  /** Why nobody would set the weight back any more, or null. Asked at each look. */
  unwatched(): Promise<string | null>;
  /** Told after each look and each change of weight. */
  changed(state: CanaryState): void;
}

export interface Ending {
  outcome: 'promoted' | 'rolled-back' | 'held' | 'taken-over';
  /** One sentence. */
  reason: string;
  state: CanaryState;
}
