import { isLowInformation, isPlaceholder, isReference } from '../inspect/plausible.ts';
import type { StructureCheck, Verdict } from './check.ts';

const MAX = 20_000;

/** Bytes of base64 or base64url text; null where it is neither. */
export function base64Bytes(text: string): Buffer | null {
  if (text.length > MAX || !/^[A-Za-z0-9+/_-]+={0,2}$/u.test(text)) return null;
  return Buffer.from(text, 'base64url');
}

function jsonOf(text: string): Record<string, unknown> | null {
  const bytes = base64Bytes(text);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** A signed JWT: its header is JSON with an algorithm, its claims are JSON (RFC 7519). */
export const jwtCheck: StructureCheck = {
  source: 'https://www.rfc-editor.org/rfc/rfc7519',
  run(secret) {
    const [header = '', claims = '', signature = ''] = secret.split('.');
    const head = jsonOf(header);
    if (head === null || typeof head.alg !== 'string' || head.alg === 'none') return 'invalid';
    return jsonOf(claims) !== null && signature.length >= 20 ? 'valid' : 'invalid';
  },
};

/** A macaroon of PyPI: version 2, with the location of the index (https://pypi.org/help/#apitoken). */
export const pypiCheck: StructureCheck = {
  source: 'https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt',
  run(secret) {
    const bytes = base64Bytes(secret.replace(/^pypi-/u, ''));
    if (bytes === null || bytes.length < 40 || bytes[0] !== 2 || bytes[1] !== 1) return 'invalid';
    const length = bytes[2] ?? 0;
    return ['pypi.org', 'test.pypi.org'].includes(bytes.toString('latin1', 3, 3 + length))
      ? 'valid'
      : 'invalid';
  },
};

/** `user:password` in base64, as RFC 7617 and docker's `auth` write it. */
export const basicAuthCheck: StructureCheck = {
  source: 'https://www.rfc-editor.org/rfc/rfc7617',
  run(secret) {
    const text = base64Bytes(secret)?.toString('latin1') ?? '';
    if (!/^[\x20-\x7e]{1,200}:[\x20-\x7e]{1,400}$/u.test(text)) return 'invalid';
    const password = text.slice(text.indexOf(':') + 1);
    return /^(?:password|pass|changeme|secret|test|example|admin|user|guest)$/iu.test(password)
      ? 'invalid'
      : 'unknown';
  },
};

/** An Azure storage or Cosmos DB key: 64 bytes. */
export const bytes64Check: StructureCheck = {
  source: 'https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage',
  run: lengthCheck(64),
};

function lengthCheck(length: number): (secret: string) => Verdict {
  return (secret) => (base64Bytes(secret)?.length === length ? 'unknown' : 'invalid');
}

/** A Discord bot token opens with the bot's number in base64. */
export const discordCheck: StructureCheck = {
  source: 'https://discord.com/developers/docs/reference#authentication',
  run(secret) {
    const id = base64Bytes(secret.split('.')[0] ?? '')?.toString('latin1') ?? '';
    return /^\d{16,20}$/u.test(id) ? 'valid' : 'invalid';
  },
};

/** A value of a Kubernetes Secret: base64 of something that is not a placeholder. */
export const encodedValueCheck: StructureCheck = {
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/',
  run(secret) {
    const text = base64Bytes(secret)?.toString('latin1') ?? '';
    const plain = /^[\x20-\x7e\s]{4,}$/u.test(text) ? text.trim() : secret;
    const madeUp = isPlaceholder(plain) || isLowInformation(plain) || isReference(plain) || plain.length < 8;
    return madeUp || /^[a-z]+$/iu.test(plain) ? 'invalid' : 'unknown';
  },
};
