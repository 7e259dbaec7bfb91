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

const CHUNK = 64 * 1024;

/**
 * Writes a CycloneDX JSON document in chunks. The same Bom and timestamp give the same bytes: the serial number
 * is made of the content. A `signature` that was read is left out; it was made over other bytes.
 */
export function* writeCycloneDx(bom: Bom, options: WriteCycloneDxOptions): Generator<string> {
  const kept = isObject(bom.rest) ? bom.rest : {};
  const metadata = isObject(kept.metadata) ? kept.metadata : {};
  const serial = typeof kept.serialNumber === 'string' ? kept.serialNumber : serialOf(bom);
  const version = typeof kept.version === 'number' ? kept.version : 1;
  const timestamp = typeof metadata.timestamp === 'string' ? metadata.timestamp : options.timestamp;
  const specVersion = options.version ?? '1.6';
  const $schema = `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`;
  const head = { $schema, bomFormat: 'CycloneDX', specVersion };
  yield `${JSON.stringify({ ...head, serialNumber: serial, version }).slice(0, -1)},`;
  yield* body(bom, timestamp);
}

/** A UUID (RFC 9562, version 8) of everything but the timestamp. */
export function serialOf(bom: Bom): string {
  const hash = createHash('sha256');
  for (const chunk of body(bom, undefined)) hash.update(chunk);
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

function* body(bom: Bom, timestamp: string | undefined): Generator<string> {
  const {
    metadata: keptMetadata,
    dependencies: keptEdges,
    serialNumber: _s,
    version: _v,
    signature: _g,
    ...rest
  } = isObject(bom.rest) ? bom.rest : ({} as Json);
  const byRef = new Map(bom.components.map((component) => [component.ref, component]));
  const inside = new Set(bom.components.flatMap((component) => stringsOf(component.rest?.[CHILDREN])));
  const [only, second] = bom.roots;
  const root = only === undefined || second !== undefined ? undefined : byRef.get(only);
  const metadata = restore(
    renderMetadata(bom.roots, root === undefined ? undefined : whole(root, byRef)),
    keptMetadata,
  ) as Json;
  const { timestamp: _t, ...others } = metadata;
  const dated = timestamp === undefined ? others : { timestamp, ...others };
  yield `\n"metadata":${JSON.stringify(dated)},\n"components":[`;
  yield* lines(top(bom.components, inside, root, byRef));
  yield `],\n"dependencies":[`;
  yield* lines(dependencies(bom, keptEdges));
  const members = JSON.stringify(rest).slice(1, -1);
  yield `]${members === '' ? '' : `,\n${members}`}}\n`;
}

function* top(
  components: readonly Component[],
  inside: ReadonlySet<string>,
  root: Component | undefined,
  byRef: ReadonlyMap<string, Component>,
): Generator<Json> {
  for (const component of components) {
    if (component !== root && !inside.has(component.ref)) yield whole(component, byRef);
  }
}

/** A component with what it was read from, and with those that stand inside it. */
function whole(component: Component, byRef: ReadonlyMap<string, Component>): Json {
  const { [CHILDREN]: children, properties: kept, ...rest } = component.rest ?? {};
  const rendered = renderComponent(component);
  const properties = [...(Array.isArray(kept) ? kept : []), ...(rendered.properties as unknown[])];
  const value = restore({ ...rendered, properties }, rest) as Json;
  const nested = stringsOf(children).flatMap((ref) => byRef.get(ref) ?? []);
  if (Array.isArray(children)) value.components = nested.map((child) => whole(child, byRef));
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
