import { TEST_RESULT_TYPE, VSA_TYPE } from '../../model/evidence.ts';
import { PROVENANCE_V1, PROVENANCE_V02 } from '../verify/provenance.ts';

/** What cosign 3 signs an image with: a statement that says nothing but who signed it. */
export const COSIGN_SIGNATURE = 'https://sigstore.dev/cosign/sign/v1';

/** A kind of attestation: what we write, and what else is read as the same. */
export interface PredicateKind {
  /** As users type it. */
  name: string;
  write: string;
  read: readonly string[];
}

/** One line a kind (docs/reference/predicates.md). */
export const predicateKinds: readonly PredicateKind[] = [
  { name: 'provenance', write: PROVENANCE_V1, read: [PROVENANCE_V02] },
  {
    name: 'cyclonedx',
    write: 'https://cyclonedx.org/bom',
    read: ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'].map(
      (version) => `https://cyclonedx.org/bom/v${version}`,
    ),
  },
  {
    name: 'spdx',
    write: 'https://spdx.dev/Document/v2.3',
    read: ['https://spdx.dev/Document', 'https://spdx.dev/Document/v2.2', 'https://spdx.dev/Document/v3'],
  },
  {
    name: 'vulnerabilities',
    write: 'https://in-toto.io/attestation/vulns/v0.2',
    read: ['https://in-toto.io/attestation/vulns/v0.1', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  },
  { name: 'vex', write: 'https://openvex.dev/ns/v0.2.0', read: ['https://openvex.dev/ns', 'text/vex'] },
  { name: 'test-result', write: TEST_RESULT_TYPE, read: [] },
  { name: 'summary', write: VSA_TYPE, read: ['https://in-toto.io/attestation/svr/v0.2'] },
  { name: 'signature', write: COSIGN_SIGNATURE, read: [] },
];

/** The types that count as `name`: a kind's, or the address that was typed. Null for what is neither. */
export function typesOf(name: string): { write: string; read: readonly string[] } | null {
  const kind = predicateKinds.find((one) => one.name === name || one.write === name);
  if (kind !== undefined) return { write: kind.write, read: [kind.write, ...kind.read] };
  return /^https?:\/\/\S+$|^[a-z]+\/[a-z0-9.+-]+$/u.test(name) && name.length <= 1000
    ? { write: name, read: [name] }
    : null;
}
