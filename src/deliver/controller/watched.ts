import { problemOf, SallyportError } from '../../model/error.ts';
import type { WatchSign } from '../state/sign.ts';
import { secondsText } from './reasons.ts';
import type { Time } from './time.ts';

const PAUSE = 200;

/** How often a watcher looks at the state, in milliseconds, by the lease. */
export function pollOf(lease: number): number {
  return Math.max(100, Math.min(5_000, lease / 4));
}

/**
 * Whether somebody watches the lease. What counts is a sign that changes on this process's own monotonic clock, not the
 * time that is written in it: an old sign may be of a watcher that is gone.
 */
export class Watched {
  readonly #sign: WatchSign;
  readonly #time: Time;
  #last: string | null = null;
  #changed: number;
  #problem = 'no sign was ever given';

  constructor(sign: WatchSign, time: Time) {
    this.#sign = sign;
    this.#time = time;
    this.#changed = time.monotonic();
  }

  /** Waits until the sign changes, at most `limit` milliseconds. Throws SP-CANARY-UNWATCHED, Interrupted. */
  async arrive(limit: number, signal: AbortSignal): Promise<void> {
    const started = this.#time.monotonic();
    await this.#see();
    const seen = this.#changed;
    for (;;) {
      await this.#time.sleep(PAUSE, signal);
      await this.#see();
      if (this.#last !== null && this.#changed > seen) return;
      if (this.#time.monotonic() - started <= limit) continue;
      throw new SallyportError({
        code: 'SP-CANARY-UNWATCHED',
        message: 'nobody would set the weight back if this controller died; no traffic was moved',
        expected: `a sign of ${this.#sign.name} within ${secondsText(limit)}`,
        found: this.#last === null ? this.#problem : 'a sign that did not change',
        next: 'see that sallyport canary reconcile runs by this plan',
      });
    }
  }

  /** Why nobody watches any more, or null: the sign has not changed for `limit` milliseconds. */
  async gone(limit: number): Promise<string | null> {
    await this.#see();
    const silent = this.#time.monotonic() - this.#changed;
    if (silent <= limit) return null;
    return `${this.#sign.name} gave no sign for ${secondsText(silent)}: nobody would set the weight back`;
  }

  async #see(): Promise<void> {
    try {
      const now = await this.#sign.see();
      if (now === null || now === this.#last) return;
      this.#last = now;
      this.#changed = this.#time.monotonic();
    } catch (error) {
      this.#problem = problemOf(error).message;
    }
  }
}
