import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { EngineInfo, Looked, ScanReport } from '../model/report.ts';
import type { Subject } from '../model/subject.ts';
import { VERSION } from '../model/version.ts';
import { type Context, inAutomation } from '../platform/context.ts';
import { evaluate } from '../policy/evaluate.ts';
import { likenessFor } from '../policy/likeness/names.ts';
import { readSbom, SBOM_BYTES } from '../sbom/read-sbom.ts';
import type { EngineOutput } from '../scan/engine.ts';
import { finishedReport } from '../scan/frame.ts';
import { RunFolder } from './evidence.ts';
import { lookUpBoms } from './look-up.ts';
import { loadPolicy } from './policy-source.ts';
import type { GateRun } from './run.ts';
import { readVexFiles } from './vex.ts';

export interface BomInput {
  /** A bill of materials in any form that is read. */
  file: string;
  policy?: string | undefined;
  /** The folder of the advisory database. */
  advisories: string;
}

/**
 * Judges a bill of materials by itself, by the policy of the folder that the caller stands in: what is banned, and what
 * advisories say of it. What it was made of is not looked at. Throws SP-SBOM-*, SP-CDX-*, SP-JSON-* and those of policies.
 */
export async function runBom(input: BomInput, context: Context): Promise<GateRun> {
  const root = context.cwd;
  const loaded = await loadPolicy(root, { root }, input.policy, context);
  const bytes = await context.files.read(resolve(root, input.file), SBOM_BYTES);
  const { bom, form } = readSbom(bytes, input.file);
  const subject: Subject = {
    name: basename(input.file),
    digest: { sha256: createHash('sha256').update(bytes).digest('hex') },
  };
  const folder = new RunFolder(root, context);
  await folder.prepare(root);
  const looked: Looked = {
    files: 1,
    bytes: bytes.length,
    commits: null,
    rules: null,
    skipped: [],
    complete: true,
  };
  const read = report('sallyport-sbom', { hits: [], looked, problems: [], bom }, context);
  const kept = await folder.keepReports([
    read,
    await lookUpBoms([bom], input.advisories, loaded.policy.policy, context),
  ]);
  const policyRef = { uri: loaded.policy.uri, digest: loaded.policy.digest, layers: loaded.policy.layers };
  const evidence = await folder.keepStatements(subject, kept.reports, kept.kept, policyRef, 'local');
  const more = await folder.keepDependencies(subject, kept.reports);
  const decision = evaluate({
    gate: 'pull-request',
    local: !inAutomation(context.env),
    policy: loaded.policy,
    subject,
    base: null,
    now: context.clock.now(),
    reports: kept.reports,
    baseReports: null,
    evidence,
    vex: await readVexFiles(loaded.policy.policy, { root }, context),
    likeness: await likenessFor(loaded.policy),
    presence: new Map([['dependencies', { present: true, complete: true }]]),
    only: 'dependencies',
    gateFindings: [],
    problems: [],
    notes: [
      `${input.file}: ${form}, ${bom.components.length} components`,
      ...(loaded.fromFile ? [] : ['there is no policy file: the baseline pack applies']),
      ...kept.reports
        .filter(({ state }) => state === 'nothing-scanned')
        .flatMap(({ problems }) => problems.map(({ message }) => message)),
    ],
  });
  await folder.keepDecision(decision, evidence, more);
  return { decision, reports: kept.reports, folder, root };
}

function infoOf(name: string): EngineInfo {
  return { name, version: VERSION, publisher: 'sallyport', how: 'in-process' };
}

function report(name: string, output: EngineOutput, context: Context): ScanReport {
  const now = context.clock.now();
  return finishedReport('dependencies', infoOf(name), [], output, { startedAt: now, finishedAt: now });
}
