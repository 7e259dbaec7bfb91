import { SallyportError } from '../model/error.ts';
import {
  type Comparator,
  type Constraint,
  constraintsOf,
  emptyRange,
  fullRange,
  intersect,
  invert,
  isEmpty,
  type Range,
  rangeOf,
  union,
} from './range.ts';
import { schemeNamed } from './registry.ts';
import { MAX_VERSION_LENGTH, quote, type Version } from './version.ts';

/** One part of a vers, its version decoded and not yet read by the scheme. */
interface VersConstraint {
  comparator: Comparator;
  version: string;
}

/**
 * A version range specifier (https://github.com/package-url/vers-spec, docs/specification), as it is written.
 * `constraints` is `*` for every version. The types `all` and `none` have no constraint but `*`.
 */
export interface Vers {
  type: string;
  constraints: readonly VersConstraint[] | '*';
}

/** Bounds of a vers text: far above anything that is written by people or by an advisory. */
const MAX_VERS_LENGTH = 65_536;
const MAX_VERS_CONSTRAINTS = 2048;

const COMPARATORS: readonly Comparator[] = ['>=', '<=', '!=', '<', '>'];
const ENCODED = /[><=!*|%]|[^!-~]/gu;
const NO_SCHEME = new Set(['all', 'none']);

/**
 * Reads a canonical vers. Everything that is not canonical is SP-VERS-INVALID, as the specification asks: white
 * space, stray pipes, another encoding, constraints out of order, a version twice, comparators that do not alternate.
 * A single constraint needs no order, so its version is not read by the scheme here.
 */
export function parseVers(text: string): Vers {
  const vers = split(text, decodeStrictly);
  checkSequence(vers, text);
  return vers;
}

/**
 * Reads a vers that is nearly canonical, for input by people and other tools: white space is dropped, versions may be
 * encoded in any way, the order does not matter and equal constraints may be repeated. What comes out is valid or
 * SP-VERS-INVALID.
 */
export function normaliseVers(text: string): Vers {
  const vers = split(text.replace(/[ \t\r\n]+/gu, ''), decodeLeniently);
  if (vers.constraints === '*' || vers.constraints.length === 1) return vers;
  const scheme = schemeNamed(vers.type);
  const read = vers.constraints.map(({ comparator, version }) => ({
    comparator,
    version: scheme.parse(version),
  }));
  read.sort((a, b) => scheme.compare(a.version, b.version));
  const kept = read.filter((one, i) => {
    const before = read[i - 1];
    return (
      before === undefined ||
      before.comparator !== one.comparator ||
      scheme.compare(before.version, one.version) !== 0
    );
  });
  const sorted = { type: vers.type, constraints: kept.map(textual) };
  checkSequence(sorted, text);
  return sorted;
}

/** The canonical text. */
export function formatVers(vers: Vers): string {
  if (vers.constraints === '*') return `vers:${vers.type}/*`;
  const parts = vers.constraints.map(
    ({ comparator, version }) => `${comparator === '=' ? '' : comparator}${encode(version)}`,
  );
  return `vers:${vers.type}/${parts.join('|')}`;
}

/**
 * The versions that a vers stands for. With nothing but `!=` it is every other version; otherwise the intervals
 * between `>` and `<`, with the `=` versions and without the `!=` ones. Throws SP-VERSION-UNREADABLE.
 */
export function rangeOfVers(vers: Vers): Range {
  const scheme = schemeNamed(NO_SCHEME.has(vers.type) ? 'generic' : vers.type);
  if (vers.type === 'none') return emptyRange(scheme);
  if (vers.constraints === '*') return fullRange(scheme);
  const constraints = vers.constraints.map(({ comparator, version }): Constraint => {
    return { comparator, version: scheme.parse(version) };
  });
  const bounds = constraints.filter(
    ({ comparator }) => comparator.startsWith('<') || comparator.startsWith('>'),
  );
  const single = constraints.filter(({ comparator }) => comparator === '=');
  const excluded = constraints.filter(({ comparator }) => comparator === '!=');
  const parts = [...intervalsOf(bounds), ...single.map(({ version }) => rangeOf('=', version))];
  const included = parts.length === 0 ? fullRange(scheme) : union(scheme, parts);
  if (excluded.length === 0) return included;
  return intersect(
    included,
    invert(
      union(
        scheme,
        excluded.map(({ version }) => rangeOf('=', version)),
      ),
    ),
  );
}

/** `<1`, `>=2 <3`, `>4`: each `>` goes with the `<` after it. */
function intervalsOf(bounds: readonly Constraint[]): Range[] {
  const ranges: Range[] = [];
  let low: Range | null = null;
  for (const { comparator, version } of bounds) {
    const range = rangeOf(comparator, version);
    if (comparator.startsWith('>')) low = range;
    else {
      ranges.push(low === null ? range : intersect(low, range));
      low = null;
    }
  }
  if (low !== null) ranges.push(low);
  return ranges;
}

/** The shortest canonical vers for a range; `vers:none/*` for no version at all. */
export function versOfRange(range: Range): Vers {
  if (isEmpty(range)) return { type: 'none', constraints: '*' };
  const constraints = constraintsOf(range);
  return { type: range.scheme.name, constraints: constraints === null ? '*' : constraints.map(textual) };
}

/** The same versions in the fewest constraints. */
export function simplifyVers(vers: Vers): Vers {
  return NO_SCHEME.has(vers.type) ? vers : versOfRange(rangeOfVers(vers));
}

function textual(constraint: { comparator: Comparator; version: Version }): VersConstraint {
  return { comparator: constraint.comparator, version: constraint.version.text };
}

function split(text: string, decode: (version: string, text: string) => string): Vers {
  if (text.length > MAX_VERS_LENGTH) throw invalid(text, `at most ${MAX_VERS_LENGTH} characters`);
  if (/\s/u.test(text)) throw invalid(text, 'no white space');
  const match = /^vers:([a-z][a-z0-9.-]*)\/(.*)$/su.exec(text);
  if (match === null) throw invalid(text, 'vers:TYPE/CONSTRAINTS, scheme and type in lower case');
  const [, type = '', rest = ''] = match;
  if (rest === '') throw invalid(text, 'at least one constraint');
  if (rest === '*') return { type, constraints: '*' };
  if (NO_SCHEME.has(type)) throw invalid(text, `vers:${type}/* and no other constraint`);
  schemeNamed(type);
  if (rest.startsWith('|')) throw invalid(text, 'no pipe before the first constraint');
  if (rest.endsWith('|')) throw invalid(text, 'no pipe after the last constraint');
  const parts = rest.split('|');
  if (parts.length > MAX_VERS_CONSTRAINTS) throw invalid(text, `at most ${MAX_VERS_CONSTRAINTS} constraints`);
  const constraints = parts.map((part) => {
    if (part === '') throw invalid(text, 'one pipe between two constraints');
    if (part === '*') throw invalid(text, '* alone');
    const comparator = COMPARATORS.find((one) => part.startsWith(one)) ?? '=';
    const version = comparator === '=' ? part : part.slice(comparator.length);
    if (version === '' || version.length > 3 * MAX_VERSION_LENGTH)
      throw invalid(text, 'a version in every constraint');
    const decoded = decode(version, text);
    if (type === 'datetime') checkDatetime(decoded, text);
    return { comparator, version: decoded };
  });
  return { type, constraints };
}

function decodeLeniently(version: string, text: string): string {
  try {
    return decodeURIComponent(version);
  } catch {
    throw invalid(text, 'valid percent-encoding in every version');
  }
}

/** Only what must be encoded may be, in capital letters, so that one range has one text. */
function decodeStrictly(version: string, text: string): string {
  const decoded = decodeLeniently(version, text);
  if (encode(decoded) !== version) throw invalid(text, `the version written as ${quote(encode(decoded))}`);
  return decoded;
}

function encode(version: string): string {
  return version.replace(ENCODED, (character) =>
    // encodeURIComponent leaves ! and * alone.
    character === '!' ? '%21' : character === '*' ? '%2A' : encodeURIComponent(character),
  );
}

function checkDatetime(version: string, text: string): void {
  if (/[tz]/u.test(version)) throw invalid(text, 'T and Z in capital letters');
}

/** Sorted, each version once, `=` not before `<`, and `<` and `>` in turn (Core specification, validation rules). */
function checkSequence(vers: Vers, text: string): void {
  if (vers.constraints === '*' || vers.constraints.length < 2) return;
  const scheme = schemeNamed(vers.type);
  const read = vers.constraints.map(({ comparator, version }) => ({
    comparator,
    version: scheme.parse(version),
  }));
  read.forEach((one, i) => {
    const before = read[i - 1];
    if (before === undefined) return;
    const order = scheme.compare(before.version, one.version);
    if (order > 0)
      throw invalid(
        text,
        `${quote(one.version.text)} before ${quote(before.version.text)}: constraints sorted by version`,
      );
    if (order === 0) throw invalid(text, `the version ${quote(one.version.text)} in one constraint only`);
  });
  const included = read.map(({ comparator }) => comparator).filter((comparator) => comparator !== '!=');
  included.forEach((comparator, i) => {
    if (included[i - 1] === '=' && comparator.startsWith('<')) throw invalid(text, '=, > or >= after =');
  });
  const bounds = included.filter((comparator) => comparator !== '=');
  bounds.forEach((comparator, i) => {
    if (bounds[i - 1]?.[0] === comparator[0]) throw invalid(text, '< and > in turn');
  });
}

function invalid(text: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-VERS-INVALID',
    message: `not a canonical version range specifier: ${quote(text)}`,
    expected,
    found: quote(text),
    next: 'correct the range; https://packageurl.org/docs/vers describes the notation',
  });
}
