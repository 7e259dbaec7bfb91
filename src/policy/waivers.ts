import type { AppliedWaiver } from '../model/decision.ts';
import type { Finding } from '../model/finding.ts';
import { nameGlob, pathGlob } from '../model/glob.ts';
import { GATE_STAGE } from '../model/stage.ts';
import { held, type Said } from './chain.ts';
import type { Policy } from './merge.ts';
import { packageAt } from './package-at.ts';
import type { WaiverEntry } from './schema.ts';

const DAY = 86_400_000;

/** A waiver and how it fared. `refused`: it is expired or reaches further ahead than the policy allows. */
interface Tracked {
  said: Said<WaiverEntry>;
  refused: 'expired' | 'too-long' | null;
  used: boolean;
  covers(finding: Finding): boolean;
}

export interface WaiverTrouble {
  said: Said<WaiverEntry>;
  trouble: 'expired' | 'too-long' | 'unused';
}

/** The waivers of a policy at a moment. What the gate itself finds cannot be waived. */
export class Waivers {
  readonly #byFingerprint = new Map<string, Tracked[]>();
  readonly #byPattern: Tracked[] = [];
  readonly #all: Tracked[] = [];

  constructor(policy: Policy, now: Date) {
    const maxDays = held(policy.waiverDays);
    for (const said of policy.waivers) {
      const tracked: Tracked = {
        said,
        refused: refusal(said.value, now, maxDays),
        used: false,
        covers: matcher(said.value),
      };
      this.#all.push(tracked);
      const { fingerprint } = said.value;
      if (fingerprint === undefined) this.#byPattern.push(tracked);
      else this.#byFingerprint.set(fingerprint, [...(this.#byFingerprint.get(fingerprint) ?? []), tracked]);
    }
  }

  /** The first waiver that covers a finding; one that is refused is marked as met and does not cover. */
  find(finding: Finding): AppliedWaiver | undefined {
    if (finding.stage === GATE_STAGE) return undefined;
    let found: Tracked | undefined;
    for (const tracked of [...(this.#byFingerprint.get(finding.fingerprint) ?? []), ...this.#byPattern]) {
      if (!tracked.covers(finding)) continue;
      tracked.used = true;
      if (tracked.refused === null) found ??= tracked;
    }
    if (found === undefined) return undefined;
    const { value, place, layer } = found.said;
    return { owner: value.owner, reason: value.reason, expires: value.expires, place, layer };
  }

  /** Waivers that do not count any more, and, where everything was looked at, those that match nothing. */
  troubles(everythingLookedAt: boolean): WaiverTrouble[] {
    return this.#all.flatMap(({ said, refused, used }): WaiverTrouble[] => {
      if (refused !== null) return [{ said, trouble: refused }];
      return used || !everythingLookedAt ? [] : [{ said, trouble: 'unused' }];
    });
  }
}

/** A waiver counts to the end of its last day, UTC. */
function refusal(waiver: WaiverEntry, now: Date, maxDays: number | undefined): Tracked['refused'] {
  const end = Date.parse(`${waiver.expires}T00:00:00Z`) + DAY;
  if (now.getTime() >= end) return 'expired';
  return maxDays !== undefined && end - now.getTime() > (maxDays + 1) * DAY ? 'too-long' : null;
}

function matcher(waiver: WaiverEntry): (finding: Finding) => boolean {
  if (waiver.fingerprint !== undefined) return (finding) => finding.fingerprint === waiver.fingerprint;
  if (waiver.component !== undefined) return componentMatcher(waiver.component, waiver.advisory ?? '');
  // Rule ids may hold slashes (`zizmor/artipacked`): `*` spans them.
  const rule = nameGlob(waiver.rule ?? '');
  const path = pathGlob(waiver.path ?? '');
  return (finding) =>
    rule(finding.rule) && finding.places.length > 0 && finding.places.every((p) => path(p.path));
}

/** By any name of the vulnerability. What is banned has none, so that no such waiver covers it. */
function componentMatcher(component: string, advisory: string): (finding: Finding) => boolean {
  const wanted = packageAt(component);
  return (finding) => {
    if (finding.advisory === undefined || finding.component === undefined || wanted === null) return false;
    if (![finding.advisory.id, ...finding.advisory.aliases].includes(advisory)) return false;
    const found = packageAt(finding.component);
    return found?.name === wanted.name && (wanted.version === undefined || wanted.version === found.version);
  };
}
