/** What the bytes of a file are, as far as it matters for reading them. */
export type ContentKind = 'text' | 'utf-16le' | 'utf-16be' | 'zip' | 'gzip' | 'tar' | 'binary';

const SNIFFED = 8192;

/** By magic numbers and NUL bytes, not by name: a name is the author's. */
export function contentKind(bytes: Uint8Array): ContentKind {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe && !(c === 0 && d === 0)) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0x50 && b === 0x4b && (c === 3 || c === 5 || c === 7)) return 'zip';
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (isTar(bytes)) return 'tar';
  const head = bytes.subarray(0, SNIFFED);
  const nul = head.indexOf(0);
  if (nul === -1) return 'text';
  return utf16Guess(head) ?? 'binary';
}

/** `ustar` at 257 (POSIX.1-1988 and GNU). */
function isTar(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 512 && [0x75, 0x73, 0x74, 0x61, 0x72].every((byte, index) => bytes[257 + index] === byte)
  );
}

/** UTF-16 without a byte order mark: text in Latin script has a NUL in every second place and nowhere else. */
function utf16Guess(head: Uint8Array): ContentKind | null {
  const counts = [0, 0];
  for (let at = 0; at < head.length; at++)
    if (head[at] === 0) counts[at & 1] = (counts[at & 1] as number) + 1;
  const half = head.length / 2;
  const [even, odd] = counts as [number, number];
  if (head.length < 8) return null;
  if (odd > half * 0.7 && even < half * 0.02) return 'utf-16le';
  if (even > half * 0.7 && odd < half * 0.02) return 'utf-16be';
  return null;
}

/** UTF-16 text as UTF-8 bytes; line numbers stay, columns are those of the decoded text. */
export function utf16ToUtf8(bytes: Uint8Array, kind: 'utf-16le' | 'utf-16be'): Buffer {
  const text = new TextDecoder(kind === 'utf-16le' ? 'utf-16le' : 'utf-16be').decode(bytes);
  return Buffer.from(text, 'utf8');
}
