import { addValue, type Batch, eachLine, valuesIn } from '../json/batches.ts';
import { decode } from '../json/scan.ts';
import type { Json } from '../json/values.ts';
import type { ScanReport } from '../report.ts';
import type { FindingStage } from '../stage.ts';
import { checkedLog, keepLog } from './log.ts';
import { type Fingerprinters, RunCollector } from './runs.ts';
import { SARIF_VERSION, type SarifRun } from './schema.ts';

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;

/**
 * Reads a log that `writeSarif` has just written, byte for byte as it wrote it, piece by piece as it comes: by its
 * lines, without a second look at what stands in them. JSON has no bare line ends inside of texts, so each of them is
 * the writer's. What the model does not name of a result is let go. Only who has seen that these are the writer's bytes
 * may use what comes of it.
 */
export class WrittenReader {
  readonly #stage: FindingStage;
  readonly #path: string;
  readonly #fingerprinters: Fingerprinters = new Map();
  readonly #reports: ScanReport[] = [];
  /** Of a line whose end has not come yet. */
  #begun: Uint8Array[] = [];
  /** The lines of the log that are no run's. */
  #frame = '';
  #run: RunCollector | null = null;

  constructor(stage: FindingStage, path: string) {
    this.#stage = stage;
    this.#path = path;
  }

  /** The bytes are the caller's again afterwards. Throws for what is no such log. */
  add(bytes: Uint8Array): void {
    const last = bytes.lastIndexOf(NEWLINE) + 1;
    let from = 0;
    if (this.#begun.length > 0 && last > 0) {
      from = bytes.indexOf(NEWLINE) + 1;
      this.#lines(Buffer.concat([...this.#begun, bytes.subarray(0, from)]));
      this.#begun = [];
    }
    this.#lines(bytes.subarray(from, last));
    if (last < bytes.length) this.#begun.push(new Uint8Array(bytes.subarray(last)));
  }

  /** The reports, as `readSarif` gives them. Throws where the log has not come to its end. */
  end(): ScanReport[] {
    if (this.#run !== null || this.#begun.length > 0) throw new Error(`${this.#path} ends too early`);
    keepLog(JSON.parse(this.#frame) as Json, this.#reports[0]);
    return this.#reports;
  }

  #lines(bytes: Uint8Array): void {
    let batches: Batch[] = [];
    const take = (): void => {
      for (const raw of valuesIn(bytes, batches, this.#path)) this.#run?.add(raw);
      batches = [];
    };
    eachLine(bytes, (start, next) => {
      const opensObject = bytes[start] === OPEN_OBJECT;
      const end = bytes[next - 2] === COMMA ? next - 2 : next - 1;
      if (this.#run !== null) {
        if (opensObject) return addValue(batches, start, end);
        take();
        this.#endRun();
        return;
      }
      const line = decode(bytes, start, end, this.#path);
      // The first line is the log's own; every other one that opens an object opens a run, mostly with its results.
      if (this.#frame === '' || !opensObject) this.#frame += line;
      else if (line.endsWith('[')) this.#openRun(`${line}]}`);
      else {
        this.#openRun(line);
        this.#endRun();
      }
    });
    take();
  }

  #openRun(text: string): void {
    const path = this.#path;
    const placeOf = () => ({ path });
    const log = checkedLog({ version: SARIF_VERSION, runs: [JSON.parse(text)] }, placeOf);
    const [run] = log.runs as [SarifRun];
    const options = {
      stage: this.#stage,
      origin: 'own',
      digest: '',
      index: this.#reports.length,
      placeOf,
    } as const;
    const fingerprinters = this.#fingerprinters;
    this.#run = new RunCollector(run, options, { leftovers: 'drop', fingerprinters, path });
    if (!this.#run.own) throw new Error(`${path} has a run without our own account of it`);
  }

  #endRun(): void {
    if (this.#run !== null) this.#reports.push(this.#run.end());
    this.#run = null;
  }
}
