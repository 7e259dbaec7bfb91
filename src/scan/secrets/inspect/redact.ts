import { createHash, createHmac } from 'node:crypto';
import { maskContext } from '../../../model/fingerprint.ts';
import type { Confidence } from '../rules/rule.ts';

const LONG = 24;

/**
 * What may be shown of a secret: of a long token its first four characters, which its format gives away anyway, and
 * its last two, so that its owner can tell which one it is; of anything else only its length.
 */
export function redact(secret: string, confidence: Confidence): string {
  const characters = Buffer.from(secret, 'latin1').toString('utf8');
  const length = `${characters.length} characters`;
  const isWord = /^[\x21-\x7e]+$/u.test(characters);
  if (confidence === 'general' || characters.length < LONG || !isWord) return `*** (${length})`;
  if (confidence === 'named') return `***${characters.slice(-2)} (${length})`;
  return `${characters.slice(0, 4)}***${characters.slice(-2)} (${length})`;
}

/** 12 bits of a hash as three hex digits: enough to tell a new secret from a waived one, too little to confirm a guess. */
export function twelveBits(secret: string): string {
  return createHash('sha256').update(secret, 'latin1').digest('hex').slice(0, 3);
}

/** Equal for equal secrets within one run and only there: the key is made for the run and kept nowhere. */
export function runDigest(secret: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(secret, 'latin1').digest('base64url');
}

const BEFORE = 100;
const AFTER = 40;

/**
 * The text around a match on its first line with every secret of that line replaced, for the fingerprint.
 * `secrets`: ranges in `text` (latin1) that must not show.
 */
export function maskedContext(
  text: string,
  match: { start: number; end: number; lineStart: number },
  secrets: readonly (readonly [number, number])[],
): string {
  const from = Math.max(match.lineStart, match.start - BEFORE);
  const newline = text.indexOf('\n', match.start);
  const lineEnd = newline === -1 ? text.length : newline;
  const to = Math.min(lineEnd, match.end + AFTER);
  let out = '';
  let at = from;
  for (const [start, end] of [...secrets].sort((a, b) => a[0] - b[0])) {
    if (end <= at || start >= to) continue;
    out += text.slice(at, Math.max(at, start));
    out += '*';
    at = Math.max(at, end);
  }
  out += text.slice(at, Math.max(at, to));
  return maskContext(Buffer.from(out, 'latin1').toString('utf8'));
}
