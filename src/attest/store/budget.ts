import { SallyportError } from '../../model/error.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';

/** All signatures of one thing together, and the time that a store may take to give them. */
const BYTES = 256 * 1024 * 1024;
const MINUTES = 5;
/** Milliseconds for one request. */
const REQUEST = 30_000;

/**
 * What looking for the signatures of one thing may cost. Each of them is bounded by itself; a thousand that are as large
 * and as slow as they may be would still fill the memory and take a day.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #until: number;
  #left = BYTES;

  /** The time counts from now on. */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#until = clock.now().getTime() + MINUTES * 60_000;
  }

  /** Counts bytes that were read. Throws SP-STORE-LIMIT. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0)
      throw exceeded(
        'the signatures of one thing are too large together',
        `at most ${BYTES} bytes`,
        'more than that',
      );
  }

  /** Milliseconds that the next request may take. Throws SP-STORE-LIMIT where no time is left. */
  timeout(): number {
    const left = this.#until - this.#clock.now().getTime();
    if (left > 0) return Math.min(left, REQUEST);
    throw exceeded(
      'the store takes too long to give the signatures of one thing',
      `at most ${MINUTES} minutes`,
      'more than that',
    );
  }
}

function exceeded(message: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-STORE-LIMIT',
    message,
    expected,
    found,
    next: 'name the bundles that count by themselves: sallyport verify --bundle FILE',
  });
}
