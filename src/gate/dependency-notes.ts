import type { Bom } from '../model/component.ts';
import type { Finding } from '../model/finding.ts';
import type { ScanReport } from '../model/report.ts';
import { diffBoms } from '../sbom/diff.ts';
import { packageOfPurl, parseLenientPurl } from '../versions/purl.ts';

const SHOWN = 8;
const LOOKED_UP = new Set(['vulnerable-dependency', 'malicious-package', 'vulnerability-undecided']);

/**
 * What a change does to the dependencies, one line a package that it moves: `axios 1.6.0 -> 1.7.4 removes 3, brings 0`.
 * Advisories are counted by vulnerability. Empty where there is no base, or one side has no bill of materials.
 */
export function dependencyNotes(head: readonly ScanReport[], base: readonly ScanReport[] | null): string[] {
  const [before, after] = [bomOf(base ?? []), bomOf(head)];
  if (before === undefined || after === undefined) return [];
  const [gone, come] = [advisoriesByPackage(base ?? []), advisoriesByPackage(head)];
  const looked = [head, base ?? []].every((side) => side.some(lookedUp));
  const lines = diffBoms(before, after)
    .filter(({ change }) => ['added', 'removed', 'upgraded', 'downgraded', 'changed'].includes(change))
    .map((one) => {
      const [old, now] = [gone.get(one.package), come.get(one.package)].map(
        (ids) => ids ?? new Set<string>(),
      );
      const removes = [...(old ?? [])].filter((id) => now?.has(id) !== true).length;
      const brings = [...(now ?? [])].filter((id) => old?.has(id) !== true).length;
      const versions =
        one.before === null
          ? `${one.after || 'without a version'} is new`
          : one.after === null
            ? `${one.before || 'without a version'} is gone`
            : `${one.before} -> ${one.after}`;
      const weight = removes + brings;
      const name = shortName(one.package);
      const moved = one.before !== null && one.after !== null;
      const told =
        looked && (moved || weight > 0) ? `${moved ? ' ' : ': '}removes ${removes}, brings ${brings}` : '';
      return { weight, brings, moved, isNew: one.before === null, text: `${name} ${versions}${told}` };
    });
  const worth = lines
    .filter(({ moved, weight }) => moved || weight > 0)
    .toSorted((a, b) => b.brings - a.brings || b.weight - a.weight);
  const shown = worth.slice(0, SHOWN);
  const rest = lines.filter((line) => !shown.includes(line));
  return [...shown.map(({ text }) => `dependencies: ${text}`), ...restOf(rest)];
}

function restOf(rest: readonly { moved: boolean; isNew: boolean }[]): string[] {
  if (rest.length === 0) return [];
  const moved = rest.filter((one) => one.moved).length;
  const added = rest.filter((one) => !one.moved && one.isNew).length;
  const gone = rest.length - moved - added;
  const parts = [
    ...(moved > 0 ? [`${moved} more in another version`] : []),
    ...(added > 0 ? [`${added} new`] : []),
    ...(gone > 0 ? [`${gone} gone`] : []),
  ];
  return [`dependencies: ${parts.join(', ')} (sallyport sbom diff tells them)`];
}

function bomOf(reports: readonly ScanReport[]): Bom | undefined {
  return reports.find(({ stage, bom }) => stage === 'dependencies' && bom !== undefined)?.bom;
}

/** Whether advisories were looked for at all: else nothing brings any, and that would say nothing. */
function lookedUp({ stage, engine, state }: ScanReport): boolean {
  return stage === 'dependencies' && engine.data !== undefined && (state === 'clean' || state === 'findings');
}

/** The vulnerabilities of each package, whatever its version. */
function advisoriesByPackage(reports: readonly ScanReport[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const finding of reports.flatMap(({ findings }) => findings)) {
    const name = packageOf(finding);
    if (name === null || finding.advisory === undefined || !LOOKED_UP.has(finding.rule)) continue;
    found.set(name, (found.get(name) ?? new Set()).add(finding.advisory.id));
  }
  return found;
}

function packageOf({ component }: Finding): string | null {
  if (component === undefined) return null;
  try {
    return packageOfPurl(parseLenientPurl(component));
  } catch {
    // A purl that cannot be read belongs to no package of the difference.
    return null;
  }
}

function shortName(packagePurl: string): string {
  try {
    const { namespace, name } = parseLenientPurl(packagePurl);
    return namespace === undefined ? name : `${namespace}/${name}`;
  } catch {
    return packagePurl;
  }
}
