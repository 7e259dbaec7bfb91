import type { Bom, Component, Scope } from '../component.ts';
import type { Json } from '../json/values.ts';
import { VERSION } from '../version.ts';
import {
  DEPRECATED,
  DIRECT,
  HASH,
  HASH_ALGORITHMS,
  INSTALL_SCRIPTS,
  isHashContent,
  ORIGIN,
  PLACES,
  RELEASED,
  ROOT,
  SCOPE,
  UNRESOLVED,
} from './schema.ts';

const scopeFor: Record<Scope, string | undefined> = {
  runtime: 'required',
  optional: 'optional',
  development: 'excluded',
  test: 'excluded',
  unknown: undefined,
};

/** A CycloneDX component, without what `Component.rest` keeps and without those that stand inside it. */
export function renderComponent(component: Component): Json {
  const rendered = renderMembers(component);
  rendered.properties = ownProperties(component);
  return rendered;
}

/** The same without our own properties: what CycloneDX itself has a member for. */
export function renderMembers(component: Component): Json {
  const { type, ref, group, name, version, purl, licenses, hashes, scope, places } = component;
  const rendered: Json = { type, 'bom-ref': ref };
  if (group !== undefined) rendered.group = group;
  rendered.name = name;
  if (version !== undefined) rendered.version = version;
  const standard = scopeFor[scope];
  if (standard !== undefined) rendered.scope = standard;
  const known = hashes.filter(isStandardHash);
  if (known.length > 0)
    rendered.hashes = known.map(({ algorithm, content }) => ({ alg: algorithm, content }));
  if (licenses.length > 0) rendered.licenses = renderLicenses(licenses);
  if (purl !== undefined) rendered.purl = purl;
  if (places.length > 0) {
    const occurrences = places.map(({ path, line }) => ({
      location: path,
      ...(line === undefined ? {} : { line }),
    }));
    rendered.evidence = { occurrences };
  }
  return rendered;
}

/** One expression stands alone; otherwise each is a licence by name: the schema allows no mixture. */
function renderLicenses(licenses: readonly string[]): Json[] {
  const [first] = licenses;
  if (licenses.length === 1 && first !== undefined && isExpression(first)) return [{ expression: first }];
  return licenses.map((name) => ({ license: { name } }));
}

/** Words of an SPDX expression (SPDX 2.3, annex D): ids between operators. */
function isExpression(text: string): boolean {
  const words = text.replaceAll('(', ' ').replaceAll(')', ' ').trim().split(/ +/u);
  return (
    words.every((word, index) =>
      index % 2 === 1 ? word === 'AND' || word === 'OR' || word === 'WITH' : /^[A-Za-z0-9.:+-]+$/u.test(word),
    ) && words.length % 2 === 1
  );
}

function isStandardHash({ algorithm, content }: Component['hashes'][number]): boolean {
  return HASH_ALGORITHMS.has(algorithm) && isHashContent(content);
}

function ownProperties(component: Component): { name: string; value: string }[] {
  const { scope, direct, origin, places, hashes, unresolved, installScripts, deprecated, released } =
    component;
  const properties = [
    { name: SCOPE, value: scope as string },
    { name: DIRECT, value: direct === null ? 'unknown' : String(direct) },
  ];
  const add = (name: string, value: string | boolean | undefined) => {
    if (value !== undefined) properties.push({ name, value: String(value) });
  };
  add(ORIGIN, origin);
  add(UNRESOLVED, unresolved);
  add(INSTALL_SCRIPTS, installScripts);
  add(DEPRECATED, deprecated);
  add(RELEASED, released);
  const exact = places.some(
    ({ column, endLine, endColumn }) => (column ?? endLine ?? endColumn) !== undefined,
  );
  if (exact) add(PLACES, JSON.stringify(places));
  for (const hash of hashes) if (!isStandardHash(hash)) add(HASH, `${hash.algorithm}:${hash.content}`);
  return properties;
}

/** The metadata of a document: who wrote it, and the service that it is about where there is exactly one. */
export function renderMetadata(roots: readonly string[], root: Json | undefined): Json {
  return {
    tools: { components: [{ type: 'application', name: 'sallyport', version: VERSION }] },
    ...(root === undefined ? {} : { component: root }),
    ...(root !== undefined || roots.length === 0
      ? {}
      : { properties: roots.map((ref) => ({ name: ROOT, value: ref })) }),
  };
}

/** Who needs whom, in the order of the Bom. A component without an entry has unknown dependencies. */
export function renderDependencies(bom: Pick<Bom, 'edges'>): { ref: string; dependsOn: string[] }[] {
  return Object.entries(bom.edges).map(([ref, dependsOn]) => ({ ref, dependsOn }));
}
