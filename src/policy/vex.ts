import type { Finding } from '../model/finding.ts';
import { excuses, type VexStatement } from '../model/vex.ts';
import { held } from './chain.ts';
import type { Policy } from './merge.ts';
import { packageAt } from './package-at.ts';

const DAY = 86_400_000;
/** What VEX may speak about. It never lets pass what is banned or malicious. */
const ABOUT: ReadonlySet<string> = new Set(['vulnerable-dependency', 'vulnerability-undecided']);

/** The VEX statements that count at a moment. */
export class Vex {
  readonly #byPackage = new Map<string, { statement: VexStatement; version: string | undefined }[]>();
  readonly #maxDays: number | undefined;

  constructor(statements: readonly VexStatement[], policy: Policy, now: Date) {
    this.#maxDays = held(policy.vexDays);
    for (const statement of statements) {
      if (excuses(statement.status) && this.#isTooOld(statement, now)) continue;
      for (const component of statement.components) {
        const named = packageAt(component);
        if (named === null) continue;
        const known = this.#byPackage.get(named.name) ?? [];
        known.push({ statement, version: named.version });
        this.#byPackage.set(named.name, known);
      }
    }
  }

  /** Who says that a finding does not count, why, and until when; undefined where nobody does. */
  find({ rule, advisory, component }: Finding): string | undefined {
    if (this.#byPackage.size === 0 || advisory === undefined || component === undefined || !ABOUT.has(rule))
      return undefined;
    const found = packageAt(component);
    const names = new Set([advisory.id, ...advisory.aliases]);
    const about = (this.#byPackage.get(found?.name ?? '') ?? []).filter(
      ({ statement, version }) =>
        (version === undefined || version === found?.version) &&
        [statement.vulnerability, ...statement.aliases].some((name) => names.has(name)),
    );
    const latest = about.map(({ statement }) => statement).reduce(later, null);
    return latest !== null && excuses(latest.status) ? this.#words(latest) : undefined;
  }

  #words({ status, author, attestedBy, said, because, path }: VexStatement): string {
    const until =
      this.#maxDays === undefined || said === null
        ? ''
        : `, counts until ${new Date(Date.parse(said) + this.#maxDays * DAY).toISOString().slice(0, 10)}`;
    const when = said === null ? '' : ` on ${said.slice(0, 10)}`;
    const signed = attestedBy === undefined ? '' : `, attested by ${attestedBy}`;
    return `VEX of ${author}${when}${signed} (${path}): ${status}, ${because}${until}`;
  }

  /** Where the policy limits how long one counts, one without a time does not, nor one from the future. */
  #isTooOld({ said }: VexStatement, now: Date): boolean {
    if (this.#maxDays === undefined) return false;
    const age = said === null ? Number.NaN : now.getTime() - Date.parse(said);
    return !(age >= -DAY && age <= this.#maxDays * DAY);
  }
}

/**
 * What was said last counts (OpenVEX, “VEX Documents”): a statement that the vulnerability does concern the component
 * takes an earlier one back. Of two at one time, or without one, that one too.
 */
function later(before: VexStatement | null, next: VexStatement): VexStatement {
  if (before === null) return next;
  const [a, b] = [before, next].map(({ said }) => Date.parse(said ?? ''));
  const order = timeOf(b) - timeOf(a);
  if (order !== 0) return order > 0 ? next : before;
  return excuses(before.status) ? next : before;
}

/** A time that is not told is before all others. */
function timeOf(time: number | undefined): number {
  return time === undefined || Number.isNaN(time) ? 0 : time;
}
