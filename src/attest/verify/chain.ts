import { DerError } from '../encoding/der.ts';
import {
  type Certificate,
  constraintsOf,
  isIssuedBy,
  keyUsageBit,
  OID,
  purposesOf,
  readCertificate,
} from '../encoding/x509.ts';
import type { Bundle } from './bundle.ts';
import { failed } from './failure.ts';
import { type Authority, isWithin, type TrustedInstance } from './trusted-root.ts';

/** Reads the leaf. Further certificates count for nothing; a root among them breaks the format's promise. */
export function readLeaf(signer: Extract<Bundle['signer'], { kind: 'certificate' }>): Certificate {
  try {
    const leaf = readCertificate(signer.leaf);
    for (const other of signer.others.map(readCertificate)) {
      if (other.issuer.equals(other.subject)) {
        throw failed('SP-VERIFY-CERTIFICATE', 'the bundle carries a root certificate of its own', {
          expected: 'the signing certificate, its root coming from the trusted root',
          found: 'a self-signed certificate in the chain',
        });
      }
    }
    return leaf;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw failed('SP-VERIFY-CERTIFICATE', 'the signing certificate cannot be read', {
      expected: 'an X.509 v3 certificate in DER',
      found: cause.message,
      cause,
    });
  }
}

/**
 * The authority of the instance that issued `leaf`, valid with its whole chain at every one of `times` (RFC 5280, 6.1).
 * Throws SP-VERIFY-CHAIN, SP-VERIFY-CERTIFICATE or SP-VERIFY-TIME.
 */
export function verifyChain(leaf: Certificate, times: readonly Date[], instance: TrustedInstance): Authority {
  requireSigner(leaf);
  const issuers = instance.authorities.filter((authority) => {
    const [issuer] = authority.chain;
    return issuer !== undefined && isIssuedBy(leaf, issuer);
  });
  if (issuers.length === 0) {
    throw failed('SP-VERIFY-CHAIN', 'the signing certificate was not issued by a trusted authority', {
      expected: instance.authorities.map((authority) => authority.uri || 'an authority').join(', ') || 'none',
      found: 'an issuer that is not in the trusted root',
      next: 'give the trusted root of the instance that it was signed with (--trusted-root)',
    });
  }
  for (const time of times) {
    if (time < leaf.notBefore || time > leaf.notAfter) {
      throw failed('SP-VERIFY-TIME', 'the signature was made outside the life of the signing certificate', {
        expected: `between ${leaf.notBefore.toISOString()} and ${leaf.notAfter.toISOString()}`,
        found: time.toISOString(),
      });
    }
  }
  const valid = issuers.find((authority) => times.every((time) => isAuthorityValid(authority, time)));
  if (valid === undefined) {
    throw failed('SP-VERIFY-CHAIN', 'the authority was not valid when the signature was made', {
      expected: issuers
        .map(
          ({ validFor }) =>
            `from ${validFor.start.toISOString()}${validFor.end === null ? '' : ` to ${validFor.end.toISOString()}`}`,
        )
        .join(' or '),
      found: times.map((time) => time.toISOString()).join(', '),
    });
  }
  return valid;
}

export function isAuthorityValid(authority: Authority, time: Date): boolean {
  return (
    isWithin(time, authority.validFor) &&
    authority.chain.every((certificate) => certificate.notBefore <= time && time <= certificate.notAfter)
  );
}

function requireSigner(leaf: Certificate): void {
  const wrong = constraintsOf(leaf).ca
    ? 'a certificate authority'
    : keyUsageBit(leaf, 0) === false
      ? 'a key that is not for signatures'
      : purposesOf(leaf).includes(OID.codeSigning)
        ? null
        : 'a certificate for other purposes';
  if (wrong === null) return;
  throw failed('SP-VERIFY-CERTIFICATE', 'the signing certificate is not for signing code', {
    expected: 'extended key usage codeSigning',
    found: wrong,
  });
}
