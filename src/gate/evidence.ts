import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Bom } from '../model/component.ts';
import { readCycloneDx } from '../model/cyclonedx/read.ts';
import { writeCycloneDx } from '../model/cyclonedx/write.ts';
import type { Decision } from '../model/decision.ts';
import { problemOf } from '../model/error.ts';
import {
  CYCLONEDX_TYPE,
  type ResourceDescriptor,
  STATEMENT_TYPE,
  type Statement,
  TEST_RESULT_TYPE,
  type TestResult,
  VULNERABILITIES_TYPE,
} from '../model/evidence.ts';
import type { ScanReport, StreamedReport } from '../model/report.ts';
import { writeSarif } from '../model/sarif/write.ts';
import { type Stage, stages } from '../model/stage.ts';
import type { Subject } from '../model/subject.ts';
import type { Context } from '../platform/context.ts';
import { release } from '../platform/files.ts';
import { RUNS_FOLDER } from '../platform/worktree.ts';
import { changed } from './evidence-changed.ts';
import { HandedInThread } from './handed-in-thread.ts';
import type { ReadBack } from './read-back.ts';
import { forgetOldest, refuseLink } from './runs.ts';
import { testResult, verificationSummary } from './statements.ts';
import { vulnerabilitiesOf } from './vulnerabilities.ts';

const SARIF_TYPE = 'application/sarif+json';
const MAX_BOM = 256 * 1024 * 1024;

export interface StageEvidence {
  stage: Stage;
  statement: Statement<TestResult>;
  /** sha256 of the statement's bytes on disk. */
  sha256: string;
}

/** A Statement in the run's folder. */
export interface KeptStatement {
  name: string;
  sha256: string;
}

interface KeptBom {
  bom: Bom;
  descriptor: ResourceDescriptor;
}

export interface KeptReports {
  reports: ScanReport[];
  kept: Map<Stage, ResourceDescriptor[]>;
}

/** The folder of a run: what it saw, what it decided. A new one each time; nothing in it is ever an input of a run. */
export class RunFolder {
  readonly id: string;
  readonly path: string;
  readonly #context: Context;
  /** The file that each bill of materials was read back from. */
  readonly #boms = new Map<Bom, { name: string; sha256: string }>();
  /** Those of reports that came before the others, by their document. */
  readonly #early = new Map<Uint8Array[], Promise<KeptBom>>();

  constructor(root: string, context: Context) {
    const time = context.clock
      .now()
      .toISOString()
      .replace(/[-:]|\.\d+/gu, '');
    this.id = `${time}-${randomBytes(3).toString('hex')}`;
    this.path = join(root, RUNS_FOLDER, 'runs', this.id);
    this.#context = context;
  }

  /** Keeps the folder out of the repository, wherever the repository's own ignore file forgets it. */
  async prepare(root: string): Promise<void> {
    for (const path of [join(root, RUNS_FOLDER), join(root, RUNS_FOLDER, 'runs')]) refuseLink(path);
    const ignore = join(root, RUNS_FOLDER, '.gitignore');
    if (!(await this.#context.files.exists(ignore))) await this.#context.files.write(ignore, ['*\n']);
    await forgetOldest(join(root, RUNS_FOLDER, 'runs'));
  }

  async write(
    name: string,
    content: Iterable<string | Uint8Array>,
  ): Promise<{ sha256: string; bytes: number }> {
    return await this.#context.files.write(join(this.path, name), content);
  }

  /**
   * Writes the reports in their standard forms and reads them back: what is judged is what was written, so that the
   * same decision can be made again from the files. `handedIn` follow those of engines in the file of their stage; a
   * thread that has them writes that file, and where it does not come to its end, that is an error of the stage. Takes
   * `reports` over and empties it: of a large report only one copy is in memory at a time.
   */
  async keepReports(
    reports: ScanReport[],
    folder = '',
    handedIn: readonly StreamedReport[] | HandedInThread = [],
  ): Promise<KeptReports> {
    const read: ScanReport[] = [];
    const kept = new Map<Stage, ResourceDescriptor[]>();
    const boms = reports.map(({ stage, bom, document }) => ({ stage, bom: document ?? bom }));
    const written = new Map<Stage, () => Promise<ReadBack>>();
    for (const stage of stages) {
      const own = reports.filter((report) => report.stage === stage);
      const name = join(folder, `${stage}.sarif`);
      if (handedIn instanceof HandedInThread) {
        if (handedIn.has(stage)) written.set(stage, this.#writeIn(handedIn, name, stage, own));
        else if (own.length > 0) written.set(stage, await this.#writeStage(name, stage, own));
      } else {
        const all = [...own, ...handedIn.filter(({ head }) => head.stage === stage)];
        if (all.length > 0) written.set(stage, await this.#writeStage(name, stage, all));
      }
    }
    reports.length = 0;
    for (const [stage, readStage] of written) {
      const name = join(folder, `${stage}.sarif`);
      const { reports: back, sha256 } = await readStage();
      const descriptors: ResourceDescriptor[] = [{ name, digest: { sha256 }, mediaType: SARIF_TYPE }];
      const ownBoms = boms.filter((one) => one.stage === stage);
      for (const [index, report] of back.entries()) {
        const bom = ownBoms[index]?.bom;
        if (bom !== undefined) {
          const early = Array.isArray(bom) ? this.#early.get(bom) : undefined;
          const kept = await (early ?? this.#keepBom(join(folder, bomName(stage, index)), bom));
          report.bom = kept.bom;
          descriptors.push(kept.descriptor);
        }
        read.push(report);
      }
      kept.set(stage, descriptors);
    }
    return { reports: read, kept };
  }

  /** Writes the file of a stage; what it gives reads it back. */
  async #writeStage(
    name: string,
    stage: Stage,
    reports: readonly (ScanReport | StreamedReport)[],
  ): Promise<() => Promise<ReadBack>> {
    const { sha256, bytes } = await this.write(name, writeSarif(reports));
    const part = join(this.path, name);
    return async () => {
      const { readBack } = await import('./read-back.ts');
      return await readBack(part, name, stage, [{ part, bytes }, { sha256 }]);
    };
  }

  /** Has `thread` write the file of a stage, after reports that are here; what it gives reads it back meanwhile. */
  #writeIn(
    thread: HandedInThread,
    name: string,
    stage: Stage,
    reports: readonly ScanReport[],
  ): () => Promise<ReadBack> {
    const path = join(this.path, name);
    thread.write(stage, path, reports);
    return async () => {
      try {
        const { readBack } = await import('./read-back.ts');
        return await readBack(path, name, stage, thread.steps());
      } catch (thrown) {
        await thread.end();
        const failed = thread.failed(stage, problemOf(thrown));
        return await (await this.#writeStage(name, stage, [...reports, ...failed]))();
      }
    };
  }

  /**
   * Keeps the bill of materials of a report, the `index`th of its stage, while other engines are still at work:
   * `keepReports` takes it up, and throws what went wrong here.
   */
  keepEarly(stage: Stage, index: number, { document }: ScanReport): void {
    if (document === undefined) return;
    const keeping = this.#keepBom(bomName(stage, index), document);
    keeping.catch(() => undefined);
    this.#early.set(document, keeping);
  }

  async #readBack(name: string, sha256: string, limit: number): Promise<Buffer> {
    const bytes = await this.#context.files.read(join(this.path, name), limit);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== sha256) throw changed(name, `sha256:${sha256}`, `sha256:${found}`);
    return bytes;
  }

  async #keepBom(name: string, bom: Bom | Uint8Array[]): Promise<KeptBom> {
    const timestamp = this.#context.clock.now().toISOString();
    const isWritten = Array.isArray(bom);
    const { sha256 } = await this.write(name, isWritten ? bom : writeCycloneDx(bom, { timestamp }));
    if (isWritten) bom.splice(0).forEach(release);
    const bytes = await this.#readBack(name, sha256, MAX_BOM);
    const numbered = isWritten || bom.rest?.serialNumber === undefined ? 'writer' : undefined;
    const read = readCycloneDx(bytes, { path: name, numbered });
    release(bytes);
    this.#boms.set(read, { name, sha256 });
    const mediaType = 'application/vnd.cyclonedx+json';
    return { bom: read, descriptor: { name, digest: { sha256 }, mediaType } };
  }

  /** One unsigned Statement a stage: a claim of this job, for people and, once signed at release, for later gates. */
  async keepStatements(
    subject: Subject,
    reports: readonly ScanReport[],
    kept: ReadonlyMap<Stage, ResourceDescriptor[]>,
    policy: Decision['policy'],
    job: string,
  ): Promise<StageEvidence[]> {
    const evidence: StageEvidence[] = [];
    for (const [stage, descriptors] of kept) {
      const statement: Statement<TestResult> = {
        _type: STATEMENT_TYPE,
        subject: [subject],
        predicateType: TEST_RESULT_TYPE,
        predicate: testResult(
          reports.filter((r) => r.stage === stage),
          descriptors,
          policy,
          job,
        ),
      };
      const { sha256 } = await this.write(`${stage}.intoto.json`, [
        `${JSON.stringify(statement, null, 2)}\n`,
      ]);
      evidence.push({ stage, statement, sha256 });
    }
    return evidence;
  }

  /**
   * The bill of materials and the vulnerabilities in their own predicates, for whoever looks for those: each with a
   * Statement about the same subject. The vulnerabilities stand for the lookup of ours alone.
   */
  async keepDependencies(subject: Subject, reports: readonly ScanReport[]): Promise<KeptStatement[]> {
    const kept: KeptStatement[] = [];
    const bom = reports.find((report) => report.stage === 'dependencies' && report.bom !== undefined)?.bom;
    const keep = async (
      name: string,
      predicateType: string,
      predicate: Iterable<string | Uint8Array>,
    ): Promise<void> => {
      const statement: Omit<Statement, 'predicate'> = {
        _type: STATEMENT_TYPE,
        subject: [subject],
        predicateType,
      };
      const head = `${JSON.stringify(statement).slice(0, -1)},"predicate":`;
      const { sha256 } = await this.write(name, chain([head], predicate, ['}\n']));
      kept.push({ name, sha256 });
    };
    if (bom !== undefined) {
      const file = this.#boms.get(bom);
      if (file === undefined) throw new Error('a bill of materials that this folder does not keep');
      const { piecesOf } = await import('./read-back.ts');
      const pieces = piecesOf(join(this.path, file.name), file.name, file.sha256, MAX_BOM);
      await keep('bom.intoto.json', CYCLONEDX_TYPE, pieces);
    }
    const found = vulnerabilitiesOf(reports);
    if (found !== null) {
      await this.write('vulnerabilities.json', [`${JSON.stringify(found, null, 2)}\n`]);
      await keep('vulnerabilities.intoto.json', VULNERABILITIES_TYPE, [JSON.stringify(found)]);
    }
    return kept;
  }

  /** The decision in a VSA's form. One of `error` is no verdict and is not written. */
  async keepDecision(
    decision: Decision,
    evidence: readonly StageEvidence[],
    more: readonly KeptStatement[] = [],
  ): Promise<void> {
    if (decision.verdict === 'error') return;
    const inputs = [
      ...evidence.map(({ stage, sha256 }) => ({ name: `${stage}.intoto.json`, sha256 })),
      ...more,
    ];
    const summary = verificationSummary(decision, inputs);
    await this.write('decision.intoto.json', [`${JSON.stringify(summary, null, 2)}\n`]);
  }
}

function* chain<Part>(...parts: Iterable<Part>[]): Generator<Part> {
  for (const part of parts) yield* part;
}

function bomName(stage: Stage, index: number): string {
  const base = stage === 'dependencies' ? 'bom' : stage;
  return index === 0 ? `${base}.cdx.json` : `${base}-${index + 1}.cdx.json`;
}
