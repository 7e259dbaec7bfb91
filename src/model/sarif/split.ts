import { decode, JsonScanner } from '../json/scan.ts';
import { SARIF_LIMITS } from './schema.ts';

/** Whole results, one after another with commas between them: `[start, end)` in bytes. */
interface Batch {
  start: number;
  end: number;
}

/** A log taken apart: everything but the results (their arrays are there, empty), and where the results stand. */
export interface SplitLog {
  skeleton: unknown;
  /** For each run in order. */
  batches: Batch[][];
}

const BATCH_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * Reads the frame of a log and leaves the results as bytes, so that a log of any size is never in memory as one
 * tree. Throws SP-JSON-* with file, line and column.
 */
export function splitLog(bytes: Uint8Array, path: string): SplitLog {
  const scanner = new JsonScanner(bytes, path, SARIF_LIMITS);
  const holes: Batch[] = [];
  const batches: Batch[][] = [];
  let results = 0;
  const origin = scanner.pos;

  const readResults = (): void => {
    const mine: Batch[] = [];
    let start = -1;
    let end = -1;
    scanner.eachElement(() => {
      if (++results > SARIF_LIMITS.results) {
        scanner.fail(
          `at most ${SARIF_LIMITS.results} results`,
          'SP-SARIF-SIZE',
          'the log holds too many results',
        );
      }
      if (start !== -1 && scanner.pos - start > BATCH_BYTES) {
        mine.push({ start, end });
        start = -1;
      }
      if (start === -1) start = scanner.pos;
      scanner.skip();
      end = scanner.pos;
    });
    const first = mine[0]?.start ?? start;
    if (start !== -1) {
      mine.push({ start, end });
      holes.push({ start: first, end });
    }
    batches[batches.length - 1] = mine;
  };

  if (scanner.kind() !== 'object') {
    scanner.skip();
    scanner.end();
    scanner.pos = origin;
    scanner.fail('a SARIF log: an object', 'SP-SARIF-SHAPE', 'this is not SARIF');
  }
  scanner.eachMember((name) => {
    if (name !== 'runs' || scanner.kind() !== 'array') return scanner.skip();
    scanner.eachElement(() => {
      batches.push([]);
      if (scanner.kind() !== 'object') return scanner.skip();
      scanner.eachMember((member) => {
        if (member === 'results' && scanner.kind() === 'array') readResults();
        else scanner.skip();
      });
    });
  });
  scanner.end();

  let text = '';
  let from = origin;
  for (const hole of holes) {
    text += decode(bytes, from, hole.start, path);
    from = hole.end;
  }
  text += decode(bytes, from, bytes.length, path);
  return { skeleton: JSON.parse(text), batches };
}

/**
 * The same of a log that `writeSarif` has just written, byte for byte as it wrote it: by its lines, without a second
 * look at what stands in them. JSON has no bare line ends inside of texts, so each of them is the writer's.
 */
export function splitWritten(bytes: Uint8Array, path: string): SplitLog {
  const batches: Batch[][] = [];
  const frame: string[] = [];
  let inResults = false;
  for (let start = 0, next = 0; start < bytes.length; start = next) {
    const newline = bytes.indexOf(NEWLINE, start);
    next = newline === -1 ? bytes.length : newline + 1;
    const opensObject = bytes[start] === OPEN_OBJECT;
    if (inResults && opensObject) {
      const end = bytes[next - 2] === COMMA ? next - 2 : next - 1;
      const mine = batches.at(-1) ?? [];
      const batch = mine.at(-1);
      if (batch === undefined || start - batch.start > BATCH_BYTES) mine.push({ start, end });
      else batch.end = end;
      continue;
    }
    frame.push(decode(bytes, start, next, path));
    // The first line is the log's own; every other one that opens an object opens a run, mostly with its results.
    const opensRun = start > 0 && opensObject;
    if (opensRun) batches.push([]);
    inResults = opensRun && bytes[next - 2] === OPEN_ARRAY;
  }
  return { skeleton: JSON.parse(frame.join('')), batches };
}

/** The results of one run, in order, one batch in memory at a time. */
export function* resultsOf(bytes: Uint8Array, batches: readonly Batch[], path: string): Generator<unknown> {
  for (const { start, end } of batches) {
    yield* JSON.parse(`[${decode(bytes, start, end, path)}]`) as unknown[];
  }
}
