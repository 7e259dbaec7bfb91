import { decode } from './scan.ts';

/** Whole values, one after another with commas between them: `[start, end)` in bytes. */
export interface Batch {
  start: number;
  end: number;
}

/** Few enough values that hardly any is there still when the young part of the heap is collected: those cost. */
const BATCH_BYTES = 32 * 1024;
const NEWLINE = 0x0a;

/** Calls `take` for each line: where it begins, and what follows its end. */
export function eachLine(bytes: Uint8Array, take: (start: number, next: number) => void): void {
  for (let start = 0, next = 0; start < bytes.length; start = next) {
    const newline = bytes.indexOf(NEWLINE, start);
    next = newline === -1 ? bytes.length : newline + 1;
    take(start, next);
  }
}

/** Adds the value that follows the last one, to a batch of its own where that has grown large. */
export function addValue(batches: Batch[], start: number, end: number): void {
  const batch = batches.at(-1);
  if (batch === undefined || start - batch.start > BATCH_BYTES) batches.push({ start, end });
  else batch.end = end;
}

/** The values in order, one batch in memory at a time. */
export function* valuesIn(bytes: Uint8Array, batches: readonly Batch[], path: string): Generator<unknown> {
  for (const { start, end } of batches)
    yield* JSON.parse(`[${decode(bytes, start, end, path)}]`) as unknown[];
}
