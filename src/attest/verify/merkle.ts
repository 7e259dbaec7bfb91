import { sha256 } from '../encoding/x509.ts';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/**
 * The root of a Merkle tree of `size` leaves, from the leaf at `index` and the hashes beside its path (RFC 9162,
 * 2.1.3.2). Null where index, size and number of hashes do not fit together.
 */
export function rootFromProof(
  body: Buffer,
  index: number,
  size: number,
  hashes: readonly Buffer[],
): Buffer | null {
  if (index >= size) return null;
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = sha256(LEAF, body);
  for (const beside of hashes) {
    if (last === 0n) return null;
    if ((node & 1n) === 1n || node === last) {
      hash = sha256(NODE, beside, hash);
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = sha256(NODE, hash, beside);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? hash : null;
}
