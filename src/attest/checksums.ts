import { SallyportError } from '../model/error.ts';
import type { Subject } from '../model/subject.ts';

/** As many subjects as GitHub's attest action takes from such a file; verifiers have limits too. */
export const MAX_SUBJECTS = 1024;
/** Bytes of a checksum file, by the same measure. */
export const MAX_CHECKSUMS = 512 * MAX_SUBJECTS;
/** Longest path of Linux, and the longest name of a subject that `verify` reads. */
const MAX_NAME = 4096;

type Algorithm = 'sha256' | 'sha384' | 'sha512';
const BY_LENGTH: Readonly<Record<number, Algorithm>> = { 64: 'sha256', 96: 'sha384', 128: 'sha512' };
const BY_TAG: Readonly<Record<string, Algorithm>> = { SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' };
/** By the number of hex digits: what is told by name, since it is seen often and proves nothing. */
const WEAK: Readonly<Record<number, string>> = { 8: 'CRC-32', 32: 'MD5', 40: 'SHA-1', 56: 'SHA-224' };
const STRONG = 'SHA-256, SHA-384 or SHA-512';

const TAGGED = /^([A-Za-z0-9/-]{1,20}) \((.*)\) = ([0-9A-Za-z+/=]+)$/su;
const PLAIN = /^([0-9A-Fa-f]+) [ *](.*)$/su;
const FORMS = 'HEX, two spaces (or a space and *) and a name, or SHA256 (NAME) = HEX';
/** What could hide, forge or turn around a name where it is shown. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

interface Line {
  algorithm: Algorithm;
  /** Lower-case hex. */
  digest: string;
  name: string;
}

type Refuse = (
  code: `SP-CHECKSUMS-${string}`,
  message: string,
  parts: { expected: string; found: string; next?: string },
) => SallyportError;

/**
 * The subjects of a checksum file as sha256sum, sha384sum and sha512sum write it (GNU coreutils, "sha2 utilities"):
 * `HEX  NAME`, `HEX *NAME`, the tagged form of --tag, each with a leading backslash where the name is escaped. In the order
 * of the file; a name with digests of two algorithms is one subject. Every line counts: one that is not understood is an
 * artefact that nobody would vouch for. `path` is for messages. Throws SP-CHECKSUMS-*, with the line.
 */
export function readChecksums(bytes: Uint8Array, path: string): Subject[] {
  const lines = linesOf(bytes, path);
  const subjects = new Map<string, Subject>();
  for (const [index, text] of lines.entries()) {
    const refuse = refuseAt(path, index + 1);
    const { algorithm, digest, name } = lineOf(text, refuse);
    const key = keyOf(name, refuse);
    const known = subjects.get(key) ?? { name, digest: {} };
    const before = known.digest[algorithm];
    if (before !== undefined && before !== digest) {
      throw refuse(
        'SP-CHECKSUMS-DUPLICATE',
        `the checksum file names ${quoted(name)} twice, with two digests`,
        {
          expected: `${algorithm}:${before}, as before`,
          found: `${algorithm}:${digest}`,
          next: 'write the file anew; one that is appended to keeps the digests of earlier builds',
        },
      );
    }
    known.digest[algorithm] = digest;
    subjects.set(key, known);
    if (subjects.size > MAX_SUBJECTS) {
      throw refuse('SP-CHECKSUMS-LIMIT', 'the checksum file names too many files for one statement', {
        expected: `at most ${MAX_SUBJECTS}`,
        found: `more than that in ${lines.length} lines`,
        next: 'split the file, and attest each part',
      });
    }
  }
  return [...subjects.values()];
}

function linesOf(bytes: Uint8Array, path: string): string[] {
  if (bytes.length === 0) {
    throw refuseAt(path, null)(
      'SP-CHECKSUMS-EMPTY',
      'the checksum file is empty: there is nothing to attest',
      {
        expected: 'a line for each file',
        found: '0 bytes',
      },
    );
  }
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\n');
  if (lines.pop() !== '') {
    throw refuseAt(path, lines.length + 1)('SP-CHECKSUMS-FORMAT', 'the checksum file ends within a line', {
      expected: 'a line break after the last line',
      found: 'none: the file may have been cut off',
    });
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return lines.map((line, index) => {
    try {
      return decoder.decode(Buffer.from(line, 'latin1'));
    } catch {
      throw refuseAt(path, index + 1)('SP-CHECKSUMS-NAME', 'the name is not text', {
        expected: 'a name in UTF-8',
        found: 'other bytes',
      });
    }
  });
}

function lineOf(text: string, refuse: Refuse): Line {
  const escaped = text.startsWith('\\');
  const line = escaped ? text.slice(1) : text;
  const tagged = TAGGED.exec(line);
  const plain = tagged === null ? PLAIN.exec(line) : null;
  const [hex, name] = tagged === null ? [plain?.[1], plain?.[2]] : [tagged[3], tagged[2]];
  if (hex === undefined || name === undefined) {
    throw refuse('SP-CHECKSUMS-FORMAT', 'the line of the checksum file cannot be read', {
      expected: FORMS,
      found: text === '' ? 'an empty line' : quoted(text),
    });
  }
  return {
    algorithm: tagged === null ? byLength(hex, refuse) : byTag(tagged[1] ?? '', hex, refuse),
    digest: hex.toLowerCase(),
    name: escaped ? unescaped(name, refuse) : name,
  };
}

function byLength(hex: string, refuse: Refuse): Algorithm {
  const algorithm = BY_LENGTH[hex.length];
  if (algorithm !== undefined) return algorithm;
  const weak = WEAK[hex.length];
  throw refuse(
    'SP-CHECKSUMS-ALGORITHM',
    weak === undefined
      ? 'the digest has the length of none that is taken'
      : 'the digest is of an algorithm that proves too little',
    { expected: STRONG, found: weak ?? `${hex.length} hex digits`, next: 'write the file with sha256sum' },
  );
}

function byTag(tag: string, hex: string, refuse: Refuse): Algorithm {
  const algorithm = Object.hasOwn(BY_TAG, tag) ? BY_TAG[tag] : undefined;
  if (algorithm === undefined) {
    throw refuse('SP-CHECKSUMS-ALGORITHM', 'the digest is of an algorithm that is not taken', {
      expected: STRONG,
      found: tag,
      next: 'write the file with sha256sum --tag',
    });
  }
  if (BY_LENGTH[hex.length] === algorithm && /^[0-9A-Fa-f]+$/u.test(hex)) return algorithm;
  throw refuse('SP-CHECKSUMS-FORMAT', `the digest is none of ${tag}`, {
    expected: `${Number(algorithm.slice(3)) / 4} hex digits`,
    found: quoted(hex),
  });
}

/** Undoes what coreutils writes for a line break, a carriage return and a backslash. */
function unescaped(name: string, refuse: Refuse): string {
  return name.replace(/\\(.?)/gsu, (whole, character: string) => {
    if (character === '\\') return '\\';
    if (character === 'n') return '\n';
    if (character === 'r') return '\r';
    throw refuse('SP-CHECKSUMS-FORMAT', 'the escaped name of the checksum file cannot be read', {
      expected: '\\\\, \\n or \\r after the backslash at the start of the line',
      found: quoted(whole),
    });
  });
}

/** What tells two names apart: `./app` and `app` are one file. Throws SP-CHECKSUMS-NAME for what names no file below. */
function keyOf(name: string, refuse: Refuse): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const wrong =
    parts.length === 0
      ? 'no name'
      : name === '-'
        ? 'what was read from a pipe has no name'
        : name.length > MAX_NAME
          ? `${name.length} characters`
          : HIDDEN.test(name)
            ? `control characters in ${quoted(name)}`
            : /^[/\\]|^[A-Za-z]:[/\\]/u.test(name)
              ? `the absolute path ${quoted(name)}`
              : name.split(/[/\\]/u).includes('..')
                ? `a way out of its folder: ${quoted(name)}`
                : null;
  if (wrong === null) return parts.join('/');
  throw refuse('SP-CHECKSUMS-NAME', 'the checksum file names something that cannot be attested', {
    expected: `a file in or below the folder, by at most ${MAX_NAME} characters`,
    found: wrong,
    next: 'run sha256sum in the folder of the files',
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function refuseAt(path: string, line: number | null): Refuse {
  return (code, message, parts) =>
    new SallyportError({ code, message, place: line === null ? { path } : { path, line }, ...parts });
}
