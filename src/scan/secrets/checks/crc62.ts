import { crc32 } from 'node:zlib';
import type { StructureCheck } from './check.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM = 6;

/** CRC-32 of the text in base 62, six digits. */
export function crc62(text: string): string {
  let rest = crc32(Buffer.from(text, 'latin1'));
  let out = '';
  for (let digit = 0; digit < CHECKSUM; digit++) {
    out = DIGITS[rest % 62] + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}

/** GitHub's and npm's tokens: a prefix to `_`, thirty random characters, and their checksum. */
export const crc62Check: StructureCheck = {
  source:
    'https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/',
  run(secret) {
    const body = secret.slice(secret.lastIndexOf('_') + 1);
    if (body.length <= CHECKSUM) return 'unknown';
    return crc62(body.slice(0, -CHECKSUM)) === body.slice(-CHECKSUM) ? 'valid' : 'invalid';
  },
};
