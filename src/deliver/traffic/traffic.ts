import { SallyportError } from '../../model/error.ts';

/** What shifts traffic between baseline and canary. A provider is one file and one line in the registry. */
export interface Traffic {
  /** For messages: `HAProxy backend payments`. */
  readonly name: string;
  /** Percent of the traffic that is sent to the canary, as the provider itself says. Throws SP-TRAFFIC, SP-HTTP, ... */
  get(): Promise<number>;
  /**
   * Sets percent of the canary. Idempotent. Where the provider can keep a fence beside the weight, a lower one than the
   * one kept is refused with SP-CANARY-FENCED, so that a controller that wakes up late changes nothing.
   */
  set(weight: number, fence: number): Promise<void>;
  /** Whether `set` itself refuses an old fence. Where not, the controller asks the state first. */
  readonly fenced: boolean;
  /** The fence that the provider keeps, 0 where it has none yet; a new holder begins above it. */
  keptFence?(): Promise<number>;
}

/** Sets and reads back: a proxy that is silent on success is believed only when it says the same. */
export async function setAndVerify(traffic: Traffic, weight: number, fence: number): Promise<void> {
  await traffic.set(weight, fence);
  const found = await traffic.get();
  if (Math.abs(found - weight) <= 0.5) return;
  throw new SallyportError({
    code: 'SP-TRAFFIC',
    message: `${traffic.name} did not take the weight`,
    expected: `${weight} %`,
    found: `${found} %`,
  });
}

export function trafficProblem(name: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-TRAFFIC',
    message: `${name} cannot be used`,
    expected,
    found: found.trim().slice(0, 300),
  });
}
