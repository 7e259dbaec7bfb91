import type { Component } from '../../model/component.ts';

type Hash = Component['hashes'][number];

const ALGORITHMS: Readonly<Record<string, { name: string; bytes: number }>> = {
  md5: { name: 'MD5', bytes: 16 },
  sha1: { name: 'SHA-1', bytes: 20 },
  sha256: { name: 'SHA-256', bytes: 32 },
  sha384: { name: 'SHA-384', bytes: 48 },
  sha512: { name: 'SHA-512', bytes: 64 },
};

/** Subresource integrity (https://www.w3.org/TR/SRI/): `sha512-<base64>`, several between blanks. Others are dropped. */
export function integrityHashes(text: string | undefined): Hash[] {
  if (text === undefined || text.length > 4096) return [];
  return text.split(/\s+/u).flatMap((one) => {
    const dash = one.indexOf('-');
    const algorithm = known(one.slice(0, Math.max(0, dash)));
    if (algorithm === undefined) return [];
    const [encoded = ''] = one.slice(dash + 1).split('?', 1);
    const content = Buffer.from(encoded, 'base64');
    return content.length === algorithm.bytes
      ? [{ algorithm: algorithm.name, content: content.toString('hex') }]
      : [];
  });
}

/** `sha256:<hex>` as pip, Poetry and uv write it; without a prefix it is taken for `fallback`. */
export function prefixedHash(text: string | undefined, fallback?: string): Hash[] {
  if (text === undefined) return [];
  const colon = text.indexOf(':');
  const algorithm = known(colon === -1 ? (fallback ?? '') : text.slice(0, colon));
  const content = text.slice(colon + 1).toLowerCase();
  return algorithm !== undefined && content.length === algorithm.bytes * 2 && /^[0-9a-f]+$/u.test(content)
    ? [{ algorithm: algorithm.name, content }]
    : [];
}

function known(name: string): (typeof ALGORITHMS)[string] | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(ALGORITHMS, lower) ? ALGORITHMS[lower] : undefined;
}
