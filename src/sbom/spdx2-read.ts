import type { Bom, Component, Scope } from '../model/component.ts';
import { SallyportError } from '../model/error.ts';
import { isObject, type Json, objectsOf, put, stringsOf, textOf } from '../model/json/values.ts';
import { combined } from './lockfiles/scopes.ts';

const MAX_PACKAGES = 500_000;

/** `A X B` as edge from needing to needed, with the scope that the relation tells. */
const FORWARD: Readonly<Record<string, Scope>> = {
  DEPENDS_ON: 'runtime',
  CONTAINS: 'runtime',
  HAS_PREREQUISITE: 'runtime',
};
const BACKWARD: Readonly<Record<string, Scope>> = {
  DEPENDENCY_OF: 'runtime',
  CONTAINED_BY: 'runtime',
  PREREQUISITE_FOR: 'runtime',
  RUNTIME_DEPENDENCY_OF: 'runtime',
  PROVIDED_DEPENDENCY_OF: 'development',
  BUILD_DEPENDENCY_OF: 'development',
  DEV_DEPENDENCY_OF: 'development',
  OPTIONAL_DEPENDENCY_OF: 'optional',
  TEST_DEPENDENCY_OF: 'test',
};

const KNOWN = new Set([
  'spdxVersion',
  'dataLicense',
  'SPDXID',
  'name',
  'documentNamespace',
  'creationInfo',
  'packages',
  'relationships',
  'documentDescribes',
]);

/** Reads SPDX 2.2 and 2.3 JSON (https://spdx.github.io/spdx-spec/v2.3/). Throws SP-SBOM-SHAPE. */
export function readSpdx2(
  document: Json,
  path: string,
): { bom: Bom; created: string | undefined; lost: string[] } {
  const refuse = (message: string, expected: string): SallyportError =>
    new SallyportError({
      code: 'SP-SBOM-SHAPE',
      message,
      expected,
      place: { path },
      next: 'check the file with an SPDX validator, or make it again',
    });
  const packages = document.packages ?? [];
  if (!Array.isArray(packages)) throw refuse('packages is no list', 'a list');
  if (packages.length > MAX_PACKAGES) throw refuse('too many packages', `at most ${MAX_PACKAGES}`);
  const licences = new Map(
    objectsOf(document.hasExtractedLicensingInfos).map((one) => [
      textOf(one.licenseId) ?? '',
      textOf(one.name) ?? textOf(one.extractedText),
    ]),
  );
  const lost = new Set(
    Object.keys(document).filter((name) => !KNOWN.has(name) && name !== 'hasExtractedLicensingInfos'),
  );
  const refs = new Map<string, string>();
  const components = new Map<string, Component>();
  for (const one of packages) {
    const id = isObject(one) ? textOf(one.SPDXID) : undefined;
    if (!isObject(one) || id === undefined || typeof one.name !== 'string')
      throw refuse('a package has no SPDXID or no name', 'SPDXID and name');
    if (refs.has(id))
      throw refuse(`the SPDXID ${JSON.stringify(id.slice(0, 100))} stands twice`, 'an SPDXID once');
    const component = packageOf(one, id, licences);
    if (components.has(component.ref)) component.ref = `${component.ref}#${id}`;
    refs.set(id, component.ref);
    components.set(component.ref, component);
    for (const name of ['annotations', 'hasFiles', 'originator', 'homepage', 'summary', 'attributionTexts'])
      if (Object.hasOwn(one, name)) lost.add(`package.${name}`);
  }
  const edges = new Map<string, Set<string>>();
  const roots = new Set(stringsOf(document.documentDescribes).flatMap((id) => refs.get(id) ?? []));
  const scopes = new Map<string, Scope>();
  for (const { spdxElementId, relationshipType, relatedSpdxElement } of objectsOf(document.relationships)) {
    const [a, type, b] = [
      textOf(spdxElementId) ?? '',
      textOf(relationshipType) ?? '',
      textOf(relatedSpdxElement) ?? '',
    ];
    if (type === 'DESCRIBES' && a === 'SPDXRef-DOCUMENT')
      for (const ref of [refs.get(b)]) if (ref !== undefined) roots.add(ref);
    if (type === 'DESCRIBED_BY' && b === 'SPDXRef-DOCUMENT')
      for (const ref of [refs.get(a)]) if (ref !== undefined) roots.add(ref);
    const scope = Object.hasOwn(FORWARD, type)
      ? FORWARD[type]
      : Object.hasOwn(BACKWARD, type)
        ? BACKWARD[type]
        : undefined;
    if (scope === undefined) {
      if (type !== 'DESCRIBES' && type !== 'DESCRIBED_BY') lost.add(`relationship ${type.slice(0, 60)}`);
      continue;
    }
    const [from, to] = Object.hasOwn(FORWARD, type) ? [refs.get(a), refs.get(b)] : [refs.get(b), refs.get(a)];
    if (from === undefined || to === undefined) continue;
    edges.set(from, (edges.get(from) ?? new Set()).add(to));
    scopes.set(to, combined(scope, scopes.get(to) ?? 'unknown'));
  }
  const direct = new Set([...roots].flatMap((root) => [...(edges.get(root) ?? [])]));
  for (const component of components.values()) {
    component.scope = roots.has(component.ref) ? 'runtime' : (scopes.get(component.ref) ?? 'unknown');
    component.direct = direct.size === 0 ? null : direct.has(component.ref);
    if (roots.has(component.ref)) component.type = 'application';
  }
  const sorted: Record<string, string[]> = {};
  for (const [from, targets] of edges) put(sorted, from, [...targets]);
  const info = isObject(document.creationInfo) ? document.creationInfo : {};
  return {
    bom: { components: [...components.values()], edges: sorted, roots: [...roots] },
    created: textOf(info.created),
    lost: [...lost].sort(),
  };
}

function packageOf(one: Json, id: string, licences: ReadonlyMap<string, string | undefined>): Component {
  const purl = objectsOf(one.externalRefs).find(({ referenceType }) => referenceType === 'purl');
  const locator = textOf(purl?.referenceLocator);
  const version = textOf(one.versionInfo);
  const licence = [textOf(one.licenseConcluded), textOf(one.licenseDeclared)].find(
    (text) => text !== undefined && text !== 'NOASSERTION' && text !== 'NONE',
  );
  const address = textOf(one.downloadLocation);
  const supplier = textOf(one.supplier);
  const rest = {
    ...(address === undefined || address === 'NOASSERTION' || address === 'NONE'
      ? {}
      : { externalReferences: [{ type: 'distribution', url: address }] }),
    ...(supplier === undefined || supplier === 'NOASSERTION'
      ? {}
      : { supplier: { name: supplier.replace(/^(?:Organization|Person): /u, '') } }),
  };
  return {
    ref: locator ?? id,
    type:
      one.primaryPackagePurpose === 'APPLICATION'
        ? 'application'
        : one.primaryPackagePurpose === 'CONTAINER'
          ? 'container'
          : 'library',
    name: one.name as string,
    ...(version === undefined ? {} : { version }),
    ...(locator === undefined ? {} : { purl: locator }),
    licenses: licence === undefined ? [] : [licences.get(licence) ?? licence],
    hashes: objectsOf(one.checksums).flatMap(({ algorithm, checksumValue }) =>
      typeof algorithm === 'string' && typeof checksumValue === 'string'
        ? [{ algorithm: algorithm.replace(/^SHA(\d+)$/u, 'SHA-$1'), content: checksumValue }]
        : [],
    ),
    scope: 'unknown',
    direct: null,
    places: [],
    ...(Object.keys(rest).length === 0 ? {} : { rest }),
  };
}
