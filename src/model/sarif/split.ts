import { addValue, type Batch, eachLine } from '../json/batches.ts';
import { decode, JsonScanner } from '../json/scan.ts';
import { SARIF_LIMITS } from './schema.ts';

/** A log taken apart: everything but the results (their arrays are there, empty), and where the results stand. */
export interface SplitLog {
  skeleton: unknown;
  /** For each run in order. */
  batches: Batch[][];
}

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
    scanner.eachElement(() => {
      if (++results > SARIF_LIMITS.results) {
        scanner.fail(
          `at most ${SARIF_LIMITS.results} results`,
          'SP-SARIF-SIZE',
          'the log holds too many results',
        );
      }
      const start = scanner.pos;
      scanner.skip();
      addValue(mine, start, scanner.pos);
    });
    const [first, last] = [mine[0], mine.at(-1)];
    if (first !== undefined && last !== undefined) holes.push({ start: first.start, end: last.end });
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
  eachLine(bytes, (start, next) => {
    const opensObject = bytes[start] === OPEN_OBJECT;
    if (inResults && opensObject) {
      const end = bytes[next - 2] === COMMA ? next - 2 : next - 1;
      addValue(batches.at(-1) ?? [], start, end);
      return;
    }
    frame.push(decode(bytes, start, next, path));
    // The first line is the log's own; every other one that opens an object opens a run, mostly with its results.
    const opensRun = start > 0 && opensObject;
    if (opensRun) batches.push([]);
    inResults = opensRun && bytes[next - 2] === OPEN_ARRAY;
  });
  return { skeleton: JSON.parse(frame.join('')), batches };
}
