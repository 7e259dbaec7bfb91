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
  /** Milliseconds that a weight may take until it is in force, where another controller shifts; 0 without it. */
  readonly patience?: number;
  /** Why the credential will not last until a rollback, or null. */
  ending?(): string | null;
  /** The fence that the provider keeps, 0 where it has none yet; a new holder begins above it. */
  keptFence?(): Promise<number>;
}

/** Providers round: half a percent is the same. */
export function isInForce(found: number, wanted: number): boolean {
  return Math.abs(found - wanted) <= 0.5;
}

/** Sets and reads back: a proxy that is silent on success is believed only when it says the same. */
export async function setAndVerify(traffic: Traffic, weight: number, fence: number): Promise<void> {
  await traffic.set(weight, fence);
  const found = await traffic.get();
  if (isInForce(found, weight)) return;
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
