import type { Bom, Component } from '../model/component.ts';
import { SallyportError } from '../model/error.ts';
import { type Json, objectsOf, put, stringsOf, textOf } from '../model/json/values.ts';

const MAX_ELEMENTS = 2_000_000;
const NEEDS = new Set([
  'dependsOn',
  'contains',
  'hasProvidedDependency',
  'hasOptionalDependency',
  'hasDynamicLink',
  'hasStaticLink',
]);
const LICENCE = new Set(['hasDeclaredLicense', 'hasConcludedLicense']);

/** Reads SPDX 3.0 JSON-LD with the context of the specification (https://spdx.github.io/spdx-spec/v3.0.1/). Throws SP-SBOM-SHAPE. */
export function readSpdx3(
  document: Json,
  path: string,
): { bom: Bom; created: string | undefined; lost: string[] } {
  const graph = objectsOf(document['@graph']);
  if (graph.length > MAX_ELEMENTS) {
    throw new SallyportError({
      code: 'SP-SBOM-SHAPE',
      message: 'too many elements',
      expected: `at most ${MAX_ELEMENTS}`,
      place: { path },
    });
  }
  const lost = new Set<string>();
  const refs = new Map<string, string>();
  const components = new Map<string, Component>();
  const texts = new Map<string, string>();
  let created: string | undefined;
  for (const element of graph) {
    const type = textOf(element.type) ?? textOf(element['@type']) ?? '';
    const id = textOf(element.spdxId) ?? textOf(element['@id']);
    if (type === 'software_Package' && id !== undefined) {
      const component = packageOf(element, id);
      if (components.has(component.ref)) component.ref = `${component.ref}#${id}`;
      refs.set(id, component.ref);
      components.set(component.ref, component);
    } else if (type === 'simplelicensing_LicenseExpression' && id !== undefined) {
      texts.set(id, textOf(element.simplelicensing_licenseExpression) ?? '');
    } else if (type === 'CreationInfo') created ??= textOf(element.created);
    else if (
      ![
        'SpdxDocument',
        'software_Sbom',
        'Relationship',
        'LifecycleScopedRelationship',
        'Person',
        'Organization',
        'Tool',
        'SoftwareAgent',
        'Agent',
      ].includes(type)
    )
      lost.add(type === '' ? 'an element without a type' : type.slice(0, 80));
  }
  const edges = new Map<string, Set<string>>();
  const roots = new Set<string>();
  for (const element of graph) {
    const type = textOf(element.type) ?? textOf(element['@type']) ?? '';
    if (type === 'SpdxDocument' || type === 'software_Sbom')
      for (const id of stringsOf(element.rootElement))
        for (const ref of [refs.get(id)]) if (ref !== undefined) roots.add(ref);
    if (type !== 'Relationship' && type !== 'LifecycleScopedRelationship') continue;
    const kind = textOf(element.relationshipType) ?? '';
    const from = refs.get(textOf(element.from) ?? '');
    const to = typeof element.to === 'string' ? [element.to] : stringsOf(element.to);
    if (from === undefined) continue;
    if (NEEDS.has(kind)) {
      const all = edges.get(from) ?? new Set<string>();
      for (const id of to) for (const ref of [refs.get(id)]) if (ref !== undefined) all.add(ref);
      edges.set(from, all);
      setScope(components, element, all);
    } else if (LICENCE.has(kind)) {
      const component = components.get(from);
      for (const id of to) {
        const text = texts.get(id) ?? /\/([\w.+-]+)$/u.exec(id)?.[1];
        if (component !== undefined && text !== undefined && !component.licenses.includes(text))
          component.licenses.push(text);
      }
    } else if (kind !== 'describes') lost.add(`relationship ${kind.slice(0, 60)}`);
  }
  const direct = new Set([...roots].flatMap((root) => [...(edges.get(root) ?? [])]));
  for (const component of components.values()) {
    component.direct = direct.size === 0 ? null : direct.has(component.ref);
    if (roots.has(component.ref)) component.type = 'application';
  }
  const sorted: Record<string, string[]> = {};
  for (const [from, targets] of edges) put(sorted, from, [...targets]);
  return {
    bom: { components: [...components.values()], edges: sorted, roots: [...roots] },
    created,
    lost: [...lost].sort(),
  };
}

function setScope(
  components: ReadonlyMap<string, Component>,
  element: Json,
  targets: ReadonlySet<string>,
): void {
  const stated = textOf(element.scope);
  const scope =
    stated === 'runtime'
      ? 'runtime'
      : stated === 'test'
        ? 'test'
        : stated === 'development' || stated === 'build'
          ? 'development'
          : undefined;
  if (scope === undefined) return;
  for (const ref of targets) {
    const component = components.get(ref);
    if (component !== undefined && component.scope !== 'runtime') component.scope = scope;
  }
}

function packageOf(element: Json, id: string): Component {
  const identifiers = objectsOf(element.externalIdentifier);
  const named = identifiers.find(
    (one) => one.externalIdentifierType === 'packageUrl' || one.externalIdentifierType === 'purl',
  );
  const purl = textOf(element.software_packageUrl) ?? textOf(named?.identifier);
  const version = textOf(element.software_packageVersion);
  const address = textOf(element.software_downloadLocation);
  return {
    ref: purl ?? id,
    type: 'library',
    name: textOf(element.name) ?? id,
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    licenses: [],
    hashes: objectsOf(element.verifiedUsing).flatMap(({ algorithm, hashValue }) =>
      isText(algorithm) && isText(hashValue)
        ? [{ algorithm: algorithm.toUpperCase().replace(/^SHA(\d+)$/u, 'SHA-$1'), content: hashValue }]
        : [],
    ),
    scope: 'unknown',
    direct: null,
    places: [],
    ...(address === undefined
      ? {}
      : { rest: { externalReferences: [{ type: 'distribution', url: address }] } }),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
