import { isObject, type Json } from '../json/values.ts';
import type { Place } from '../location.ts';
import { READ_VERSIONS } from './schema.ts';

/** What is wrong with a value, and at which step below it. */
export interface Issue {
  path: PropertyKey[];
  message: string;
}

const issue = (message: string, ...path: PropertyKey[]): Issue => ({ path, message });

/**
 * What keeps a value from being a component; null where nothing does. Strict in what is judged: which components there
 * are, what they are called. By hand, since a document has a hundred thousand of them.
 */
export function issueOfComponent(value: unknown): Issue | null {
  if (!isObject(value)) return issue('expected an object');
  if (typeof value.type !== 'string' || value.type === '') return issue('expected a text', 'type');
  if (typeof value.name !== 'string') return issue('expected a text', 'name');
  const ref = value['bom-ref'];
  if (ref !== undefined && (typeof ref !== 'string' || ref === ''))
    return issue('expected a text', 'bom-ref');
  for (const name of ['group', 'version', 'purl'] as const) {
    const text = value[name];
    if (text !== undefined && typeof text !== 'string') return issue('expected a text', name);
  }
  return arrayIssue(value, 'components');
}

/** What keeps a value from being a document; null where nothing does. Its components are not looked at. */
export function issueOfDocument(value: unknown): Issue | null {
  if (!isObject(value)) return issue('expected an object');
  if (value.bomFormat !== 'CycloneDX') return issue('expected "CycloneDX"', 'bomFormat');
  if (!READ_VERSIONS.some((version) => version === value.specVersion))
    return issue(`expected one of ${READ_VERSIONS.join(', ')}`, 'specVersion');
  const { metadata } = value;
  if (metadata !== undefined && !isObject(metadata)) return issue('expected an object', 'metadata');
  return arrayIssue(value, 'components') ?? arrayIssue(value, 'dependencies') ?? edgeIssue(value);
}

function arrayIssue(value: Json, name: string): Issue | null {
  const list = value[name];
  return list === undefined || Array.isArray(list) ? null : issue('expected a list', name);
}

/** Who needs whom. */
function edgeIssue({ dependencies = [] }: Json): Issue | null {
  for (const [at, entry] of (dependencies as unknown[]).entries()) {
    if (!isObject(entry)) return issue('expected an object', 'dependencies', at);
    if (typeof entry.ref !== 'string') return issue('expected a text', 'dependencies', at, 'ref');
    const { dependsOn = [] } = entry;
    if (!Array.isArray(dependsOn)) return issue('expected a list', 'dependencies', at, 'dependsOn');
    const wrong = dependsOn.findIndex((ref) => typeof ref !== 'string');
    if (wrong !== -1) return issue('expected a text', 'dependencies', at, 'dependsOn', wrong);
  }
  return null;
}

const MAX_PLACES = 1_000;
const NUMBERS = ['line', 'column', 'endLine', 'endColumn'] as const;

/** The places that our own property tells; undefined where it is not what our writer writes. */
export function placesOfProperty(value: unknown): Place[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_PLACES) return undefined;
  const places: Place[] = [];
  for (const one of value) {
    if (!isObject(one) || typeof one.path !== 'string' || one.path === '') return undefined;
    const place: Place = { path: one.path };
    for (const name of NUMBERS) {
      const number = one[name];
      if (number === undefined) continue;
      if (!Number.isSafeInteger(number) || (number as number) < 1) return undefined;
      place[name] = number as number;
    }
    places.push(place);
  }
  return places;
}
