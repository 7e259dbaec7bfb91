import { SallyportError } from '../model/error.ts';
import { type PurlTypeRules, purlTypes } from './purl-types.ts';
import { quote } from './version.ts';

/** A package URL in its parts, decoded. `namespace` and `subpath` have `/` between their segments. */
export interface Purl {
  type: string;
  namespace?: string | undefined;
  name: string;
  version?: string | undefined;
  qualifiers?: Readonly<Record<string, string>> | undefined;
  subpath?: string | undefined;
}

const MAX_PURL_LENGTH = 8192;
/** What needs neither encoding nor decoding: most names and versions. */
const PLAIN = /^[A-Za-z0-9._~-]*$/u;

/** A name and a version in which nothing is encoded: most of what a lockfile has, and there are thousands. */
const SIMPLE = /^pkg:([a-z]+)\/([A-Za-z0-9._~-]+)@([A-Za-z0-9._~-]+)$/u;

const NO_RULES: PurlTypeRules = {};
const NO_QUALIFIERS: Readonly<Record<string, string>> = {};

const TYPE = /^[a-z][a-z0-9.-]*$/u;
const QUALIFIER_KEY = /^[a-z][a-z0-9._-]*$/u;

/**
 * Reads a package URL (https://github.com/package-url/purl-spec, docs/specification) and brings it into the form
 * that its type asks for. Throws SP-PURL-INVALID, also for qualifier keys that are not in lower case and for a `/` after the name, where a name was forgotten.
 */
export function parsePurl(text: string): Purl {
  return read(text, false);
}

/** The same for a purl written by others: qualifier keys in capitals and a `/` after the name are put right. */
export function parseLenientPurl(text: string): Purl {
  return read(text, true);
}

/** The canonical text of its parts. Throws SP-PURL-INVALID for parts that no package URL of the type can have. */
export function formatPurl(parts: Purl): string {
  const text = `pkg:${parts.type}/${parts.name}`;
  const { type, namespace, name, version, qualifiers, subpath } = canonical(parts, text);
  let path = `pkg:${type}/`;
  if (namespace !== undefined) path += `${encodePath(namespace, text)}/`;
  path += purlTypes.get(type)?.pathName === true ? encodePath(name, text) : encode(name, text);
  if (version !== undefined) path += `@${encode(version, text)}`;
  if (qualifiers !== undefined) {
    const pairs = Object.entries(qualifiers).map(([key, value]) => `${key}=${encode(value, text)}`);
    path += `?${pairs.join('&')}`;
  }
  return subpath === undefined ? path : `${path}#${encodePath(subpath, text)}`;
}

function encodePath(path: string, text: string): string {
  return path
    .split('/')
    .map((segment) => encode(segment, text))
    .join('/');
}

/** The purl without version, qualifiers and subpath: what names the package and not one release of it. */
export function packageOfPurl(purl: Purl): string {
  return formatPurl({
    type: purl.type,
    namespace: purl.namespace,
    name: purl.name,
    qualifiers: identifying(purl),
  });
}

/** Qualifiers that a type requires belong to the name of the package. */
function identifying(purl: Purl): Record<string, string> {
  const required = purlTypes.get(purl.type)?.qualifiers ?? [];
  return Object.fromEntries(Object.entries(purl.qualifiers ?? {}).filter(([key]) => required.includes(key)));
}

function read(text: string, lenient: boolean): Purl {
  if (text.length > MAX_PURL_LENGTH) throw invalid(text, `at most ${MAX_PURL_LENGTH} characters`);
  const [, plainType, plainName = '', plainVersion] = SIMPLE.exec(text) ?? [];
  if (plainType !== undefined && purlTypes.get(plainType)?.pathName !== true)
    return canonical({ type: plainType, name: plainName, version: plainVersion }, text);
  const [beforeSubpath, subpath] = splitLast(text, '#');
  const [beforeQuery, query] = splitLast(beforeSubpath, '?');
  const colon = beforeQuery.indexOf(':');
  if (colon === -1 || beforeQuery.slice(0, colon).toLowerCase() !== 'pkg')
    throw invalid(text, 'pkg: at the beginning');
  const path = beforeQuery.slice(colon + 1).replace(/^\/+/u, '');
  const slash = path.indexOf('/');
  if (slash === -1) throw invalid(text, 'a type and a name with / between them');
  const type = path.slice(0, slash).toLowerCase();
  const { names, version } = splitVersion(path.slice(slash + 1), text);
  if (!lenient && names.endsWith('/')) throw invalid(text, 'a name after the last /');
  const segments = names.split('/').filter((segment) => segment !== '');
  const name = purlTypes.get(type)?.pathName ? segments.splice(1).join('/') : segments.pop();
  const decoded = segments.map((segment) => decodeSegment(segment, text));
  return canonical(
    {
      type,
      namespace: decoded.join('/'),
      name: decode(name ?? '', text),
      version: version === undefined ? undefined : decode(version, text),
      qualifiers: query === undefined ? undefined : readQualifiers(query, lenient, text),
      subpath: subpath
        ?.split('/')
        .map((segment) => decodeSegment(segment, text))
        .join('/'),
    },
    text,
  );
}

/** The `@` before a version stands after the last `/`; one that begins a segment (`@babel/core`) is of the name. */
function splitVersion(path: string, text: string): { names: string; version: string | undefined } {
  const [names, version] = splitLast(path, '@');
  if (version === undefined) return { names, version };
  if (!version.includes('/')) return { names, version };
  if (names === '' || names.endsWith('/')) return { names: path, version: undefined };
  throw invalid(text, 'a / in the version written as %2F');
}

function splitLast(text: string, separator: string): [string, string | undefined] {
  const at = text.lastIndexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readQualifiers(query: string, lenient: boolean, text: string): Record<string, string> {
  const entries = query.split('&').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    if (equals === -1) throw invalid(text, 'KEY=VALUE in every qualifier');
    const key = pair.slice(0, equals);
    return [lenient ? key.toLowerCase() : key, decode(pair.slice(equals + 1), text)];
  });
  if (new Set(entries.map(([key]) => key)).size !== entries.length)
    throw invalid(text, 'each qualifier key once');
  return Object.fromEntries(entries);
}

/** Checks the parts and brings them into the form of their type. Empty parts are left out. */
function canonical(parts: Purl, text: string): Purl {
  const type = String(parts.type ?? '').toLowerCase();
  const known = purlTypes.get(type);
  if (known === undefined && !TYPE.test(type))
    throw invalid(text, 'a type of letters, digits, dots and dashes that begins with a letter');
  const rules = known ?? NO_RULES;
  const qualifiers =
    parts.qualifiers === undefined && rules.qualifiers === undefined
      ? NO_QUALIFIERS
      : checkedQualifiers(parts.qualifiers ?? NO_QUALIFIERS, rules, text);
  const namespace = formed(withoutEmptySegments(parts.namespace), 'namespace', rules);
  const plainName = formed(withoutOuterSlashes(parts.name ?? ''), 'name', rules);
  const name = rules.name === undefined ? plainName : rules.name(plainName, qualifiers);
  const version = formed(parts.version ?? '', 'version', rules);
  const subpath = formed(subpathOf(parts.subpath), 'subpath', rules);
  if (name === '') throw invalid(text, 'a name');
  if (rules.namespace === 'required' && namespace === '' && rules.withoutNamespace?.test(name) !== true)
    throw invalid(text, `a namespace, which the type ${type} requires`);
  if (rules.namespace === 'prohibited' && namespace !== '')
    throw invalid(text, `no namespace, which the type ${type} does not have`);
  if (rules.namePattern?.test(name) === false) throw invalid(text, `a name that the type ${type} permits`);
  if (version !== '' && rules.versionPattern?.test(version) === false)
    throw invalid(text, `a version that the type ${type} permits`);
  const purl: Purl = { type, name };
  if (namespace !== '') purl.namespace = rules.namespaceForm?.(namespace) ?? namespace;
  if (version !== '') purl.version = version;
  if (qualifiers !== NO_QUALIFIERS && Object.keys(qualifiers).length > 0) purl.qualifiers = qualifiers;
  if (subpath !== '') purl.subpath = subpath;
  return purl;
}

function withoutEmptySegments(part: string | undefined): string {
  if (part === undefined || !part.includes('/')) return part ?? '';
  return part
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
}

function withoutOuterSlashes(name: string): string {
  let start = 0;
  let end = name.length;
  while (start < end && name[start] === '/') start++;
  while (end > start && name[end - 1] === '/') end--;
  return name.slice(start, end);
}

function subpathOf(subpath: string | undefined): string {
  if (subpath === undefined) return '';
  return subpath
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .join('/');
}

function formed(
  part: string,
  component: 'namespace' | 'name' | 'version' | 'subpath',
  rules: PurlTypeRules,
): string {
  return rules.lower?.includes(component) ? part.toLowerCase() : part;
}

/** Without empty values, sorted by key. */
function checkedQualifiers(
  qualifiers: Readonly<Record<string, string>>,
  rules: PurlTypeRules,
  text: string,
): Record<string, string> {
  const entries = Object.entries(qualifiers).filter(([, value]) => value !== '');
  const wrong = entries.find(([key]) => !QUALIFIER_KEY.test(key));
  if (wrong !== undefined) {
    throw invalid(
      text,
      `a qualifier key of lower-case letters, digits, dots, dashes and underscores, not ${quote(wrong[0])}`,
    );
  }
  const missing = rules.qualifiers?.find((key) => !entries.some(([one]) => one === key));
  if (missing !== undefined) throw invalid(text, `the qualifier ${missing}, which the type requires`);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function decode(part: string, text: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, 'valid percent-encoding of UTF-8');
  }
}

function decodeSegment(segment: string, text: string): string {
  const decoded = decode(segment, text);
  if (decoded.includes('/')) throw invalid(text, 'no encoded / inside a segment');
  return decoded;
}

/** Everything but letters, digits, `.-_~` and the colon is encoded. */
function encode(part: string, text: string): string {
  if (PLAIN.test(part)) return part;
  if (!part.isWellFormed()) throw invalid(text, 'well-formed Unicode');
  return encodeURIComponent(part)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/gu, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function invalid(text: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-PURL-INVALID',
    message: `not a package URL: ${quote(text)}`,
    expected,
    found: quote(text),
    next: 'correct the package URL; https://packageurl.org describes it',
  });
}
