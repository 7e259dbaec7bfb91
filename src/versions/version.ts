import { SallyportError } from '../model/error.ts';
import type { Range } from './range.ts';

/** -1: the first is older; 0: the order sees no difference; 1: the first is newer. */
export type Ordering = -1 | 0 | 1;

/** A longer text is no version: nothing real comes near it, and it bounds the work of every parser. */
export const MAX_VERSION_LENGTH = 512;
/** The same for a range in an ecosystem's own notation. */
const MAX_RANGE_LENGTH = 8192;

/** A version that was read by the rules of one scheme. `text` is as it was written. */
export interface Version {
  readonly scheme: Scheme;
  readonly text: string;
  /** What `scheme` compares by; nobody else looks inside. */
  readonly key: unknown;
}

/** The rules of one ecosystem: which texts are versions, how they are ordered, how ranges are written there. */
export interface Scheme {
  /** The vers type (https://github.com/package-url/vers-spec, VERS types), mostly the purl type too. */
  readonly name: string;
  /** Purl types whose versions follow these rules. */
  readonly purlTypes: readonly string[];
  /** OSV ecosystem names (OSV schema, `affected[].package.ecosystem`), without what follows a colon. */
  readonly osvEcosystems: readonly string[];
  /** Throws SP-VERSION-UNREADABLE for a text that is no version here; never guesses. */
  parse(text: string): Version;
  /** A total preorder; throws SP-VERSION-SCHEME for a version of another scheme. */
  compare(a: Version, b: Version): Ordering;
  /** Reads a range in the ecosystem's own notation. Throws SP-RANGE-UNREADABLE or SP-VERSION-UNREADABLE. */
  parseNativeRange?(text: string): Range;
}

export interface SchemeDefinition<Key> {
  name: string;
  purlTypes?: readonly string[];
  osvEcosystems?: readonly string[];
  /** Null where the text is no version. The text is not empty and within the length limit. */
  read(text: string): Key | null;
  compare(a: Key, b: Key): number;
  /** What a version looks like here, for the error message. */
  expected: string;
  /** The text is within the length limit. */
  nativeRange?(text: string, scheme: Scheme): Range;
}

export function defineScheme<Key>(definition: SchemeDefinition<Key>): Scheme {
  const { name, expected, nativeRange } = definition;
  const scheme: Scheme = {
    name,
    purlTypes: definition.purlTypes ?? [],
    osvEcosystems: definition.osvEcosystems ?? [],
    parse(text) {
      if (text.length === 0 || text.length > MAX_VERSION_LENGTH)
        throw unreadableVersion(name, text, expected);
      const key = definition.read(text);
      if (key === null) throw unreadableVersion(name, text, expected);
      return { scheme, text, key };
    },
    compare(a, b) {
      if (a.scheme !== scheme || b.scheme !== scheme) throw mixedSchemes(a, b);
      const order = definition.compare(a.key as Key, b.key as Key);
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    },
    ...(nativeRange === undefined
      ? {}
      : {
          parseNativeRange: (text: string) => {
            if (text.length > MAX_RANGE_LENGTH)
              throw unreadableRange(name, text, `at most ${MAX_RANGE_LENGTH} characters`);
            return nativeRange(text, scheme);
          },
        }),
  };
  return scheme;
}

/** A foreign text in an error message: quoted, its control characters escaped, cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function unreadableVersion(scheme: string, text: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-VERSION-UNREADABLE',
    message: `not a version of the scheme ${scheme}: ${quote(text)}`,
    expected: text.length > MAX_VERSION_LENGTH ? `at most ${MAX_VERSION_LENGTH} characters` : expected,
    found: text === '' ? 'an empty text' : quote(text),
    next: 'correct the version where it is declared, or treat the component as unknown',
  });
}

export function unreadableRange(scheme: string, text: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-RANGE-UNREADABLE',
    message: `not a version range of the scheme ${scheme}: ${quote(text)}`,
    expected,
    found: text === '' ? 'an empty text' : quote(text),
    next: 'correct the range where it is declared',
  });
}

function mixedSchemes(a: Version, b: Version): SallyportError {
  return new SallyportError({
    code: 'SP-VERSION-SCHEME',
    message: `versions of different schemes have no order: ${a.scheme.name} ${quote(a.text)}, ${b.scheme.name} ${quote(b.text)}`,
    expected: 'two versions of one scheme',
    found: `${a.scheme.name} and ${b.scheme.name}`,
    next: 'read both versions by the scheme of the package',
  });
}
