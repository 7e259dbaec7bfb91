/**
 * An Aho-Corasick automaton over bytes that finds every occurrence of many words in one pass, without regard to
 * ASCII case (Aho, Corasick 1975). Bytes that no word holds share one column of the table.
 */
export class WordFinder {
  /** Column of each byte. */
  readonly #columns = new Uint8Array(256);
  readonly #width: number;
  /** Row offset of the next state by row offset + column; the states that end a word come last. */
  readonly #next: Int32Array;
  /** Row offset of the first state that ends a word. */
  readonly #firstFinal: number;
  /** Words that end in a final state, by (row offset - firstFinal) / width. */
  readonly #words: Uint32Array[];
  readonly #lengths: Uint32Array;

  /** `words`: lower case, latin1, not empty. */
  constructor(words: readonly string[]) {
    this.#lengths = Uint32Array.from(words, (word) => word.length);
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
    this.#width = width;
    const trie = this.#trie(words);
    const order = this.#link(trie);
    const finals = order.filter((state) => trie.ends[state]?.length);
    const renumbered = new Int32Array(trie.ends.length);
    let row = 0;
    for (const state of [...order.filter((s) => !trie.ends[s]?.length), ...finals])
      renumbered[state] = row++ * width;
    this.#next = new Int32Array(trie.ends.length * width);
    for (const state of order) {
      const to = renumbered[state] as number;
      for (let column = 0; column < width; column++) {
        this.#next[to + column] = renumbered[trie.next[state * width + column] as number] as number;
      }
    }
    this.#firstFinal = (trie.ends.length - finals.length) * width;
    this.#words = finals.map((state) => Uint32Array.from(trie.ends[state] ?? []));
  }

  #trie(words: readonly string[]): { next: Int32Array; ends: number[][] } {
    const width = this.#width;
    const size = words.reduce((sum, word) => sum + word.length, 1);
    const next = new Int32Array(size * width);
    const ends: number[][] = [[]];
    for (const [index, word] of words.entries()) {
      let state = 0;
      for (let at = 0; at < word.length; at++) {
        const slot = state * width + (this.#columns[word.charCodeAt(at)] as number);
        if (next[slot] === 0) {
          next[slot] = ends.length;
          ends.push([]);
        }
        state = next[slot] as number;
      }
      ends[state]?.push(index);
    }
    return { next: next.subarray(0, ends.length * width), ends };
  }

  /** Fills in the failure transitions; returns the states in the order of their depth. */
  #link({ next, ends }: { next: Int32Array; ends: number[][] }): number[] {
    const width = this.#width;
    const failure = new Int32Array(ends.length);
    const order = [0];
    for (let head = 0; head < order.length; head++) {
      const state = order[head] as number;
      const fallback = failure[state] as number;
      for (let column = 0; column < width; column++) {
        const child = next[state * width + column] as number;
        const other = state === 0 ? 0 : (next[fallback * width + column] as number);
        if (child === 0) next[state * width + column] = other;
        else {
          failure[child] = other;
          ends[child]?.push(...(ends[other] ?? []));
          order.push(child);
        }
      }
    }
    return order;
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
    const words = this.#words[(state - this.#firstFinal) / this.#width] as Uint32Array;
    for (const word of words) found.add(word, end - (this.#lengths[word] as number));
  }
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
