/** A piece of text that was encoded, decoded. */
export interface Decoded {
  how: 'base64' | 'hex' | 'percent';
  /** Where the encoded piece stands in the text that it was found in. */
  start: number;
  end: number;
  /** Printable ASCII as latin1. */
  text: string;
}

const MIN_RUN = 24;
const MAX_RUN = 64 * 1024;
/** Decoded bytes of one fragment: a file full of base64 must not take twice the time. */
const MAX_DECODED = 512 * 1024;

const RUN = table('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_');
const HEX = table('0123456789abcdefABCDEF');
const PERCENT = 0x25;

function table(characters: string): Uint8Array {
  const out = new Uint8Array(256);
  for (const char of characters) out[char.charCodeAt(0)] = 1;
  return out;
}

/**
 * What is encoded in a text, decoded one level: runs of base64, base64url and hex that hold printable text, and
 * percent-encoded words. Bytes that decode to something else are left: they are not text that hides a secret.
 */
export function decodeRuns(bytes: Uint8Array): Decoded[] {
  const out: Decoded[] = [];
  let budget = MAX_DECODED;
  const take = (decoded: Decoded | null) => {
    if (decoded === null || decoded.text.length > budget) return;
    budget -= decoded.text.length;
    out.push(decoded);
  };
  findRuns(bytes, (start, end) => {
    if (end - start <= MAX_RUN) take(decodeRun(bytes, start, end));
  });
  for (let at = bytes.indexOf(PERCENT); at !== -1; at = bytes.indexOf(PERCENT, at + 1)) {
    if (!isHexPair(bytes, at)) continue;
    const word = percentWord(bytes, at);
    take(word);
    if (word !== null) at = word.end - 1;
  }
  return out.sort((a, b) => a.start - b.start);
}

/**
 * Runs of MIN_RUN or more. A run of that length covers every MIN_RUN-th place, so that most bytes need no look.
 */
function findRuns(bytes: Uint8Array, found: (start: number, end: number) => void): void {
  let done = 0;
  for (let at = MIN_RUN - 1; at < bytes.length; at += MIN_RUN) {
    if (RUN[bytes[at] as number] !== 1) continue;
    let start = at;
    while (start > done && RUN[bytes[start - 1] as number] === 1) start--;
    let end = at + 1;
    while (end < bytes.length && RUN[bytes[end] as number] === 1) end++;
    if (end - start >= MIN_RUN) found(start, end);
    done = end;
    at = Math.max(at, end);
  }
}

function decodeRun(bytes: Uint8Array, start: number, end: number): Decoded | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(16, end - start));
  const isHex = head.every((byte) => HEX[byte] === 1);
  if (isHex) return (end - start) % 2 === 0 ? decodeHex(bytes, start, end) : null;
  // The first twelve bytes tell text from anything else for almost every run.
  if (!isPrintable(Buffer.from(head.toString('latin1'), 'base64'))) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const decoded = Buffer.from(text, 'base64');
  return isPrintable(decoded) ? { how: 'base64', start, end, text: decoded.toString('latin1') } : null;
}

function decodeHex(bytes: Uint8Array, start: number, end: number): Decoded | null {
  const decoded = Buffer.from(
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'),
    'hex',
  );
  if (decoded.length * 2 !== end - start || !isPrintable(decoded)) return null;
  return { how: 'hex', start, end, text: decoded.toString('latin1') };
}

function isPrintable(bytes: Uint8Array): boolean {
  for (const byte of bytes)
    if (byte > 0x7e || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
  return bytes.length > 0;
}

function isHexPair(bytes: Uint8Array, at: number): boolean {
  return at + 2 < bytes.length && HEX[bytes[at + 1] as number] === 1 && HEX[bytes[at + 2] as number] === 1;
}

const MAX_WORD = 4096;

/** The word without blanks and quotes around a percent escape. */
function percentWord(bytes: Uint8Array, at: number): Decoded | null {
  const stops = (byte: number | undefined) =>
    byte === undefined || byte <= 0x20 || byte === 0x22 || byte === 0x27 || byte === 0x3c || byte === 0x3e;
  let start = at;
  while (start > 0 && at - start < MAX_WORD && !stops(bytes[start - 1])) start--;
  let end = at;
  while (end < bytes.length && end - at < MAX_WORD && !stops(bytes[end])) end++;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const decoded = text.replace(/%([0-9A-Fa-f]{2})/gu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return isPrintable(Buffer.from(decoded, 'latin1')) ? { how: 'percent', start, end, text: decoded } : null;
}
