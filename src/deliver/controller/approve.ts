import { problemOf, SallyportError } from '../../model/error.ts';
import type { LoadedPlan } from '../plan/read.ts';
import { isOver, parseState } from '../state/state.ts';
import type { StateStore } from '../state/store.ts';

const ATTEMPTS = 10;

/** Approves the step after the present one; gives its weight. Throws SP-CANARY-NOTHING where none waits. */
export async function approve(loaded: LoadedPlan, store: StateStore): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const { version, text } = await store.read();
    const state = text === null ? null : parseState(text);
    const next = (state?.step ?? 0) + 1;
    const step = loaded.plan.steps[next];
    if (state === null || isOver(state.phase) || state.plan !== loaded.sha256 || step?.approval !== true) {
      throw new SallyportError({
        code: 'SP-CANARY-NOTHING',
        message: 'there is no step to approve',
        expected: 'a promotion by this plan whose next step has `approval: true`',
        found:
          state === null
            ? 'no state'
            : `${state.phase}, step ${state.step + 1} of ${loaded.plan.steps.length}`,
      });
    }
    if (state.approved.includes(next)) return step.weight;
    try {
      await store.write(JSON.stringify({ ...state, approved: [...state.approved, next] }), version);
      return step.weight;
    } catch (error) {
      if (problemOf(error).code !== 'SP-STATE-CONFLICT' || attempt === ATTEMPTS) throw error;
    }
  }
}
