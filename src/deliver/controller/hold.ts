import { SallyportError } from '../../model/error.ts';
import { type CanaryState, parseState } from '../state/state.ts';
import type { StateStore } from '../state/store.ts';

const ATTEMPTS = 5;

/**
 * The state as its holder has it. Every change is a compare-and-swap; a conflict is looked into: an approval that
 * somebody added is taken over, another holder's fence ends it with SP-CANARY-FENCED.
 */
export class Hold {
  readonly #store: StateStore;
  #version: string;
  #state: CanaryState;

  private constructor(store: StateStore, version: string, state: CanaryState) {
    this.#store = store;
    this.#version = version;
    this.#state = state;
  }

  /** Writes a state as its new holder, over what was read. Throws SP-STATE-CONFLICT where somebody was quicker. */
  static async take(store: StateStore, version: string, state: CanaryState): Promise<Hold> {
    return new Hold(store, await store.write(JSON.stringify(state), version), state);
  }

  get state(): CanaryState {
    return this.#state;
  }

  async update(change: Partial<CanaryState>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const next = { ...this.#state, ...change };
      try {
        this.#version = await this.#store.write(JSON.stringify(next), this.#version);
        this.#state = next;
        return;
      } catch (error) {
        if (!(error instanceof SallyportError) || error.code !== 'SP-STATE-CONFLICT' || attempt === ATTEMPTS)
          throw error;
      }
      await this.check();
    }
  }

  /** Reads the state again. Throws SP-CANARY-FENCED where it is not ours any more. */
  async check(): Promise<void> {
    const { version, text } = await this.#store.read();
    const found = text === null ? null : parseState(text);
    const { fence, holder } = this.#state;
    if (found === null || found.fence !== fence || found.holder !== holder) {
      throw new SallyportError({
        code: 'SP-CANARY-FENCED',
        message: 'somebody else has taken over this canary',
        expected: `fence ${fence}`,
        found: found === null ? 'no state' : `fence ${found.fence}, ${found.phase}: ${found.reason ?? ''}`,
      });
    }
    this.#version = version;
    // A write of ours whose answer was lost is newer than what we know; only approvals come from others.
    this.#state = { ...this.#state, approved: found.approved };
  }
}
