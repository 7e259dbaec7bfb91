import { createHash } from 'node:crypto';
import type { Bom, Component } from '../component.ts';
import { restore } from '../json/lossless.ts';
import { isObject, type Json, objectsOf, stringsOf } from '../json/values.ts';
import { renderComponent, renderDependencies, renderMetadata } from './render.ts';
import { CHILDREN, type WriteVersion } from './schema.ts';

export interface WriteCycloneDxOptions {
  /** When the inventory was made, RFC 3339. It is not part of the serial number. */
  timestamp: string;
  /** The CycloneDX version; 1.6 where it is not given. */
  version?: WriteVersion | undefined;
}

const CHUNK = 256 * 1024;
/** Up to so many characters a document is kept between being numbered and being written; a larger one is made twice. */
const KEPT = 16 * 1024 * 1024;

/**
 * Writes a CycloneDX JSON document in chunks. The same Bom and timestamp give the same bytes: the serial number
 * is made of the content. A `signature` that was read is left out; it was made over other bytes.
 */
export function* writeCycloneDx(bom: Bom, options: WriteCycloneDxOptions): Generator<string> {
  const given = givenSerial(bom);
  if (given !== undefined) {
    yield headOf(bom, given, options);
    yield* membersOf(bom);
    return;
  }
  let kept: string[] | undefined = [];
  let size = 0;
  const serial = serialOf(bom, (chunk) => {
    size += chunk.length;
    if (size > KEPT) kept = undefined;
    kept?.push(chunk);
    return chunk;
  });
  yield headOf(bom, serial, options);
  yield* kept ?? membersOf(bom);
}

/**
 * The same in bytes, a buffer a chunk, for who wants all of it: nothing of it is kept as text, and it is made once
 * however large it is.
 */
export function encodeCycloneDx(bom: Bom, options: WriteCycloneDxOptions): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder();
  const members: Uint8Array<ArrayBuffer>[] = [];
  const serial = serialOf(bom, (chunk) => {
    const bytes = encoder.encode(chunk);
    members.push(bytes);
    return bytes;
  });
  return [encoder.encode(headOf(bom, givenSerial(bom) ?? serial, options)), ...members];
}

/** What stands before the components. */
function headOf(bom: Bom, serialNumber: string, options: WriteCycloneDxOptions): string {
  const kept = keptOf(bom);
  const metadata = isObject(kept.metadata) ? kept.metadata : {};
  const version = typeof kept.version === 'number' ? kept.version : 1;
  const timestamp = typeof metadata.timestamp === 'string' ? metadata.timestamp : options.timestamp;
  const specVersion = options.version ?? '1.6';
  const $schema = `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`;
  const head = { $schema, bomFormat: 'CycloneDX', specVersion, serialNumber, version };
  return `${JSON.stringify(head).slice(0, -1)},${metadataOf(bom, timestamp)}`;
}

/**
 * A UUID (RFC 9562, version 8) of everything but the timestamp; `take` is given what follows the metadata, and gives it
 * back, in bytes where it has those.
 */
export function serialOf(bom: Bom, take: (chunk: string) => string | Uint8Array = (chunk) => chunk): string {
  const hash = createHash('sha256').update(metadataOf(bom, undefined));
  for (const chunk of membersOf(bom)) hash.update(take(chunk));
  const hex = hash.digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

/** The number that a document had when it was read, where it was another writer's. */
function givenSerial(bom: Bom): string | undefined {
  const { serialNumber } = keptOf(bom);
  return typeof serialNumber === 'string' ? serialNumber : undefined;
}

function keptOf(bom: Bom): Json {
  return isObject(bom.rest) ? bom.rest : {};
}

/** The root where there is exactly one: it stands in the metadata. */
function rootOf(bom: Bom): Component | undefined {
  const [only, second] = bom.roots;
  return only === undefined || second !== undefined
    ? undefined
    : bom.components.find(({ ref }) => ref === only);
}

/** Those that stand inside others, of which most documents have none. */
function insideOf(bom: Bom): Map<string, Component> {
  const refs = new Set<string>();
  for (const { rest } of bom.components) for (const ref of stringsOf(rest?.[CHILDREN])) refs.add(ref);
  const inside = new Map<string, Component>();
  if (refs.size > 0)
    for (const component of bom.components) if (refs.has(component.ref)) inside.set(component.ref, component);
  return inside;
}

function metadataOf(bom: Bom, timestamp: string | undefined): string {
  const root = rootOf(bom);
  const metadata = restore(
    renderMetadata(bom.roots, root === undefined ? undefined : whole(root, insideOf(bom))),
    keptOf(bom).metadata,
  ) as Json;
  const { timestamp: _t, ...others } = metadata;
  const dated = timestamp === undefined ? others : { timestamp, ...others };
  return `\n"metadata":${JSON.stringify(dated)},`;
}

/** What follows the metadata. */
function* membersOf(bom: Bom): Generator<string> {
  const {
    metadata: _m,
    dependencies: keptEdges,
    serialNumber: _s,
    version: _v,
    signature: _g,
    ...rest
  } = keptOf(bom);
  yield '\n"components":[';
  yield* lines(top(bom.components, insideOf(bom), rootOf(bom)));
  yield `],\n"dependencies":[`;
  yield* lines(dependencies(bom, keptEdges));
  const members = JSON.stringify(rest).slice(1, -1);
  yield `]${members === '' ? '' : `,\n${members}`}}\n`;
}

function* top(
  components: readonly Component[],
  inside: ReadonlyMap<string, Component>,
  root: Component | undefined,
): Generator<Json> {
  for (const component of components) {
    if (component !== root && !inside.has(component.ref)) yield whole(component, inside);
  }
}

/** A component with what it was read from, and with those that stand inside it. */
function whole(component: Component, inside: ReadonlyMap<string, Component>): Json {
  const rendered = renderComponent(component);
  if (component.rest === undefined) return rendered;
  const { [CHILDREN]: children, properties: kept, ...rest } = component.rest;
  const properties = [...(Array.isArray(kept) ? kept : []), ...(rendered.properties as unknown[])];
  const value = restore({ ...rendered, properties }, rest) as Json;
  const nested = stringsOf(children).flatMap((ref) => inside.get(ref) ?? []);
  if (Array.isArray(children)) value.components = nested.map((child) => whole(child, inside));
  return value;
}

/** Entries keep what else they said (`provides`), while who needs whom comes from the model. */
function* dependencies(bom: Bom, kept: unknown): Generator<Json> {
  const more = new Map(objectsOf(kept).map((entry) => [entry.ref, entry]));
  for (const entry of renderDependencies(bom)) {
    const { ref: _ref, dependsOn: _dependsOn, ...rest } = more.get(entry.ref) ?? {};
    yield { ...entry, ...rest };
  }
}

function* lines(values: Iterable<unknown>): Generator<string> {
  let chunk = '';
  let separator = '\n';
  for (const value of values) {
    chunk += separator + JSON.stringify(value);
    separator = ',\n';
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
