import { createHash } from 'node:crypto';
import type { Bom, Component, Scope } from '../model/component.ts';
import { isObject, objectsOf, textOf } from '../model/json/values.ts';
import { VERSION } from '../model/version.ts';
import { SpdxIds } from './spdx-ids.ts';

/** https://spdx.github.io/spdx-spec/v2.3/, `Checksum.algorithm`. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'MD5',
  'SHA-1': 'SHA1',
  'SHA-256': 'SHA256',
  'SHA-384': 'SHA384',
  'SHA-512': 'SHA512',
  'SHA3-256': 'SHA3-256',
  'SHA3-384': 'SHA3-384',
  'SHA3-512': 'SHA3-512',
  'BLAKE2b-256': 'BLAKE2b-256',
  'BLAKE2b-384': 'BLAKE2b-384',
  'BLAKE2b-512': 'BLAKE2b-512',
  BLAKE3: 'BLAKE3',
};

const RELATION: Partial<Record<Scope, string>> = {
  development: 'DEV_DEPENDENCY_OF',
  optional: 'OPTIONAL_DEPENDENCY_OF',
  test: 'TEST_DEPENDENCY_OF',
};

const EXPRESSION = /^\(*[A-Za-z0-9][\w.+-]*\)*(?: (?:AND|OR|WITH) \(*[A-Za-z0-9][\w.+-]*\)*)*$/u;

/** Writes an SPDX 2.3 JSON document; the same Bom and time give the same bytes. `created` is RFC 3339, UTC, to the second. */
export function writeSpdx(bom: Bom, { created }: { created: string }): string {
  const ids = new SpdxIds();
  const byRef = new Map(bom.components.map((component) => [component.ref, component]));
  const licences = new Map<string, string>();
  const packages = bom.components.map((component) => spdxPackage(component, ids, licences));
  const relationships = bom.roots.map((root) => relation('SPDXRef-DOCUMENT', 'DESCRIBES', ids.of(root)));
  const roots = new Set(bom.roots);
  for (const [from, targets] of Object.entries(bom.edges)) {
    if (!byRef.has(from)) continue;
    for (const target of targets) {
      const component = byRef.get(target);
      if (component === undefined) continue;
      // Only of the service's own dependencies is the kind of the need known; below it is the component's scope.
      const kind = roots.has(from) ? RELATION[component.scope] : undefined;
      relationships.push(
        kind === undefined
          ? relation(ids.of(from), 'DEPENDS_ON', ids.of(target))
          : relation(ids.of(target), kind, ids.of(from)),
      );
    }
  }
  const name = byRef.get(bom.roots[0] ?? '')?.name ?? 'sbom';
  const content = { packages, relationships };
  const digest = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
  const extracted = [...licences].map(([text, licenseId]) => ({
    licenseId,
    extractedText: text,
    name: text.slice(0, 200),
  }));
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${digest}`,
    creationInfo: { created, creators: [...authors(bom), `Tool: sallyport-${VERSION}`] },
    ...(extracted.length === 0 ? {} : { hasExtractedLicensingInfos: extracted }),
    ...content,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function authors(bom: Bom): string[] {
  const metadata = isObject(bom.rest) && isObject(bom.rest.metadata) ? bom.rest.metadata : {};
  const maker = isObject(metadata.manufacturer) ? textOf(metadata.manufacturer.name) : undefined;
  return maker === undefined ? [] : [`Organization: ${maker}`];
}

function relation(
  spdxElementId: string,
  relationshipType: string,
  relatedSpdxElement: string,
): Record<string, string> {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

function spdxPackage(
  component: Component,
  ids: SpdxIds,
  licences: Map<string, string>,
): Record<string, unknown> {
  const { ref, group, name, version, purl, hashes } = component;
  const checksums = hashes.flatMap(({ algorithm, content }) =>
    Object.hasOwn(ALGORITHMS, algorithm)
      ? [{ algorithm: ALGORITHMS[algorithm], checksumValue: content.toLowerCase() }]
      : [],
  );
  return {
    SPDXID: ids.of(ref),
    name:
      group === undefined
        ? name
        : `${group}${component.purl?.startsWith('pkg:maven/') === true ? ':' : '/'}${name}`,
    ...(version === undefined ? {} : { versionInfo: version }),
    downloadLocation: download(component) ?? 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: declared(component.licenses, licences),
    copyrightText: 'NOASSERTION',
    ...(component.type === 'application'
      ? { primaryPackagePurpose: 'APPLICATION' }
      : { primaryPackagePurpose: 'LIBRARY' }),
    ...(checksums.length === 0 ? {} : { checksums }),
    ...(purl === undefined
      ? {}
      : {
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
          ],
        }),
    ...(component.places.length === 0
      ? {}
      : {
          sourceInfo: `locked in ${component.places.map(({ path, line }) => (line === undefined ? path : `${path}:${line}`)).join(', ')}`,
        }),
  };
}

function download(component: Component): string | undefined {
  const references = isObject(component.rest) ? objectsOf(component.rest.externalReferences) : [];
  const url = references
    .map((one) => textOf(one.url))
    .find((one) => one !== undefined && /^(?:https?|git\+https?|git\+ssh):\/\/[^\s"<>\\^`{|}]+$/u.test(one));
  return url;
}

/** An SPDX expression as it is; another text becomes a licence reference whose text is kept in the document. */
function declared(stated: readonly string[], licences: Map<string, string>): string {
  if (stated.length === 0) return 'NOASSERTION';
  const parts = stated.map((text) => {
    if (EXPRESSION.test(text)) return stated.length > 1 && text.includes(' ') ? `(${text})` : text;
    const known = licences.get(text);
    if (known !== undefined) return known;
    const id = `LicenseRef-${licences.size + 1}`;
    licences.set(text, id);
    return id;
  });
  return parts.join(' AND ');
}
