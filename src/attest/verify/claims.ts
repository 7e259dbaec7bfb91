import { DerError, expectTag, readDer, TAG } from '../encoding/der.ts';
import { alternativeNamesOf, type Certificate } from '../encoding/x509.ts';
import { failed } from './failure.ts';

/** The arc of Fulcio's extensions. */
export const ARC = '1.3.6.1.4.1.57264.1.';

/** Fulcio's extensions (fulcio: docs/oid-info.md) by their number; .1 to .6 are bare text, later ones UTF8String. */
export const EXTENSIONS = {
  issuer: 8,
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryId: 15,
  sourceOwnerUri: 16,
  sourceOwnerId: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceVisibility: 22,
  deploymentEnvironment: 23,
  subject: 24,
} as const;

/** The older extensions that say the same as a newer one, where both are there. */
const OLDER: readonly [number, keyof typeof EXTENSIONS][] = [
  [1, 'issuer'],
  [2, 'buildTrigger'],
  [3, 'sourceRepositoryDigest'],
  [6, 'sourceRepositoryRef'],
];

const MAX_VALUE = 4096;

/** What the certificate says of the identity that the authority saw; null where it says nothing. */
export type Claims = { readonly [Name in keyof typeof EXTENSIONS]: string | null } & {
  /** The subject alternative name: an address of a workflow, an e-mail address, a user name. */
  readonly identity: string;
};

/** Reads the identity out of a leaf. Throws SP-VERIFY-CERTIFICATE where it contradicts itself or cannot be read. */
export function claimsOf(leaf: Certificate): Claims {
  try {
    const names = alternativeNamesOf(leaf);
    const [name] = names;
    if (name === undefined || names.length > 1)
      throw new DerError(`${names.length} alternative names, not one`);
    const claims: Record<string, string | null> = { identity: name.value };
    for (const [key, number] of Object.entries(EXTENSIONS)) claims[key] = text(leaf, number, true);
    for (const [number, key] of OLDER) {
      const older = text(leaf, number, false);
      if (older === null) continue;
      if (claims[key] !== null && claims[key] !== older) throw new DerError(`two values for ${key}`);
      claims[key] = older;
    }
    return claims as unknown as Claims;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw failed('SP-VERIFY-CERTIFICATE', 'the identity in the signing certificate cannot be read', {
      expected: 'one identity, each claim once',
      found: cause.message,
      cause,
    });
  }
}

function text(leaf: Certificate, number: number, encoded: boolean): string | null {
  const extension = leaf.extensions.get(`${ARC}${number}`);
  if (extension === undefined) return null;
  const bytes = encoded ? expectTag(readDer(extension.value), TAG.utf8String).content : extension.value;
  if (bytes.length > MAX_VALUE) throw new DerError('a claim that is too long');
  return bytes.toString('utf8');
}
