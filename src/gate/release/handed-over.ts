import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import { type Statement, TEST_RESULT_TYPE, type TestResult, VSA_TYPE } from '../../model/evidence.ts';
import { parseJson } from '../../model/json/parse.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import { SARIF_LIMITS } from '../../model/sarif/schema.ts';
import type { Context } from '../../platform/context.ts';

/** A file that a stage job hands over, with its digest and, in a workflow, the job whose output that digest was. */
export interface HandedOver {
  /** Null on a laptop alone. */
  job: string | null;
  file: string;
  sha256: string;
}

/** A file of evidence by what it is. */
export type EvidenceFile = HandedOver &
  (
    | { kind: 'statement'; statement: Statement<TestResult>; bytes: Buffer }
    | { kind: 'sarif' | 'bom' | 'bundle' | 'vex'; bytes: Buffer }
  );

const MAX_FILES = 500;
const PATTERN = /^(?:([A-Za-z_][A-Za-z0-9_-]{0,99})=)?(.+)@sha256:([0-9a-f]{64})$/su;
/** A statement that says how many findings a stage has is small; what it points at may be large. */
const PARSE = { bytes: SARIF_LIMITS.bytes, depth: 128, string: SARIF_LIMITS.bytes };

/** Reads `[JOB=]FILE@sha256:HEX`. Throws SP-USAGE. */
export function parseHandedOver(texts: readonly string[]): HandedOver[] {
  if (texts.length > MAX_FILES) throw usage(`${texts.length} files`, `at most ${MAX_FILES} files`);
  return texts.map((text) => {
    const match = PATTERN.exec(text);
    if (match === null) throw usage(text, '[JOB=]FILE@sha256:HEX');
    return { job: match[1] ?? null, file: match[2] ?? '', sha256: match[3] ?? '' };
  });
}

function usage(found: string, expected: string): SallyportError {
  return new SallyportError({ code: 'SP-USAGE', message: `--evidence ${found.slice(0, 200)}`, expected });
}

/**
 * Reads each file, holds it against its digest and tells what it is. A decision is never taken: the gate decides
 * itself (trust-model rule 1). Throws SP-EVIDENCE-DIGEST, SP-EVIDENCE-DECISION, SP-EVIDENCE-FORMAT.
 */
export async function readHandedOver(
  handed: readonly HandedOver[],
  context: Context,
): Promise<EvidenceFile[]> {
  const files: EvidenceFile[] = [];
  for (const one of handed) {
    const bytes = await context.files.read(resolve(context.cwd, one.file), SARIF_LIMITS.bytes);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== one.sha256) {
      throw new SallyportError({
        code: 'SP-EVIDENCE-DIGEST',
        message: 'the evidence is not what its job handed over',
        place: { path: one.file },
        expected: `sha256:${one.sha256}`,
        found: `sha256:${found}`,
        next: 'hand over the digest by the output of the job, never by the name of the artefact',
      });
    }
    files.push(kindOf(one, bytes));
  }
  return files;
}

function kindOf(handed: HandedOver, bytes: Buffer): EvidenceFile {
  const value = parseJson(bytes, handed.file, PARSE);
  if (!isObject(value)) throw unknown(handed.file, 'no object');
  if (value.predicateType === VSA_TYPE || value.verificationResult !== undefined) throw decision(handed.file);
  if (value.predicateType === TEST_RESULT_TYPE)
    return { ...handed, kind: 'statement', statement: statementIn(value, handed.file), bytes };
  if (typeof value.predicateType === 'string') throw unknown(handed.file, value.predicateType.slice(0, 200));
  if (value.verdict !== undefined && value.gate !== undefined) throw decision(handed.file);
  if (typeof value.mediaType === 'string' && /sigstore\.bundle/u.test(value.mediaType))
    return { ...handed, kind: 'bundle', bytes };
  if (Array.isArray(value.runs)) return { ...handed, kind: 'sarif', bytes };
  if (value.bomFormat === 'CycloneDX') return { ...handed, kind: 'bom', bytes };
  if (typeof value['@context'] === 'string' && /openvex/u.test(value['@context']))
    return { ...handed, kind: 'vex', bytes };
  throw unknown(handed.file, 'none of them');
}

/** Only what the gate reads is looked at: the rest is for people. */
function statementIn(value: Json, path: string): Statement<TestResult> {
  const { predicate, subject } = value;
  const report = isObject(predicate) ? predicate.sallyport_report : undefined;
  const producer = isObject(predicate) ? predicate.sallyport_producer : undefined;
  const digest = isObject(report) && isObject(report.digest) ? report.digest.sha256 : undefined;
  const good =
    typeof digest === 'string' &&
    isObject(producer) &&
    typeof producer.job === 'string' &&
    Array.isArray(producer.engines) &&
    producer.engines.every(
      (engine) => isObject(engine) && typeof engine.name === 'string' && typeof engine.publisher === 'string',
    ) &&
    Array.isArray(subject) &&
    subject.every((one) => isObject(one) && isObject(one.digest));
  if (good) return value as unknown as Statement<TestResult>;
  throw unknown(path, 'a test result without report, producer or subject');
}

function decision(path: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-DECISION',
    message: 'this is a decision, and a gate takes none: it looks at the evidence itself',
    place: { path },
    expected: 'reports and the statements about them',
    found: 'a decision',
    next: 'hand over what the stages wrote: STAGE.sarif, STAGE.intoto.json, bom.cdx.json',
  });
}

function unknown(path: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-FORMAT',
    message: 'this is no evidence that a gate reads',
    place: { path },
    expected: 'SARIF, CycloneDX, OpenVEX, a test result of a stage, or a Sigstore bundle',
    found,
  });
}
