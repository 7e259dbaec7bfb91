import { type Bom, type Component, type Scope, scopes } from '../component.ts';
import { SallyportError } from '../error.ts';
import { beyond } from '../json/lossless.ts';
import { parseJson, placeInJson } from '../json/parse.ts';
import { decode } from '../json/scan.ts';
import { isObject, type Json, objectsOf, put, textOf } from '../json/values.ts';
import type { Place } from '../location.ts';
import { renderComponent, renderMetadata } from './render.ts';
import {
  CHILDREN,
  CYCLONEDX_LIMITS,
  DEPRECATED,
  DIRECT,
  HASH,
  INSTALL_SCRIPTS,
  ORIGIN,
  OURS,
  PLACES,
  RELEASED,
  ROOT,
  SCOPE,
  UNRESOLVED,
} from './schema.ts';
import { issueOfComponent, issueOfDocument, placesOfProperty } from './shape.ts';
import { serialOf } from './write.ts';

export interface ReadCycloneDxOptions {
  /** The file's name for messages. */
  path: string;
  /**
   * `writer`: our writer made the document a moment ago, serial number and all, and nobody has touched it since. Then
   * neither limits nor number are worked out again.
   */
  numbered?: 'writer' | undefined;
}

interface Found {
  raw: Json;
  ref: string;
  children: string[] | undefined;
}

/**
 * Reads a CycloneDX 1.2 to 1.7 JSON document. Components inside of others come out beside them; fields that the
 * model does not name are kept for `writeCycloneDx`. Throws SallyportErrors with file, line, column.
 */
export function readCycloneDx(bytes: Uint8Array, { path, numbered }: ReadCycloneDxOptions): Bom {
  const refuse = (code: string, message: string, expected: string, steps: PropertyKey[]): SallyportError =>
    new SallyportError({
      code,
      message,
      expected,
      place: placeInJson(bytes, path, steps, CYCLONEDX_LIMITS),
      next: 'check the file with a CycloneDX validator, or make it again',
    });
  const value =
    numbered === 'writer'
      ? JSON.parse(decode(bytes, 0, bytes.length, path))
      : parseJson(bytes, path, CYCLONEDX_LIMITS);
  const wrong = issueOfDocument(value);
  if (wrong !== null || !isObject(value)) {
    const steps = wrong?.path ?? [];
    const code = steps[0] === 'specVersion' ? 'SP-CDX-VERSION' : 'SP-CDX-SHAPE';
    throw refuse(
      code,
      `not a CycloneDX document: ${steps.join('.') || 'the document'}`,
      wrong?.message ?? 'expected an object',
      steps,
    );
  }
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const found: Found[] = [];
  const names = new RefNames();
  /** Takes a component and those inside it out of the tree. */
  const take = (raw: unknown, steps: PropertyKey[]): string => {
    const wrong = issueOfComponent(raw);
    if (wrong !== null || !isObject(raw)) {
      throw refuse('SP-CDX-SHAPE', 'a component cannot be read', wrong?.message ?? 'expected an object', [
        ...steps,
        ...(wrong?.path ?? []),
      ]);
    }
    if (found.length >= CYCLONEDX_LIMITS.components) {
      throw refuse('SP-CDX-SIZE', 'too many components', `at most ${CYCLONEDX_LIMITS.components}`, steps);
    }
    const ref = names.take(raw);
    if (ref === undefined) {
      throw refuse(
        'SP-CDX-DUPLICATE',
        `the bom-ref ${JSON.stringify(raw['bom-ref'])} stands twice`,
        'a bom-ref once',
        steps,
      );
    }
    const entry: Found = { raw, ref, children: undefined };
    found.push(entry);
    if (Array.isArray(raw.components)) {
      entry.children = raw.components.map((child, index) => take(child, [...steps, 'components', index]));
    }
    return ref;
  };
  const root =
    metadata.component === undefined ? undefined : take(metadata.component, ['metadata', 'component']);
  (Array.isArray(value.components) ? value.components : []).forEach((raw, index) => {
    take(raw, ['components', index]);
  });

  const edges = edgesOf(value.dependencies);
  const roots = root === undefined ? namedRoots(metadata) : [root];
  const direct = directOf(roots, edges);
  const components = found.map((entry) => readComponent(entry, direct));
  const bom: Bom = { components, edges, roots };
  const rest = restOf(value, metadata, bom, numbered === 'writer');
  if (rest !== undefined) bom.rest = rest;
  return bom;
}

/** Refs that are unique: the document's own, else the purl or the name, numbered where they meet. */
class RefNames {
  readonly #taken = new Set<string>();

  take(raw: Json): string | undefined {
    const own = textOf(raw['bom-ref']);
    if (own !== undefined) return this.#claim(own) ? own : undefined;
    const base = textOf(raw.purl) ?? [raw.group, raw.name, raw.version].filter(textOf).join('/');
    for (let n = 1; ; n++) {
      const name = n === 1 ? base || 'component' : `${base}#${n}`;
      if (this.#claim(name)) return name;
    }
  }

  #claim(ref: string): boolean {
    if (this.#taken.has(ref)) return false;
    this.#taken.add(ref);
    return true;
  }
}

function edgesOf(dependencies: unknown): Record<string, string[]> {
  const edges: Record<string, string[]> = {};
  for (const { ref, dependsOn } of objectsOf(dependencies)) {
    if (typeof ref !== 'string') continue;
    const more = Array.isArray(dependsOn) ? (dependsOn as string[]) : [];
    const before = Object.hasOwn(edges, ref) ? (edges[ref] ?? []) : [];
    put(
      edges,
      ref,
      before.length + more.length < 2 ? [...before, ...more] : [...new Set([...before, ...more])],
    );
  }
  return edges;
}

function namedRoots(metadata: Json): string[] {
  return objectsOf(metadata.properties).flatMap(({ name, value }) =>
    name === ROOT ? (textOf(value) ?? []) : [],
  );
}

/** Refs that a root needs itself; undefined where the document does not tell what the roots need. */
function directOf(roots: readonly string[], edges: Bom['edges']): ReadonlySet<string> | undefined {
  const told = roots.filter((ref) => Object.hasOwn(edges, ref));
  return told.length === 0 ? undefined : new Set(told.flatMap((ref) => edges[ref] ?? []));
}

function readComponent({ raw, ref, children }: Found, direct: ReadonlySet<string> | undefined): Component {
  const own = propertiesOf(raw);
  const group = textOf(raw.group);
  const version = textOf(raw.version);
  const purl = textOf(raw.purl);
  const origin = own.get(ORIGIN)?.[0];
  const said = own.get(DIRECT)?.[0];
  const unresolved = own.get(UNRESOLVED)?.[0];
  const released = own.get(RELEASED)?.[0];
  const component: Component = {
    ref,
    type: raw.type as string,
    ...(group === undefined ? {} : { group }),
    name: raw.name as string,
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    licenses: licensesOf(raw.licenses),
    hashes: hashesOf(raw.hashes, own.get(HASH) ?? []),
    scope: scopeOf(raw, own.get(SCOPE)?.[0]),
    direct:
      said !== undefined
        ? said === 'true'
          ? true
          : said === 'false'
            ? false
            : null
        : (direct?.has(ref) ?? null),
    places: placesOf(raw, own.get(PLACES)?.[0]),
    ...(unresolved === undefined ? {} : { unresolved }),
    ...truthOf('installScripts', own.get(INSTALL_SCRIPTS)?.[0]),
    ...truthOf('deprecated', own.get(DEPRECATED)?.[0]),
    ...(released === undefined ? {} : { released }),
    ...(origin === undefined ? {} : { origin }),
  };
  const { components: _inside, properties, [CHILDREN]: _reserved, ...plain } = raw;
  const { properties: _own, ...rendered } = renderComponent(component);
  const rest: Json = { ...(beyond(plain, rendered) as Json | undefined) };
  const others = Array.isArray(properties) ? properties.filter((entry) => !isOurs(entry)) : [];
  if (others.length > 0) rest.properties = others;
  if (children !== undefined) rest[CHILDREN] = children;
  if (Object.keys(rest).length > 0) component.rest = rest;
  return component;
}

function truthOf<Name extends string>(name: Name, said: string | undefined): { [key in Name]?: boolean } {
  return said === 'true' || said === 'false'
    ? ({ [name]: said === 'true' } as { [key in Name]: boolean })
    : {};
}

function isOurs(entry: unknown): boolean {
  return isObject(entry) && typeof entry.name === 'string' && entry.name.startsWith(OURS);
}

function propertiesOf(raw: Json): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, value } of objectsOf(raw.properties)) {
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
}

function licensesOf(value: unknown): string[] {
  return objectsOf(value).flatMap(({ license, expression }) => {
    const named = isObject(license) ? (textOf(license.id) ?? textOf(license.name)) : undefined;
    return named ?? textOf(expression) ?? [];
  });
}

function hashesOf(value: unknown, own: readonly string[]): Component['hashes'] {
  const standard = objectsOf(value).flatMap(({ alg, content }) =>
    typeof alg === 'string' && typeof content === 'string' ? [{ algorithm: alg, content }] : [],
  );
  const others = own.map((text) => {
    const colon = text.indexOf(':');
    return { algorithm: text.slice(0, Math.max(0, colon)), content: text.slice(colon + 1) };
  });
  return [...standard, ...others];
}

/** `excluded` is what tools write for what is not shipped; npm's tool also says it in a property. */
function scopeOf(raw: Json, own: string | undefined): Scope {
  const exact = scopes.find((scope) => scope === own);
  if (exact !== undefined) return exact;
  switch (raw.scope) {
    case 'required':
      return 'runtime';
    case 'optional':
      return 'optional';
    case 'excluded':
      return 'development';
    default:
      return 'unknown';
  }
}

function placesOf(raw: Json, own: string | undefined): Place[] {
  if (own !== undefined) {
    const places = placesOfProperty(jsonOf(own));
    if (places?.every(({ path }) => isBelow(path)) === true) return places;
  }
  const evidence = isObject(raw.evidence) ? raw.evidence : {};
  return objectsOf(evidence.occurrences).flatMap(({ location, line }) => {
    if (typeof location !== 'string' || !isBelow(location)) return [];
    return [
      {
        path: location,
        ...(typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? { line } : {}),
      },
    ];
  });
}

/** A relative path that does not climb: everything else is no place in the tree. */
function isBelow(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Members of the document that the model does not name. What only our own writer adds is not kept. */
function restOf(value: Json, metadata: Json, bom: Bom, byWriter: boolean): Json | undefined {
  const {
    $schema: _schema,
    bomFormat: _format,
    specVersion: _spec,
    components: _c,
    dependencies,
    metadata: _m,
    ...rest
  } = value;
  if (rest.version === 1) delete rest.version;
  const { component: _component, properties, ...plain } = metadata;
  const more = (beyond(plain, renderMetadata([], undefined)) ?? {}) as Json;
  const others = Array.isArray(properties) ? properties.filter((entry) => !isOurs(entry)) : [];
  if (others.length > 0) more.properties = others;
  const edges = objectsOf(dependencies).flatMap(({ dependsOn: _dependsOn, ...entry }) =>
    Object.keys(entry).length > 1 ? [entry] : [],
  );
  if (edges.length > 0) rest.dependencies = edges;
  const { timestamp: _timestamp, ...undated } = more;
  const kept: Json = { ...rest, ...(Object.keys(undated).length > 0 ? { metadata: undated } : {}) };
  delete kept.serialNumber;
  const candidate: Bom = Object.keys(kept).length > 0 ? { ...bom, rest: kept } : bom;
  // Our own serial number follows from the content, and our own time is the writer's to give.
  if (byWriter || isMadeBy(rest.serialNumber, candidate)) return candidate.rest;
  if (rest.serialNumber !== undefined) kept.serialNumber = rest.serialNumber;
  if (Object.keys(more).length > 0) kept.metadata = more;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Whether the serial number is the one that our writer makes of this content: a UUID of version 8 to begin with. */
function isMadeBy(serial: unknown, bom: Bom): boolean {
  return typeof serial === 'string' && /^urn:uuid:.{8}-.{4}-8/u.test(serial) && serial === serialOf(bom);
}
