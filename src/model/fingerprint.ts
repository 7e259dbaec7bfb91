import { hash } from 'node:crypto';

/** What identifies a finding over time. `context` is the text around it with everything secret masked. */
export interface FingerprintParts {
  rule: string;
  path: string;
  context: string;
}

const MAX_CONTEXT = 4096;
/** A value after a name that promises a secret, quoted or not. */
const NAMED_SECRET =
  /((?:passw(?:or)?d|passphrase|secret|token|api_?key|private_?key|credential)s?["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;]+)/giu;
/** What follows a scheme, or sixteen characters or more of one word: a candidate for a random value. */
const ADDRESS_OR_WORD = /:\/\/[^\s"'`<>]+|[A-Za-z0-9+/_=-]{16,}/gu;
const HEX = /^[0-9a-f]+$/iu;
const PATH_WORD = /[A-Za-z0-9+_=-]{16,}/gu;

/**
 * The text around a finding with every value masked that could be a secret, so that nothing can be guessed back
 * from a fingerprint, and with blank runs folded, so that re-indenting changes nothing. Names stay: a waiver for
 * one image, server or function must not cover another.
 */
export function maskContext(text: string): string {
  return text
    .slice(0, MAX_CONTEXT)
    .replace(NAMED_SECRET, '$1*')
    .replace(ADDRESS_OR_WORD, (word) => (word.startsWith('://') ? maskAddress(word) : maskWord(word)))
    .replace(/\s+/gu, ' ')
    .trim();
}

function maskWord(word: string): string {
  // Names of images and paths have no capitals, which random text that holds a slash does have.
  if (word.includes('/') && !/[A-Z]/u.test(word)) return word.replace(PATH_WORD, maskRandom);
  return maskRandom(word);
}

/**
 * Twelve bits of a hash stay of a masked word, so that what covers one name does not cover the next; far too few to guess
 * a value back. Of a digest nothing stays: an image that is pinned anew is the same image.
 */
function maskRandom(word: string): string {
  if ((word.match(/[0-9]/gu)?.length ?? 0) < 3) return word;
  return HEX.test(word) ? '*' : `*${hash('sha256', word).slice(0, 3)}`;
}

/** Server and port stay as they are, whatever they are made of; names and passwords before an `@` do not. */
function maskAddress(text: string): string {
  const end = text.slice(3).search(/[/?#]/u);
  const authority = end === -1 ? text.slice(3) : text.slice(3, 3 + end);
  const server = authority.slice(authority.lastIndexOf('@') + 1);
  const rest = text.slice(3 + authority.length).replace(PATH_WORD, maskRandom);
  return `://${server === authority ? '' : '*@'}${server}${rest}`;
}

/** What findings are told apart by: 128 bits of sha256(rule, path, masked context), as 32 hex digits. */
export function fingerprintOf({ rule, path, context }: FingerprintParts): string {
  return hash('sha256', JSON.stringify([rule, path, context])).slice(0, 32);
}

/**
 * Fingerprints for findings in the order in which they stand in a file: what they are told apart by, and the ordinal
 * among equals. Neither line nor commit takes part, so it survives moved lines and squashed commits.
 */
export class Fingerprinter {
  readonly #seen = new Map<string, number>();

  next(parts: FingerprintParts): string {
    return this.number(fingerprintOf(parts));
  }

  /** The next fingerprint of those that `fingerprintOf` gives this key. */
  number(key: string): string {
    const ordinal = this.#seen.get(key) ?? 0;
    this.#seen.set(key, ordinal + 1);
    // Through a buffer, so that a hundred thousand of them are flat strings and not pieces that hold each other.
    return Buffer.from(`${key}:${ordinal}`, 'latin1').toString('latin1');
  }
}

/** The fingerprint without its ordinal: equal for findings that only their position tells apart. */
export function fingerprintKey(fingerprint: string): string {
  const colon = fingerprint.lastIndexOf(':');
  return colon === -1 ? fingerprint : fingerprint.slice(0, colon);
}
