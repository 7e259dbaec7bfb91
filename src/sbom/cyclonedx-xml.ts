import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SallyportError } from '../model/error.ts';
import { isObject, type Json, put } from '../model/json/values.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_LOSSES = 100;
const ATTRIBUTE = '@';
const TEXT = '#text';
const NAMESPACE = /<(?:\w{1,20}:)?bom\s[^>]{0,2000}"http:\/\/cyclonedx\.org\/schema\/bom\/(1\.[2-7])"/u;

/** Texts that stand as they are under the same name in JSON. */
const TEXTS = new Set([
  'group',
  'name',
  'version',
  'purl',
  'cpe',
  'description',
  'scope',
  'copyright',
  'publisher',
  'author',
  'mime-type',
  'url',
  'comment',
  'email',
  'phone',
  'timestamp',
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  trimValues: true,
});

/**
 * CycloneDX XML as the JSON form of the same version, with the members that matter here: who made it, the components,
 * who needs whom. `lost` names elements that are left out. Document types are refused. Throws SP-SBOM-XML.
 */
export function cycloneDxFromXml(
  bytes: Uint8Array,
  path: string,
): { document: Json; version: string; lost: string[] } {
  const value = parse(bytes, path);
  const bom = isObject(value.bom) ? value.bom : {};
  const version = NAMESPACE.exec(Buffer.from(bytes.subarray(0, 8192)).toString('utf8'))?.[1];
  if (version === undefined)
    throw refuse(path, 'this is no CycloneDX document', 'a bom element of version 1.2 to 1.7');
  const lost = new Set<string>();
  const lose = (name: string): void => {
    if (lost.size < MAX_LOSSES && !name.startsWith(ATTRIBUTE) && name !== TEXT) lost.add(name);
  };
  const document: Json = { bomFormat: 'CycloneDX', specVersion: version };
  const serialNumber = attribute(bom, 'serialNumber');
  if (serialNumber !== undefined) document.serialNumber = serialNumber;
  document.version = Number(attribute(bom, 'version') ?? '1');
  for (const [name, member] of Object.entries(bom)) {
    if (name === 'metadata') document.metadata = metadataOf(member, lose);
    else if (name === 'components')
      document.components = listOf(member, 'component').map((one) => componentOf(one, lose));
    else if (name === 'dependencies') document.dependencies = listOf(member, 'dependency').map(dependencyOf);
    else lose(name);
  }
  return { document, version, lost: [...lost].sort() };
}

function parse(bytes: Uint8Array, path: string): Json {
  if (bytes.length > MAX_BYTES) throw refuse(path, 'the document is too large', `at most ${MAX_BYTES} bytes`);
  const text = Buffer.from(bytes).toString('utf8');
  if (/<!(?:DOCTYPE|ENTITY)/iu.test(text))
    throw refuse(path, 'the document has a document type', 'XML without DOCTYPE');
  try {
    const checked = XMLValidator.validate(text);
    if (checked !== true) throw refuse(path, 'this is not valid XML', 'XML 1.0', checked.err.line);
    const value: unknown = parser.parse(text);
    return isObject(value) ? value : {};
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw refuse(path, 'this is not readable XML', 'XML 1.0 of moderate depth');
  }
}

function metadataOf(value: unknown, lose: (name: string) => void): Json {
  const metadata: Json = {};
  for (const [name, member] of Object.entries(isObject(value) ? value : {})) {
    if (name === 'component') metadata.component = componentOf(member, lose);
    else if (name === 'timestamp') metadata.timestamp = textIn(member);
    else if (name === 'authors') metadata.authors = listOf(member, 'author').map((one) => textsOf(one, lose));
    else if (name === 'properties') metadata.properties = listOf(member, 'property').map(propertyOf);
    else lose(`metadata.${name}`);
  }
  return metadata;
}

function componentOf(value: unknown, lose: (name: string) => void): Json {
  const component: Json = { type: attribute(value, 'type') ?? 'library', name: '' };
  const ref = attribute(value, 'bom-ref');
  if (ref !== undefined) component['bom-ref'] = ref;
  for (const [name, member] of Object.entries(isObject(value) ? value : {})) {
    if (name.startsWith(ATTRIBUTE) || name === TEXT) continue;
    if (TEXTS.has(name)) put(component, name, textIn(member) ?? '');
    else if (name === 'licenses') component.licenses = licencesOf(member, lose);
    else if (name === 'hashes')
      component.hashes = listOf(member, 'hash').map((one) => ({
        alg: attribute(one, 'alg') ?? '',
        content: textIn(one) ?? '',
      }));
    else if (name === 'components')
      component.components = listOf(member, 'component').map((one) => componentOf(one, lose));
    else if (name === 'properties') component.properties = listOf(member, 'property').map(propertyOf);
    else if (name === 'externalReferences')
      component.externalReferences = listOf(member, 'reference').map((one) => ({
        type: attribute(one, 'type') ?? 'other',
        ...textsOf(one, lose),
      }));
    else if (name === 'supplier' && isObject(member))
      component.supplier = { name: textIn(member.name) ?? '' };
    else lose(`component.${name}`);
  }
  return component;
}

function licencesOf(value: unknown, lose: (name: string) => void): Json[] {
  const licenses: Json[] = [];
  for (const one of listOf(value, 'license')) {
    const { id, name, url } = textsOf(one, lose, ['id']);
    licenses.push({
      license: {
        ...(id === undefined ? { name: name ?? '' } : { id }),
        ...(url === undefined ? {} : { url }),
      },
    });
  }
  for (const one of listOf(value, 'expression')) licenses.push({ expression: textIn(one) ?? '' });
  return licenses;
}

function dependencyOf(value: unknown): Json {
  return {
    ref: attribute(value, 'ref') ?? '',
    dependsOn: listOf(value, 'dependency').flatMap((one) => attribute(one, 'ref') ?? []),
  };
}

function propertyOf(value: unknown): Json {
  return { name: attribute(value, 'name') ?? '', value: textIn(value) ?? '' };
}

function textsOf(value: unknown, lose: (name: string) => void, more: readonly string[] = []): Json {
  const found: Json = {};
  for (const [name, member] of Object.entries(isObject(value) ? value : {})) {
    if (TEXTS.has(name) || more.includes(name)) put(found, name, textIn(member) ?? '');
    else lose(name);
  }
  return found;
}

function listOf(value: unknown, name: string): unknown[] {
  if (!isObject(value) || !Object.hasOwn(value, name)) return [];
  const member = value[name];
  return Array.isArray(member) ? member : [member];
}

function attribute(value: unknown, name: string): string | undefined {
  const member =
    isObject(value) && Object.hasOwn(value, ATTRIBUTE + name) ? value[ATTRIBUTE + name] : undefined;
  return typeof member === 'string' && member !== '' ? member : undefined;
}

function textIn(value: unknown): string | undefined {
  const text = isObject(value) ? value[TEXT] : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function refuse(path: string, message: string, expected: string, line?: number): SallyportError {
  return new SallyportError({
    code: 'SP-SBOM-XML',
    message,
    expected,
    place: { path, ...(line === undefined ? {} : { line }) },
    next: 'check the file with a CycloneDX validator, or make it again',
  });
}
