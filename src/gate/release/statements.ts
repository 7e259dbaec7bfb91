import type { Platform } from '../../attest/platforms.ts';
import { eachBounded } from '../../attest/sign/many.ts';
import { type Item, type OpenedSession, payloadDigest, signVerified } from '../../attest/sign/signed.ts';
import { COSIGN_SIGNATURE, typesOf } from '../../attest/statement/types.ts';
import { writeStatement } from '../../attest/statement/write.ts';
import type { SigningSubject } from '../../attest/subject.ts';
import type { Decision } from '../../model/decision.ts';
import { SallyportError } from '../../model/error.ts';
import {
  levelOf,
  TEST_RESULT_TYPE,
  type VerificationSummary,
  VSA_TYPE,
  verifierId,
} from '../../model/evidence.ts';
import { VERSION } from '../../model/version.ts';
import type { Context } from '../../platform/context.ts';
import type { RunFolder } from '../evidence.ts';
import type { Release } from './release.ts';

/**
 * Writes the statements and the summary into the run's folder; with a session signs them and keeps them beside the
 * artefact. The summary names every piece by the digest of its payload. A decision of `error` is no verdict: nothing is
 * written of it. Returns where the signed ones lie.
 */
export async function keepRelease(
  release: Release,
  folder: RunFolder,
  opened: OpenedSession | null,
  context: Context,
): Promise<string[]> {
  const { decision, subject, platforms, assembled, elsewhere } = release;
  if (decision.verdict === 'error') return [];
  const piece = (type: string, predicate: unknown, label?: string): Item => ({
    signable: { kind: 'statement', payload: writeStatement(subject, type, predicate, platforms) },
    predicateType: type,
    label,
  });
  const write = (name: string) => typesOf(name)?.write ?? name;
  const stages = assembled.statements.map(({ stage }) => stage);
  const pieces = [
    ...assembled.statements.map(({ stage, statement, producer }, index) => {
      const name = numbered(stage, stages.slice(0, index).filter((one) => one === stage).length);
      const { sallyport_producer: said } = statement.predicate;
      const predicate = { ...statement.predicate, sallyport_producer: { ...said, kind: producer } };
      return { name, item: piece(TEST_RESULT_TYPE, predicate, name) };
    }),
    ...assembled.boms.map(({ document }, index) => ({
      name: numbered('bom', index),
      item: piece(write('cyclonedx'), document, label(index)),
    })),
    ...assembled.vex.map(({ document }, index) => ({
      name: numbered('vex', index),
      item: piece(write('vex'), document, label(index)),
    })),
  ];
  const inputs = [
    ...pieces.map(({ item }) => ({
      uri: item.label === undefined ? (item.predicateType ?? '') : `${item.predicateType}#${item.label}`,
      sha256: payloadDigest(item),
    })),
    ...elsewhere,
  ];
  const summary = summaryItem(decision, release.resource, null, inputs, subject, platforms);
  for (const { name, item } of pieces) await keep(item, name, folder);
  await keep(summary, 'decision', folder);
  const signature = subject.kind === 'image' ? [piece(COSIGN_SIGNATURE, {})] : [];
  const items = [...signature, ...pieces.map(({ item }) => item), summary];
  return opened === null ? [] : await signPieces(items, subject, opened, context);
}

/** The summary of a gate, as a statement about the artefact and, of an index, each of its images. */
export function summaryItem(
  decision: Decision,
  resource: string,
  environment: string | null,
  inputs: readonly { uri: string; sha256: string }[],
  subject: SigningSubject,
  platforms: readonly Platform[],
  level = levelOf(decision.gate, environment, decision.local),
): Item {
  const passed = decision.verdict === 'passed';
  const predicate: VerificationSummary = {
    verifier: { id: verifierId(decision.gate, decision.local), version: { sallyport: VERSION } },
    timeVerified: decision.decidedAt,
    resourceUri: resource,
    policy: { uri: decision.policy.uri, digest: decision.policy.digest },
    inputAttestations: inputs.map(({ uri, sha256 }) => ({ uri, digest: { sha256 } })),
    verificationResult: passed ? 'PASSED' : 'FAILED',
    verifiedLevels: [passed ? level : 'FAILED'],
    slsaVersion: '1.2',
  };
  return {
    signable: { kind: 'statement', payload: writeStatement(subject, VSA_TYPE, predicate, platforms) },
    predicateType: VSA_TYPE,
    label: environment === null ? decision.gate : `${decision.gate}-${environment}`,
  };
}

/** Signs all, then keeps all: a summary never lies there without what it names. Throws what stopped the first. */
export async function signPieces(
  items: readonly Item[],
  subject: SigningSubject,
  opened: OpenedSession,
  context: Context,
): Promise<string[]> {
  if (subject.store === null) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'a bare digest has no place for its signature',
      expected: 'a file or an image, or --store DIR',
      found: subject.text,
    });
  }
  const done = await eachBounded(items, async (item) => await signVerified(item, subject, opened, context));
  const failure = done.find(({ problem }) => problem !== null);
  if (failure?.problem != null) throw new SallyportError(failure.problem);
  return await subject.store.add(
    subject.digest,
    done.flatMap(({ result }) => (result === null ? [] : [result])),
  );
}

/** What the statement says, unsigned, for people and for whoever makes the decision again. */
export async function keep({ signable }: Item, name: string, folder: RunFolder): Promise<void> {
  if (signable.kind !== 'statement') return;
  await folder.write(`${name}.intoto.json`, [signable.payload.toString('utf8')]);
}

function label(index: number): string | undefined {
  return index === 0 ? undefined : String(index + 1);
}

/** Where there are several of a kind, each keeps a name of its own. */
function numbered(name: string, before: number): string {
  return before === 0 ? name : `${name}-${before + 1}`;
}
