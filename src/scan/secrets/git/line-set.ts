/**
 * A set of 64-bit hashes, kept as two halves in one array with open addressing: millions of lines pass through it, and
 * a `Set` of numbers this large would make an object of each.
 */
export class LineSet {
  #slots = new Int32Array(2 * 1024);
  #mask = 1023;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /** True where it was not there before. */
  add(high: number, low: number): boolean {
    // A slot of zeros is free; that one hash stands in for its neighbour.
    const top = high === 0 && low === 0 ? 1 : high;
    const slots = this.#slots;
    let at = (low ^ (low >>> 15)) & this.#mask;
    for (;;) {
      const a = slots[2 * at] as number;
      const b = slots[2 * at + 1] as number;
      if (a === top && b === low) return false;
      if (a === 0 && b === 0) break;
      at = (at + 1) & this.#mask;
    }
    slots[2 * at] = top;
    slots[2 * at + 1] = low;
    this.#size++;
    if (this.#size * 2 > this.#mask) this.#grow();
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array(2 * (this.#mask + 1));
    this.#size = 0;
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] as number;
      const low = old[at + 1] as number;
      if (high !== 0 || low !== 0) this.add(high, low);
    }
  }
}
