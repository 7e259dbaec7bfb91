import { problemOf } from '../../model/error.ts';

/** Something that ends: `expires` in milliseconds since 1970, null where nobody knows of an end. */
export interface Issued<T> {
  value: T;
  expires: number | null;
}

/** How long before its end another one is asked for; never more than half of its life. */
const AHEAD = 15 * 60_000;
/** How long a failed try is not repeated. */
const PAUSE = 10_000;

/**
 * A credential that is renewed long before its end, so that a rollback never waits for a new one. Where that fails, the
 * old one is used while it lasts, and `ending` tells it in time for a rollback.
 */
export class Renewing<T> {
  readonly #name: string;
  readonly #issue: () => Promise<Issued<T>>;
  readonly #now: () => number;
  readonly #each: boolean;
  #held: (Issued<T> & { ahead: number }) | null = null;
  #tried = Number.NEGATIVE_INFINITY;
  #problem: string | null = null;

  /** With `each`, the source is asked each time: it costs nothing, and somebody else renews it. */
  constructor(name: string, issue: () => Promise<Issued<T>>, now: () => number, each = false) {
    this.#name = name;
    this.#issue = issue;
    this.#now = now;
    this.#each = each;
  }

  /** The credential of now. Throws what its source throws where there is none that still holds. */
  async get(): Promise<T> {
    const now = this.#now();
    const held = this.#held;
    if (held !== null && !this.#each) {
      const left = held.expires === null ? Number.POSITIVE_INFINITY : held.expires - now;
      if (left > held.ahead || (left > 0 && now - this.#tried < PAUSE)) return held.value;
    }
    this.#tried = now;
    try {
      const issued = await this.#issue();
      // The same one again has not begun a new life.
      const ahead =
        issued.expires === null
          ? 0
          : held !== null && held.expires === issued.expires
            ? held.ahead
            : Math.min(AHEAD, (issued.expires - now) / 2);
      this.#held = { ...issued, ahead };
      this.#problem = null;
      return issued.value;
    } catch (error) {
      if (held === null || (held.expires !== null && held.expires <= now)) throw error;
      this.#problem = problemOf(error).message;
      return held.value;
    }
  }

  /** Why the credential will not be there for a later rollback, or null. */
  ending(): string | null {
    const held = this.#held;
    if (held === null || held.expires === null) return null;
    const left = held.expires - this.#now();
    if (left > held.ahead / 2) return null;
    const why = this.#problem === null ? '' : `: ${this.#problem}`;
    return `${this.#name} ends in ${Math.max(0, Math.round(left / 1000))} s and could not be renewed${why}`;
  }
}
