import { resolve } from 'node:path';
import type { Bom } from '../../model/component.ts';
import { readCycloneDx } from '../../model/cyclonedx/read.ts';
import { SallyportError } from '../../model/error.ts';
import type { Statement, TestResult } from '../../model/evidence.ts';
import type { EngineInfo, ScanReport } from '../../model/report.ts';
import { readSarif, revisionsOf } from '../../model/sarif/read.ts';
import { type Stage, stages } from '../../model/stage.ts';
import type { DigestSet } from '../../model/subject.ts';
import { release } from '../../platform/files.ts';
import type { Presence } from '../../policy/stages.ts';
import type { EvidenceFile } from './handed-over.ts';

/** What a release rests on, each piece by who made it (trust-model rule 1). */
export interface Assembled {
  reports: ScanReport[];
  statements: StageStatement[];
  boms: { file: string; sha256: string; bom: Bom; document: unknown }[];
  vex: { file: string; sha256: string; document: unknown }[];
  presence: Map<Stage, Presence>;
}

export interface StageStatement {
  stage: Stage;
  /** Who handed it in, as the gate could tell it. */
  producer: string;
  statement: Statement<TestResult>;
  /** sha256 of its bytes. */
  sha256: string;
}

/** Of what the evidence must be, and whose. */
export interface Binding {
  root: string;
  /** Digests of the source that is released. */
  source: DigestSet;
  /** `https://…/actions/runs/N/attempts/`, where this is a workflow's run; null on a laptop. */
  run: { prefix: string; attempt: number } | null;
}

/**
 * Turns files into reports: each report is named by a statement, of this run, of this commit, of the job that handed it
 * over. Findings are the union: an engine can add some and remove none. Throws SP-EVIDENCE-*.
 */
export function assemble(files: readonly EvidenceFile[], binding: Binding): Assembled {
  const assembled: Assembled = { reports: [], statements: [], boms: [], vex: [], presence: new Map() };
  const reports = new Map(files.filter((one) => one.kind === 'sarif').map((one) => [one.sha256, one]));
  const named = new Set<string>();
  for (const file of files) {
    if (binding.run !== null && file.job === null && file.kind !== 'bundle') throw unattributed(file.file);
    if (file.kind === 'statement') {
      const digest = file.statement.predicate.sallyport_report.digest?.sha256 ?? '';
      const report = reports.get(digest);
      if (report === undefined) throw absent(file.file, digest);
      named.add(digest);
      requireJob(file, report, binding);
      requireSource(file.statement, file.file, binding);
      const stage = stageOf(file);
      const found = readReports(report, stage, binding);
      assembled.statements.push({
        stage,
        producer: binding.run === null ? 'local' : 'same-run',
        statement: file.statement,
        sha256: file.sha256,
      });
      assembled.reports.push(...found);
    } else if (file.kind === 'bom') {
      const document = JSON.parse(file.bytes.toString('utf8')) as unknown;
      assembled.boms.push({
        file: file.file,
        sha256: file.sha256,
        bom: readCycloneDx(file.bytes, { path: file.file }),
        document,
      });
    } else if (file.kind === 'vex') {
      assembled.vex.push({
        file: file.file,
        sha256: file.sha256,
        document: JSON.parse(file.bytes.toString('utf8')),
      });
    }
  }
  const stray = [...reports.values()].find((one) => !named.has(one.sha256));
  if (stray !== undefined) throw unsigned(stray.file);
  requireOwnJobs(assembled.statements);
  for (const stage of stages) assembled.presence.set(stage, presenceIn(assembled.reports, stage));
  return assembled;
}

/** Where an embedded engine walked everything and met nothing of its kind, there is nothing of its kind. */
function presenceIn(reports: readonly ScanReport[], stage: Stage): Presence {
  const own = reports.filter((report) => report.stage === stage && report.engine.how === 'in-process');
  const nothing = own.length > 0 && own.every((report) => report.state === 'nothing-scanned');
  return nothing
    ? { present: false, complete: own.every((report) => report.looked.complete) }
    : { present: true, complete: own.length > 0 };
}

function readReports(file: EvidenceFile, stage: Stage, { root, source }: Binding): ScanReport[] {
  const reports = readSarif(file.bytes, {
    stage,
    path: file.file,
    origin: 'own',
    leftovers: 'drop',
    root: resolve(root),
  });
  release(file.bytes);
  for (const report of reports) {
    for (const revision of revisionsOf(report)) {
      if (revision === source.gitCommit) continue;
      throw new SallyportError({
        code: 'SP-SARIF-REVISION',
        message: 'the report is about another revision',
        place: { path: file.file },
        expected: source.gitCommit ?? 'no revision: the working tree is not a commit',
        found: revision,
        next: 'run the stage on the commit that is released',
      });
    }
  }
  return reports;
}

/** `secrets.sarif` is the report of the stage secrets; its content must say the same, which reading it checks. */
function stageOf(file: EvidenceFile & { kind: 'statement' }): Stage {
  const name = file.statement.predicate.sallyport_report.name;
  const stage = stages.find((one) => name === `${one}.sarif`);
  if (stage !== undefined) return stage;
  throw new SallyportError({
    code: 'SP-EVIDENCE-FORMAT',
    message: 'the statement is about no stage that there is',
    place: { path: file.file },
    expected: stages.map((one) => `${one}.sarif`).join(', '),
    found: String(name).slice(0, 100),
  });
}

/** The statement is of a job of this run, and of the very job that handed it and its report over. */
function requireJob(
  file: EvidenceFile & { kind: 'statement' },
  report: EvidenceFile,
  { run }: Binding,
): void {
  const { job } = file.statement.predicate.sallyport_producer;
  const found = (what: string) =>
    new SallyportError({
      code: 'SP-EVIDENCE-RUN',
      message: 'the evidence is not of a job of this run',
      place: { path: file.file },
      expected:
        run === null
          ? 'local, as everything on a laptop'
          : `${run.prefix}1 to ${run.attempt}, job ${file.job}`,
      found: what.slice(0, 300),
      next: 'run the stage in a job of this very run and hand its files over by digest',
    });
  if (run === null) {
    if (job !== 'local') throw found(job);
    return;
  }
  const rest = job.startsWith(run.prefix) ? job.slice(run.prefix.length) : '';
  const match = /^([0-9]{1,6})#(.+)$/su.exec(rest);
  if (match === null || Number(match[1]) < 1 || Number(match[1]) > run.attempt) throw found(job);
  if (match[2] !== file.job) throw found(job);
  if (report.job !== file.job) throw found(`a report that job ${report.job} handed over`);
}

function requireSource(statement: Statement<TestResult>, path: string, { source }: Binding): void {
  const about = statement.subject.some(({ digest }) => {
    const both = Object.keys(source).filter((algorithm) => Object.hasOwn(digest, algorithm));
    return both.length > 0 && both.every((algorithm) => digest[algorithm] === source[algorithm]);
  });
  if (about) return;
  throw new SallyportError({
    code: 'SP-EVIDENCE-SUBJECT',
    message: 'the evidence is about another commit than the one that is released',
    place: { path },
    expected: JSON.stringify(source),
    found: JSON.stringify(statement.subject[0]?.digest ?? {}).slice(0, 300),
    next: 'run the stage on the commit that is released',
  });
}

/**
 * Whoever runs in a job owns it, and could write what the others there report: an engine of somebody else counts only
 * if nothing else reported from its job. Throws SP-EVIDENCE-JOB.
 */
function requireOwnJobs(statements: readonly StageStatement[]): void {
  const byJob = new Map<string, Map<string, EngineInfo>>();
  for (const { statement } of statements) {
    const { job, engines } = statement.predicate.sallyport_producer;
    if (job === 'local') continue;
    const known = byJob.get(job) ?? new Map<string, EngineInfo>();
    for (const engine of engines) known.set(`${engine.publisher} ${engine.name}`, engine);
    byJob.set(job, known);
  }
  for (const [job, engines] of byJob) {
    const foreign = [...engines.values()].find((engine) => engine.how !== 'in-process');
    if (foreign === undefined || engines.size === 1) continue;
    throw new SallyportError({
      code: 'SP-EVIDENCE-JOB',
      message: `${foreign.name} reported from a job in which others reported too`,
      expected: 'a job of its own for each engine that is not ours: it owns the job that it runs in',
      found: `${[...engines.values()].map((engine) => engine.name).join(', ')} in ${job}`,
    });
  }
}

function unattributed(path: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-UNSIGNED',
    message: 'nothing says which job handed this over',
    place: { path },
    expected: '--evidence JOB=FILE@sha256:HEX, with the digest from needs.JOB.outputs',
    found: 'FILE@sha256:HEX',
  });
}

function absent(path: string, digest: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-MISSING',
    message: 'the report that the statement is about was not handed over',
    place: { path },
    expected: `a report with sha256:${digest}`,
    found: 'none',
  });
}

function unsigned(path: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-UNSIGNED',
    message: 'the report has neither a signature nor a statement of a job of this run',
    place: { path },
    expected: 'the STAGE.intoto.json that lies beside it',
    found: 'a report alone',
    next: 'run the tool by sallyport scan STAGE --engine NAME in a job of its own',
  });
}
