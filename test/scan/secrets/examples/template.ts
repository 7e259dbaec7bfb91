import { crc62 } from '../../../../src/scan/secrets/checks/crc62.ts';
import { bech32 } from '../../../../src/scan/secrets/checks/keys.ts';
import type { Random } from './random.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';

const ALPHABETS: Readonly<Record<string, string>> = Object.freeze({
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  digits: DIGITS,
  alnum: DIGITS + LOWER,
  upper36: DIGITS + UPPER,
  base32: `${UPPER}234567`,
  base32lower: `${LOWER}234567`,
  base62: DIGITS + UPPER + LOWER,
  base64: `${DIGITS}${UPPER}${LOWER}+/`,
  base64url: `${DIGITS}${UPPER}${LOWER}`,
});

/**
 * Makes an example of a credential from a template: text in which `<name:argument>` stands for something random.
 * Names are the alphabets above with a length, and the generators below. None of what it makes is a real credential.
 */
export function fill(template: string, random: Random): string {
  return template.replace(/<([a-zA-Z0-9]+)(?::([A-Za-z0-9.]+))?>/gu, (whole, name: string, argument = '') => {
    const alphabet = Object.hasOwn(ALPHABETS, name) ? ALPHABETS[name] : undefined;
    if (alphabet !== undefined && /^\d+$/u.test(argument)) return mixed(alphabet, Number(argument), random);
    return GENERATORS.get(name)?.(argument, random) ?? whole;
  });
}

/** Random text that does not happen to be of digits or of letters only, where the alphabet has both. */
function mixed(alphabet: string, length: number, random: Random): string {
  const hasBoth = /[0-9]/u.test(alphabet) && /[A-Za-z]/u.test(alphabet);
  for (;;) {
    const text = random.text(alphabet, length);
    if (!hasBoth || length < 10 || (/[0-9]/u.test(text) && /[A-Za-z]/u.test(text))) return text;
  }
}

type Generator = (argument: string, random: Random) => string;

const GENERATORS: ReadonlyMap<string, Generator> = new Map<string, Generator>([
  ['uuid', (_, random) => uuid(random)],
  ['crc62', (length, random) => withChecksum(random.text(ALPHABETS.base62 as string, Number(length)))],
  ['aws', (prefix, random) => prefix + accountKey(random)],
  ['b64', (length, random) => random.bytes(Number(length)).toString('base64')],
  [
    'b64ascii',
    (length, random) =>
      Buffer.from(random.text(ALPHABETS.base62 as string, Number(length))).toString('base64'),
  ],
  [
    'basic',
    (user, random) =>
      Buffer.from(`${user}:${random.text(ALPHABETS.base62 as string, 24)}`).toString('base64'),
  ],
  ['pass', (length, random) => password(Number(length), random)],
  ['jwt', (_, random) => jwt(random)],
  ['pypi', (host, random) => pypi(host, random)],
  ['age', (_, random) => bech32('age-secret-key-', fiveBits(random.bytes(32))).toUpperCase()],
  [
    'snowflake',
    (_, random) => Buffer.from(`${1 + random.int(8)}${random.text(DIGITS, 17)}`).toString('base64url'),
  ],
  ['kubeconfig', (_, random) => Buffer.from(kubeconfig(random)).toString('base64')],
  ['pem', (kind, random) => pem(kind, random, '\n')],
  ['pemline', (kind, random) => pem(kind, random, '\\n')],
]);

function uuid(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function withChecksum(body: string): string {
  return body + crc62(body);
}

/** Base32 whose first bits are a number of twelve digits, as in keys made since 2019. */
function accountKey(random: Random): string {
  let bits = (BigInt(random.int(900)) * 1_000_000_000n + BigInt(random.int(1_000_000_000))) << 2n;
  const alphabet = ALPHABETS.base32 as string;
  let head = '';
  for (let digit = 0; digit < 10; digit++) {
    head = alphabet[Number(bits & 31n)] + head;
    bits >>= 5n;
  }
  return head + random.text(alphabet, 6);
}

function password(length: number, random: Random): string {
  const body = random.text((ALPHABETS.base62 as string).replace(/[0OIl1]/gu, ''), length - 4);
  return `${body}${random.pick(['!', '%', '+', '_'])}${random.int(10)}aK`;
}

function jwt(random: Random): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    sub: random.text(DIGITS, 10),
    iat: 1_700_000_000 + random.int(50_000_000),
    scope: 'deploy',
  };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${random.bytes(32).toString('base64url')}`;
}

/** A version 2 macaroon: location, identifier, signature as length-prefixed fields. */
function pypi(host: string, random: Random): string {
  const field = (type: number, content: Buffer) =>
    Buffer.concat([Buffer.from([type, content.length]), content]);
  const bytes = Buffer.concat([
    Buffer.from([2]),
    field(1, Buffer.from(host)),
    field(2, Buffer.from(uuid(random))),
    Buffer.from([0]),
    field(2, random.bytes(80)),
    Buffer.from([0, 0, 6, 32]),
    random.bytes(32),
  ]);
  return `pypi-${bytes.toString('base64url')}`;
}

function fiveBits(bytes: Buffer): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/gu) ?? []).map((group) => Number.parseInt(group.padEnd(5, '0'), 2));
}

function kubeconfig(random: Random): string {
  const token = random.text(ALPHABETS.base62 as string, 60);
  return `apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    token: ${token}\n`;
}

const LABELS: Readonly<Record<string, string>> = Object.freeze({
  rsa: 'RSA PRIVATE KEY',
  ec: 'EC PRIVATE KEY',
  openssh: 'OPENSSH PRIVATE KEY',
  encrypted: 'ENCRYPTED PRIVATE KEY',
  pgp: 'PGP PRIVATE KEY BLOCK',
});

/** The shape of a key in PEM, around random bytes. */
function pem(kind: string, random: Random, newline: string): string {
  const label = Object.hasOwn(LABELS, kind) ? LABELS[kind] : 'PRIVATE KEY';
  const body = random.bytes(kind === 'ec' ? 118 : 400);
  const content =
    kind === 'openssh'
      ? Buffer.concat([Buffer.from('openssh-key-v1\0'), body])
      : kind === 'pgp'
        ? Buffer.concat([Buffer.from([0x95, 0x03]), body])
        : derSequence(body);
  const lines = content.toString('base64').match(/.{1,64}/gu) ?? [];
  const head = kind === 'pgp' ? [''] : [];
  return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join(newline);
}

function derSequence(body: Buffer): Buffer {
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([0x30]), length, body]);
}
