import { type Fingerprinter, fingerprintOf } from '../fingerprint.ts';
import type { ReadResult } from './result.ts';

/**
 * The findings of one run by what identifies them, for fingerprints. Equal ones are numbered in the order of their
 * lines, not in the order in which the tool happened to write them.
 */
export class Numbering {
  /** Undefined for a finding that brought a fingerprint that counts. */
  readonly #keys: (string | undefined)[] = [];
  readonly #positions: number[] = [];

  add({ finding, context }: ReadResult): void {
    const [first] = finding.places;
    const about = context();
    this.#keys.push(
      about === undefined
        ? undefined
        : fingerprintOf({ rule: finding.rule, path: first?.path ?? '', context: about }),
    );
    this.#positions.push((first?.line ?? 0) * 2 ** 20 + (first?.column ?? 0));
  }

  /** Tells every finding that brought none its fingerprint, by its place among those that were added. */
  number(fingerprinter: Fingerprinter, tell: (index: number, fingerprint: string) => void): void {
    // Where a finding is alone with its key, it does not matter when its turn comes: only the others are sorted.
    const first = new Map<string, number>();
    const equal = new Set<number>();
    for (const [index, key] of this.#keys.entries()) {
      if (key === undefined) continue;
      const before = first.get(key);
      if (before === undefined) first.set(key, index);
      else equal.add(before).add(index);
    }
    for (const [key, index] of first) if (!equal.has(index)) tell(index, fingerprinter.number(key));
    const position = this.#positions;
    const order = [...equal].sort((a, b) => (position[a] ?? 0) - (position[b] ?? 0) || a - b);
    for (const index of order) tell(index, fingerprinter.number(this.#keys[index] ?? ''));
  }
}
