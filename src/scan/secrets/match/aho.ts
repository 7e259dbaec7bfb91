/**
 * An Aho-Corasick automaton over bytes that finds every occurrence of many words in one pass, without regard to
 * ASCII case (Aho, Corasick 1975). Bytes that no word holds share one column of the table. It is built anew in each
 * thread, so it is built of flat arrays of numbers alone.
 */
export class WordFinder {
  /** Column of each byte. */
  readonly #columns = new Uint8Array(256);
  readonly #width: number;
  /** Row offset of the next state by row offset + column; the states that end a word come last. */
  readonly #next: Int32Array;
  /** Row offset of the first state that ends a word. */
  readonly #firstFinal: number;
  /** By number of the final state: the word that ends there, or -1, and the next shorter final state, or -1. */
  readonly #words: Int32Array;
  readonly #shorter: Int32Array;
  readonly #lengths: Uint32Array;

  /** `words`: lower case, latin1, not empty, each once. */
  constructor(words: readonly string[]) {
    this.#lengths = Uint32Array.from(words, (word) => word.length);
    this.#width = this.#columnsOf(words);
    const { next, ends, states } = this.#trie(words);
    const { order, shorter } = this.#link(next, ends, states);
    const renumbered = new Int32Array(states);
    const finals = order.filter((state) => ends[state] !== -1 || shorter[state] !== -1);
    let plain = 0;
    let final = states - finals.length;
    this.#firstFinal = final * this.#width;
    for (const state of order)
      renumbered[state] = ends[state] !== -1 || shorter[state] !== -1 ? final++ : plain++;
    this.#next = rows(next, renumbered, this.#width);
    this.#words = finals.map((state) => ends[state] as number);
    const first = states - finals.length;
    this.#shorter = finals.map((state) => {
      const other = shorter[state] as number;
      return other === -1 ? -1 : (renumbered[other] as number) - first;
    });
  }

  #columnsOf(words: readonly string[]): number {
    let width = 1;
    for (const word of words) {
      for (let at = 0; at < word.length; at++) {
        const byte = word.charCodeAt(at);
        if (this.#columns[byte] !== 0) continue;
        this.#columns[byte] = width;
        if (byte >= 0x61 && byte <= 0x7a) this.#columns[byte - 0x20] = width;
        width++;
      }
    }
    return width;
  }

  /** Children by state and column; 0 for none. `ends`: the word that ends in a state, or -1. */
  #trie(words: readonly string[]): { next: Int32Array; ends: Int32Array; states: number } {
    const width = this.#width;
    const most = this.#lengths.reduce((sum, length) => sum + length, 1);
    const next = new Int32Array(most * width);
    const ends = new Int32Array(most).fill(-1);
    let states = 1;
    for (let index = 0; index < words.length; index++) {
      const word = words[index] as string;
      let state = 0;
      for (let at = 0; at < word.length; at++) {
        const slot = state * width + (this.#columns[word.charCodeAt(at)] as number);
        if (next[slot] === 0) next[slot] = states++;
        state = next[slot] as number;
      }
      ends[state] = index;
    }
    return { next: next.subarray(0, states * width), ends, states };
  }

  /**
   * Fills in the failure transitions. `order`: the states by their depth; `shorter`: the longest suffix of a state that
   * ends a word, or -1.
   */
  #link(next: Int32Array, ends: Int32Array, states: number): { order: Int32Array; shorter: Int32Array } {
    const width = this.#width;
    const failure = new Int32Array(states);
    const shorter = new Int32Array(states).fill(-1);
    const order = new Int32Array(states);
    let tail = 1;
    for (let head = 0; head < tail; head++) {
      const state = order[head] as number;
      const row = state * width;
      const fallback = (failure[state] as number) * width;
      for (let column = 0; column < width; column++) {
        const child = next[row + column] as number;
        const other = state === 0 ? 0 : (next[fallback + column] as number);
        if (child === 0) next[row + column] = other;
        else {
          failure[child] = other;
          shorter[child] = (ends[other] !== -1 ? other : shorter[other]) as number;
          order[tail++] = child;
        }
      }
    }
    return { order, shorter };
  }

  /** Adds the start of every occurrence in `bytes[from, to)` to the list of its word. */
  find(bytes: Uint8Array, from: number, to: number, found: Occurrences): void {
    const next = this.#next;
    const columns = this.#columns;
    const firstFinal = this.#firstFinal;
    let state = 0;
    for (let at = from; at < to; at++) {
      state = next[state + (columns[bytes[at] as number] as number)] as number;
      if (state >= firstFinal) this.#report(state, at + 1, found);
    }
  }

  #report(state: number, end: number, found: Occurrences): void {
    for (
      let final = (state - this.#firstFinal) / this.#width;
      final !== -1;
      final = this.#shorter[final] as number
    ) {
      const word = this.#words[final] as number;
      if (word !== -1) found.add(word, end - (this.#lengths[word] as number));
    }
  }
}

/** The table under new numbers, with the row offset of a state in the place of its number. */
function rows(next: Int32Array, renumbered: Int32Array, width: number): Int32Array {
  const out = new Int32Array(next.length);
  for (let state = 0; state < renumbered.length; state++) {
    const to = (renumbered[state] as number) * width;
    const from = state * width;
    for (let column = 0; column < width; column++)
      out[to + column] = (renumbered[next[from + column] as number] as number) * width;
  }
  return out;
}

/** Where each word was found. Reused from text to text, so that a scan makes no garbage. */
export class Occurrences {
  readonly #lists: number[][];
  /** Words that were found at least once. */
  readonly words: number[] = [];

  constructor(words: number) {
    this.#lists = Array.from({ length: words }, () => []);
  }

  add(word: number, start: number): void {
    const list = this.#lists[word] as number[];
    if (list.length === 0) this.words.push(word);
    list.push(start);
  }

  /** Ascending. */
  of(word: number): readonly number[] {
    return this.#lists[word] as number[];
  }

  clear(): void {
    for (const word of this.words) (this.#lists[word] as number[]).length = 0;
    this.words.length = 0;
  }
}
