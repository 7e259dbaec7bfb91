import { readBundleFile } from '../../attest/store/files.ts';
import type { SigningSubject } from '../../attest/subject.ts';
import { judgeTrusted } from '../../attest/trusted.ts';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { trustRules } from '../../policy/trust.ts';
import type { EvidenceFile } from './handed-over.ts';
import type { ForcedPolicy } from './policy.ts';
import type { ReleaseInput } from './release.ts';

/**
 * What others signed about the artefact, such as the build's provenance: it counts if the policy trusts its signer with
 * evidence. Throws SP-EVIDENCE-UNSIGNED for what it does not.
 */
export async function readElsewhere(
  files: readonly EvidenceFile[],
  subject: SigningSubject,
  policy: ForcedPolicy,
  input: ReleaseInput,
  context: Context,
): Promise<{ uri: string; sha256: string }[]> {
  const bundles = files.filter((file) => file.kind === 'bundle');
  if (bundles.length === 0) return [];
  const rules = trustRules(policy.trust);
  const instances = await input.roots(rules);
  const pieces: { uri: string; sha256: string }[] = [];
  for (const { file } of bundles) {
    const { accepted, refused } = await judgeTrusted(
      await readBundleFile(file, context.files),
      subject.artifact,
      'evidence',
      { instances, signers: rules.signers, denied: null, now: context.clock.now() },
    );
    const [refusal] = refused;
    if (refusal !== undefined || accepted.length === 0) {
      throw new SallyportError({
        code: 'SP-EVIDENCE-UNSIGNED',
        message: `evidence from elsewhere does not count: ${refusal?.problem.message ?? 'nothing is signed'}`,
        place: { path: file },
        expected: refusal?.problem.expected ?? 'a signature by a signer that the policy trusts with evidence',
        found: refusal?.problem.found ?? 'none',
      });
    }
    for (const { statement, payload } of accepted)
      if (payload !== null) pieces.push({ uri: statement?.predicateType ?? file, sha256: payload });
  }
  return pieces;
}
