import { readBundleFile } from '../../attest/store/files.ts';
import type { SigningSubject } from '../../attest/subject.ts';
import { judgeTrusted, type Trusted } from '../../attest/trusted.ts';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { trustRules } from '../../policy/trust.ts';
import { type AttestedVex, attestedVex, isVex } from '../attested-vex.ts';
import type { EvidenceFile } from './handed-over.ts';
import type { ForcedPolicy } from './policy.ts';
import type { ReleaseInput } from './release.ts';

/** What was signed elsewhere and counts. */
export interface Elsewhere {
  pieces: { uri: string; sha256: string }[];
  vex: AttestedVex;
}

/**
 * What others signed about the artefact, such as the build's provenance: it counts if the policy trusts its signer with
 * evidence, a VEX document also if it trusts its signer with VEX, and only then lets it anything pass. Throws
 * SP-EVIDENCE-UNSIGNED for what it does not.
 */
export async function readElsewhere(
  files: readonly EvidenceFile[],
  subject: SigningSubject,
  policy: ForcedPolicy,
  input: ReleaseInput,
  context: Context,
): Promise<Elsewhere> {
  const bundles = files.filter((file) => file.kind === 'bundle');
  if (bundles.length === 0) return { pieces: [], vex: attestedVex([]) };
  const rules = trustRules(policy.trust);
  const instances = await input.roots(rules);
  const expectation = { instances, signers: rules.signers, denied: null, now: context.clock.now() };
  const pieces: Elsewhere['pieces'] = [];
  const byVex: Trusted[] = [];
  for (const { file } of bundles) {
    const found = await readBundleFile(file, context.files);
    const { accepted, refused } = await judgeTrusted(found, subject.artifact, 'evidence', expectation);
    const excusing = await judgeTrusted(found, subject.artifact, 'vex', expectation);
    const vex = excusing.accepted.filter(
      ({ statement }) => statement !== null && isVex(statement.predicateType, statement.predicate),
    );
    byVex.push(...vex);
    if (accepted.length === 0 && vex.length > 0 && vex.length === found.length) {
      pieces.push(...vex.flatMap(pieceOf));
      continue;
    }
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
    pieces.push(...accepted.flatMap(pieceOf));
  }
  return { pieces, vex: attestedVex(byVex) };
}

function pieceOf({ statement, payload, where }: Trusted): Elsewhere['pieces'] {
  return payload === null ? [] : [{ uri: statement?.predicateType ?? where, sha256: payload }];
}
