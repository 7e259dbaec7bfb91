import type { Bom, Component } from '../component.ts';
import { SallyportError } from '../error.ts';
import { beyond } from '../json/lossless.ts';
import { parseJson, placeInJson } from '../json/parse.ts';
import { isObject, type Json, objectsOf, put, textOf } from '../json/values.ts';
import { type Found, isOurs, readComponent } from './read-component.ts';
import { renderMetadata } from './render.ts';
import { CYCLONEDX_LIMITS, ROOT } from './schema.ts';
import { issueOfComponent, issueOfDocument } from './shape.ts';
import { splitWritten, unsplit } from './split.ts';
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
  const split =
    numbered === 'writer' ? splitWritten(bytes, path) : unsplit(parseJson(bytes, path, CYCLONEDX_LIMITS));
  const value = split.frame;
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
  let taken = 0;
  /** Takes a component and those inside it out of the tree. */
  const take = (raw: unknown, steps: PropertyKey[]): string => {
    const wrong = issueOfComponent(raw);
    if (wrong !== null || !isObject(raw)) {
      throw refuse('SP-CDX-SHAPE', 'a component cannot be read', wrong?.message ?? 'expected an object', [
        ...steps,
        ...(wrong?.path ?? []),
      ]);
    }
    if (++taken > CYCLONEDX_LIMITS.components) {
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
  const { edges, more } = edgesOf(split.dependencies);
  const roots = root === undefined ? namedRoots(metadata) : [root];
  const direct = directOf(roots, edges);
  const components: Component[] = [];
  const readTaken = () => {
    for (const entry of found.splice(0)) components.push(readComponent(entry, direct));
  };
  readTaken();
  let index = 0;
  for (const raw of split.components) {
    take(raw, ['components', index++]);
    // Before the next is taken: of a document that comes in parts, only one part is in memory.
    readTaken();
  }
  const bom: Bom = { components, edges, roots };
  const rest = restOf(value, metadata, more, bom, numbered === 'writer');
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

/** Who needs whom, and what entries say beside that. */
function edgesOf(dependencies: Iterable<unknown>): { edges: Record<string, string[]>; more: Json[] } {
  const edges: Record<string, string[]> = {};
  const more: Json[] = [];
  for (const entry of dependencies) {
    if (!isObject(entry)) continue;
    const names = Object.keys(entry);
    if (names.some((name) => name !== 'ref' && name !== 'dependsOn')) {
      const { dependsOn: _dependsOn, ...others } = entry;
      if (Object.keys(others).length > 1) more.push(others);
    }
    const { ref, dependsOn } = entry;
    if (typeof ref !== 'string') continue;
    const needed = Array.isArray(dependsOn) ? (dependsOn as string[]) : [];
    const before = Object.hasOwn(edges, ref) ? (edges[ref] ?? []) : [];
    const both = before.length === 0 ? needed : [...before, ...needed];
    put(edges, ref, both.length < 2 ? both : [...new Set(both)]);
  }
  return { edges, more };
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

/** Members of the document that the model does not name. What only our own writer adds is not kept. */
function restOf(
  value: Json,
  metadata: Json,
  edges: readonly Json[],
  bom: Bom,
  byWriter: boolean,
): Json | undefined {
  const {
    $schema: _schema,
    bomFormat: _format,
    specVersion: _spec,
    components: _c,
    dependencies: _d,
    metadata: _m,
    ...rest
  } = value;
  if (rest.version === 1) delete rest.version;
  const { component: _component, properties, ...plain } = metadata;
  const more = (beyond(plain, renderMetadata([], undefined)) ?? {}) as Json;
  const others = Array.isArray(properties) ? properties.filter((entry) => !isOurs(entry)) : [];
  if (others.length > 0) more.properties = others;
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
