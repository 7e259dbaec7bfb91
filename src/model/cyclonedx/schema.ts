import type { JsonLimits } from '../json/scan.ts';

/** The CycloneDX versions that are read, and those that are written (https://cyclonedx.org/docs/1.6/json/). */
export const READ_VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'] as const;
export const WRITE_VERSIONS = ['1.6', '1.7'] as const;
export type WriteVersion = (typeof WRITE_VERSIONS)[number];

export const CYCLONEDX_LIMITS = {
  bytes: 256 * 1024 * 1024,
  depth: 128,
  string: 16 * 1024 * 1024,
  components: 500_000,
} as const satisfies JsonLimits & { components: number };

/** Names of our own `properties` (docs/reference/cyclonedx.md). */
export const OURS = 'sallyport:';
export const SCOPE = 'sallyport:scope';
export const DIRECT = 'sallyport:direct';
export const ORIGIN = 'sallyport:origin';
export const PLACES = 'sallyport:places';
export const HASH = 'sallyport:hash';
export const ROOT = 'sallyport:root';
export const UNRESOLVED = 'sallyport:unresolved';
export const INSTALL_SCRIPTS = 'sallyport:installScripts';
export const DEPRECATED = 'sallyport:deprecated';
export const RELEASED = 'sallyport:released';

/** Where a parent keeps the refs of the components that stand inside it. No component has a member of this name. */
export const CHILDREN = '$components';

/** `hash-alg` of the schema. */
export const HASH_ALGORITHMS: ReadonlySet<string> = new Set([
  'MD5',
  'SHA-1',
  'SHA-256',
  'SHA-384',
  'SHA-512',
  'SHA3-256',
  'SHA3-384',
  'SHA3-512',
  'BLAKE2b-256',
  'BLAKE2b-384',
  'BLAKE2b-512',
  'BLAKE3',
]);
const HASH_LENGTHS: ReadonlySet<number> = new Set([32, 40, 64, 96, 128]);

/** `hash-content` of the schema: hexadecimal digits of one of these lengths. */
export function isHashContent(text: string): boolean {
  return HASH_LENGTHS.has(text.length) && /^[a-fA-F0-9]+$/u.test(text);
}
