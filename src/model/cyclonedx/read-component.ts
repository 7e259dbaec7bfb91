import { type Component, type Scope, scopes } from '../component.ts';
import { beyond } from '../json/lossless.ts';
import { isObject, type Json, objectsOf, put, textOf } from '../json/values.ts';
import type { Place } from '../location.ts';
import { renderMembers } from './render.ts';
import {
  CHILDREN,
  DEPRECATED,
  DIRECT,
  HASH,
  INSTALL_SCRIPTS,
  ORIGIN,
  OURS,
  PLACES,
  RELEASED,
  SCOPE,
  UNRESOLVED,
} from './schema.ts';
import { placesOfProperty } from './shape.ts';

/** A component as it stands in a document, and what those inside it are called. */
export interface Found {
  raw: Json;
  ref: string;
  children: string[] | undefined;
}

/** A component as the model has it; what the model does not name is kept in its `rest`. */
export function readComponent(
  { raw, ref, children }: Found,
  direct: ReadonlySet<string> | undefined,
): Component {
  const own = propertiesOf(raw);
  const group = textOf(raw.group);
  const version = textOf(raw.version);
  const purl = textOf(raw.purl);
  const origin = own.get(ORIGIN)?.[0];
  const said = own.get(DIRECT)?.[0];
  const unresolved = own.get(UNRESOLVED)?.[0];
  const released = own.get(RELEASED)?.[0];
  const installScripts = truthIn(own.get(INSTALL_SCRIPTS)?.[0]);
  const deprecated = truthIn(own.get(DEPRECATED)?.[0]);
  const component: Component = {
    ref,
    type: raw.type as string,
    name: raw.name as string,
    licenses: licensesOf(raw.licenses),
    hashes: hashesOf(raw.hashes, own.get(HASH) ?? []),
    scope: scopeOf(raw, own.get(SCOPE)?.[0]),
    direct: said === undefined ? (direct?.has(ref) ?? null) : (truthIn(said) ?? null),
    places: placesOf(raw, own.get(PLACES)?.[0]),
  };
  if (group !== undefined) component.group = group;
  if (version !== undefined) component.version = version;
  if (purl !== undefined) component.purl = purl;
  if (unresolved !== undefined) component.unresolved = unresolved;
  if (installScripts !== undefined) component.installScripts = installScripts;
  if (deprecated !== undefined) component.deprecated = deprecated;
  if (released !== undefined) component.released = released;
  if (origin !== undefined) component.origin = origin;
  const rest = restOfComponent(raw, component);
  if (children !== undefined) rest[CHILDREN] = children;
  if (Object.keys(rest).length > 0) component.rest = rest;
  return component;
}

/** Members that the model does not name, or names otherwise. Member by member: a copy without some is slow, a component at a time. */
function restOfComponent(raw: Json, component: Component): Json {
  const rendered = renderMembers(component);
  const rest: Json = {};
  for (const name of Object.keys(raw)) {
    if (name === 'components' || name === CHILDREN) continue;
    const value = raw[name];
    if (name === 'properties') {
      const others = Array.isArray(value) ? value.filter((entry) => !isOurs(entry)) : [];
      if (others.length > 0) rest.properties = others;
      continue;
    }
    const kept = Object.hasOwn(rendered, name) ? beyond(value, rendered[name]) : value;
    if (kept !== undefined) put(rest, name, kept);
  }
  return rest;
}

function truthIn(said: string | undefined): boolean | undefined {
  return said === 'true' ? true : said === 'false' ? false : undefined;
}

/** A property under our own names. */
export function isOurs(entry: unknown): boolean {
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
