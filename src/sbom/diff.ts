import type { Bom, Component } from '../model/component.ts';
import { isObject, objectsOf, textOf } from '../model/json/values.ts';
import { packageOfPurl, parseLenientPurl } from '../versions/purl.ts';
import { schemeOfPurlType } from '../versions/registry.ts';
import type { Scheme } from '../versions/version.ts';
import { Reverse } from './paths.ts';

export const changes = [
  'added',
  'removed',
  'upgraded',
  'downgraded',
  'changed',
  'licence',
  'source',
] as const;

/** One difference. `upgraded` and `downgraded` by the ecosystem's order; `changed` where no order can tell. */
export interface Difference {
  change: (typeof changes)[number];
  /** The purl without a version, or the name. */
  package: string;
  before: string | null;
  after: string | null;
  /** The first number of the version is another. */
  major: boolean;
  scope: string;
  direct: boolean | null;
  /** A shortest way from a root, on the side where it is (after, where it is on both). */
  path: string[];
}

/** What of B is not as in A. Roots are left out: a service is no dependency of itself. */
export function diffBoms(a: Bom, b: Bom): Difference[] {
  const [before, after] = [grouped(a), grouped(b)];
  const [waysA, waysB] = [new Reverse(a), new Reverse(b)];
  const found: Difference[] = [];
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const olds = before.get(name) ?? [];
    const news = after.get(name) ?? [];
    const scheme = schemeOf(name);
    const versions = (list: readonly Component[]): Set<string> =>
      new Set(list.map((one) => one.version ?? ''));
    const [oldVersions, newVersions] = [versions(olds), versions(news)];
    const gone = sorted(
      olds.filter((one) => !newVersions.has(one.version ?? '')),
      scheme,
    );
    const come = sorted(
      news.filter((one) => !oldVersions.has(one.version ?? '')),
      scheme,
    );
    const pairs = Math.max(gone.length, come.length);
    for (let at = 0; at < pairs; at++) {
      const [old, now] = [gone[at], come[at]];
      const path =
        now !== undefined ? waysB.shortest(now.ref) : old === undefined ? null : waysA.shortest(old.ref);
      found.push(difference(name, old, now, changeOf(old, now, scheme), path));
      if (old !== undefined && now !== undefined) found.push(...details(name, old, now, path));
    }
    for (const old of olds) {
      const now = news.find((one) => one.version === old.version);
      if (now !== undefined) found.push(...details(name, old, now, waysB.shortest(now.ref)));
    }
  }
  return found;
}

function grouped(bom: Bom): Map<string, Component[]> {
  const roots = new Set(bom.roots);
  const found = new Map<string, Component[]>();
  for (const component of bom.components) {
    if (roots.has(component.ref)) continue;
    const name = packageName(component);
    const known = found.get(name);
    if (known === undefined) found.set(name, [component]);
    else known.push(component);
  }
  return found;
}

/** The purl without version; the name where there is no purl that can be read. */
export function packageName(component: Component): string {
  try {
    if (component.purl !== undefined) return packageOfPurl(parseLenientPurl(component.purl));
  } catch {
    // A purl that cannot be read is no name to go by.
  }
  return component.group === undefined ? component.name : `${component.group}/${component.name}`;
}

function schemeOf(name: string): Scheme | undefined {
  const type = /^pkg:([^/]+)\//u.exec(name)?.[1];
  return type === undefined ? undefined : schemeOfPurlType(type);
}

function order(a: string, b: string, scheme: Scheme | undefined): number | null {
  if (scheme === undefined) return null;
  try {
    return scheme.compare(scheme.parse(a), scheme.parse(b));
  } catch {
    return null;
  }
}

function sorted(list: readonly Component[], scheme: Scheme | undefined): Component[] {
  // Texts decide where the order does not know: the outcome must not hang on the order of the document.
  return list.toSorted((a, b) => {
    const [x, y] = [a.version ?? '', b.version ?? ''];
    return order(x, y, scheme) || (x < y ? -1 : x > y ? 1 : 0);
  });
}

function changeOf(
  old: Component | undefined,
  now: Component | undefined,
  scheme: Scheme | undefined,
): Difference['change'] {
  if (old === undefined) return 'added';
  if (now === undefined) return 'removed';
  const way = order(old.version ?? '', now.version ?? '', scheme);
  return way === null || way === 0 ? 'changed' : way < 0 ? 'upgraded' : 'downgraded';
}

function difference(
  name: string,
  old: Component | undefined,
  now: Component | undefined,
  change: Difference['change'],
  path: string[] | null,
  said?: { before: string; after: string },
): Difference {
  const here = now ?? old;
  const numbers = [old, now].map((one) => /\d+/u.exec(one?.version ?? '')?.[0]);
  return {
    change,
    package: name,
    before: said?.before ?? (old === undefined ? null : (old.version ?? '')),
    after: said?.after ?? (now === undefined ? null : (now.version ?? '')),
    major: said === undefined && old !== undefined && now !== undefined && numbers[0] !== numbers[1],
    scope: here?.scope ?? 'unknown',
    direct: here?.direct ?? null,
    path: path ?? [],
  };
}

/** Another licence or another source under the same name. Silence on one side is no change. */
function details(name: string, old: Component, now: Component, path: string[] | null): Difference[] {
  const found: Difference[] = [];
  const [oldLicence, newLicence] = [old, now].map((one) => one.licenses.toSorted().join(', '));
  if (oldLicence && newLicence && oldLicence !== newLicence)
    found.push(difference(name, old, now, 'licence', path, { before: oldLicence, after: newLicence }));
  const [oldHost, newHost] = [old, now].map(sourceHost);
  if (oldHost && newHost && oldHost !== newHost)
    found.push(difference(name, old, now, 'source', path, { before: oldHost, after: newHost }));
  return found;
}

function sourceHost(component: Component): string {
  const references = isObject(component.rest) ? objectsOf(component.rest.externalReferences) : [];
  const address = references
    .filter((one) => one.type === 'distribution' || one.type === 'vcs')
    .map((one) => textOf(one.url))[0];
  return /^[a-z+]+:\/\/(?:[^@/]+@)?([^/?#]+)/u.exec(address ?? '')?.[1] ?? '';
}
