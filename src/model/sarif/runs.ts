import { SallyportError } from '../error.ts';
import type { Finding } from '../finding.ts';
import { Fingerprinter } from '../fingerprint.ts';
import { isObject, type Json } from '../json/values.ts';
import type { ScanReport, StreamedReport } from '../report.ts';
import { Numbering } from './numbering.ts';
import { type RunOptions, RunReader } from './run-reader.ts';
import type { SarifRun } from './schema.ts';

/** By engine: what one tool found in several runs of a log is numbered through. */
export type Fingerprinters = Map<string, Fingerprinter>;

function fingerprinterOf(engine: string, fingerprinters: Fingerprinters): Fingerprinter {
  const fingerprinter = fingerprinters.get(engine) ?? new Fingerprinter();
  fingerprinters.set(engine, fingerprinter);
  return fingerprinter;
}

/** What a run has in common with the others of its log. */
interface CollectedLog {
  path: string;
  fingerprinters: Fingerprinters;
  /** `drop`: what the model does not name of a result is let go. */
  leftovers?: 'keep' | 'drop' | undefined;
}

/** A run whose findings are gathered in memory, result by result. */
export class RunCollector {
  readonly #reader: RunReader;
  readonly #log: CollectedLog;
  readonly #findings: Finding[] = [];
  readonly #numbering = new Numbering();
  #position = 0;

  constructor(run: SarifRun, options: RunOptions, log: CollectedLog) {
    this.#reader = new RunReader(run, options);
    this.#log = log;
  }

  /** Whether it is one of ours, with our own account of it. */
  get own(): boolean {
    return this.#reader.own;
  }

  /** Throws SP-SARIF-SHAPE. */
  add(raw: unknown): void {
    const result = this.#reader.read(raw, this.#position++);
    if (result === null) {
      this.#reader.keepOther(raw as Json);
      return;
    }
    if (this.#log.leftovers !== 'drop') {
      const rest = this.#reader.beyond(result);
      if (isObject(rest)) result.finding.source = JSON.stringify(rest);
    }
    this.#findings.push(result.finding);
    this.#numbering.add(result);
  }

  /** Throws SP-SARIF-FINGERPRINT. */
  end(): ScanReport {
    const findings = this.#findings;
    const { fingerprinters, path } = this.#log;
    this.#numbering.number(fingerprinterOf(this.#reader.engine, fingerprinters), (index, fingerprint) => {
      (findings[index] as Finding).fingerprint = fingerprint;
    });
    if (this.#reader.own) refuseEqualFingerprints(findings, path);
    return { ...this.#reader.end(findings.length), findings };
  }
}

/** A run whose findings are read from its `results` a second time, under the fingerprints that the first time gave. */
export function streamRun(
  run: SarifRun,
  results: () => Iterable<unknown>,
  options: RunOptions,
  fingerprinters: Fingerprinters,
): StreamedReport {
  const reader = new RunReader(run, options);
  const numbering = new Numbering();
  let position = 0;
  let count = 0;
  for (const raw of results()) {
    const result = reader.read(raw, position++);
    if (result === null) reader.keepOther(raw as Json);
    else {
      numbering.add(result);
      count++;
    }
  }
  const fingerprints: string[] = new Array(count);
  numbering.number(fingerprinterOf(reader.engine, fingerprinters), (index, fingerprint) => {
    fingerprints[index] = fingerprint;
  });
  return {
    head: reader.end(count),
    *findings() {
      let at = 0;
      for (const raw of results()) {
        const result = reader.read(raw, 0);
        if (result === null) continue;
        const { finding } = result;
        finding.fingerprint = fingerprints[at++] ?? finding.fingerprint;
        yield { finding, original: reader.original(result) };
      }
    },
  };
}

function refuseEqualFingerprints(findings: readonly Finding[], path: string): void {
  const seen = new Set<string>();
  for (const { fingerprint } of findings) {
    if (seen.has(fingerprint)) {
      throw new SallyportError({
        code: 'SP-SARIF-FINGERPRINT',
        message: 'two results of one run have the same fingerprint',
        expected: 'fingerprints that are unique in a run',
        found: fingerprint,
        place: { path },
        next: 'run the stage again with this version',
      });
    }
    seen.add(fingerprint);
  }
}
