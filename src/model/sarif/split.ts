import { addValue, type Batch } from '../json/batches.ts';
import { decode, JsonScanner } from '../json/scan.ts';
import { SARIF_LIMITS } from './schema.ts';

/** A log taken apart: everything but the results (their arrays are there, empty), and where the results stand. */
export interface SplitLog {
  skeleton: unknown;
  /** For each run in order. */
  batches: Batch[][];
}

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
