import type { StructureCheck } from './check.ts';
import { base64Bytes } from './encoded.ts';

const BODY = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----([\s\S]{0,20000}?)-----END/u;

/** A private key in PEM (RFC 7468): its body is base64 of DER, of OpenSSH's format, or of an OpenPGP packet. */
export const pemCheck: StructureCheck = {
  source: 'https://www.rfc-editor.org/rfc/rfc7468',
  run(secret) {
    // Inside a string literal the lines end in an escape.
    const text = secret.replace(/\\r|\\n|\\t/gu, '\n').replace(/["'`][ \t]{0,8}\+|["'`,\\]/gu, '\n');
    const match = BODY.exec(text);
    if (match === null) return 'unknown';
    const body = (match[2] ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^[A-Za-z-]+: /u.test(line) && !/^=[A-Za-z0-9+/]{4}$/u.test(line))
      .join('');
    const joined = body.replace(/[^A-Za-z0-9+/=]+/gu, '');
    if (joined.length < 40) return 'invalid';
    const bytes = base64Bytes(joined.replace(/=+$/u, ''));
    if (bytes === null) return 'invalid';
    if (bytes.toString('latin1', 0, 14) === 'openssh-key-v1') return 'valid';
    if (match[1]?.includes('PGP')) return ((bytes[0] ?? 0) & 0x80) !== 0 ? 'valid' : 'invalid';
    if (text.includes('Proc-Type: 4,ENCRYPTED')) return 'unknown';
    return isDerSequence(bytes) ? 'valid' : 'invalid';
  },
};

/** A SEQUENCE whose length is that of the bytes, as X.690 encodes it. */
function isDerSequence(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false;
  const first = bytes[1] ?? 0;
  if (first < 0x80) return Math.abs(first + 2 - bytes.length) <= 3;
  const count = first & 0x7f;
  if (count === 0 || count > 3 || bytes.length < 2 + count) return false;
  const length = bytes.readUIntBE(2, count);
  return Math.abs(length + 2 + count - bytes.length) <= 3;
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** An age key is bech32 (BIP 173) with its checksum. */
export const ageCheck: StructureCheck = {
  source: 'https://github.com/C2SP/C2SP/blob/main/age.md',
  run(secret) {
    const text = secret.toLowerCase();
    const split = text.lastIndexOf('1');
    const prefix = text.slice(0, split);
    const values = [...text.slice(split + 1)].map((char) => BECH32.indexOf(char));
    if (values.includes(-1)) return 'invalid';
    const high = [...prefix].map((char) => char.charCodeAt(0) >> 5);
    const low = [...prefix].map((char) => char.charCodeAt(0) & 31);
    return polymod([...high, 0, ...low, ...values]) === 1 ? 'valid' : 'invalid';
  },
};

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, factor] of GENERATOR.entries()) if ((top >>> bit) & 1) sum ^= factor;
  }
  return sum >>> 0;
}

/** The characters that make a bech32 text of a prefix and 5-bit values end right; for making examples. */
export function bech32(prefix: string, values: readonly number[]): string {
  const expanded = [...prefix]
    .map((char) => char.charCodeAt(0) >> 5)
    .concat(0, ...[...prefix].map((char) => char.charCodeAt(0) & 31));
  const sum = polymod([...expanded, ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${prefix}1${[...values, ...tail].map((value) => BECH32[value]).join('')}`;
}
