import { setFlagsFromString } from 'node:v8';

/** Of each half of the young part, in a thread of ours. */
const YOUNG_MIB = 4;

/**
 * Keeps the heap near to what is in use, called when the program is loaded and before it reads what may be large. The
 * young part stays as it is now: it doubles with everything that outlives a collection, and over a large report it would
 * grow to a hundred megabytes that hold nothing, in each thread. The old part is tidied up when it has grown by two
 * fifths, not by three times: of a report that was written and is read back, only one copy is to be there.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=40');
}

/**
 * Threads that are started after this begin with the young part that they are to have: at V8's first size it is
 * collected every millisecond, and what dies soon is taken for what stays.
 */
export function growThreadsAtOnce(): void {
  setFlagsFromString(`--min-semi-space-size=${YOUNG_MIB}`);
}
