import { setFlagsFromString } from 'node:v8';

/**
 * The young part of the heap stays as it is now. It doubles with everything that outlives a collection, and over a
 * large report it would grow to a hundred megabytes that hold nothing; at its first size it would be collected every
 * millisecond. Called when the program is loaded and before it reads what may be large.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
