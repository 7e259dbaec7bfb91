import { LOCK_LIMITS, malformed } from './limits.ts';

/** A value of the part of Elixir that mix.lock is written in. Atoms, texts, numbers and names are `text`. */
export type Term =
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: Term[] }
  | { kind: 'pair'; key: string; value: Term }
  | { kind: 'map'; pairs: [string, Term][] };

/** Reads one term; `keyLines` has the line of each key of the outermost map. Throws SP-LOCK-SYNTAX. */
export function parseTerm(text: string, path: string): { value: Term; keyLines: Map<string, number> } {
  const reader = new TermReader(text, path);
  const value = reader.term(0);
  reader.end();
  return { value, keyLines: reader.keyLines };
}

class TermReader {
  readonly #text: string;
  readonly #path: string;
  #pos = 0;
  #line = 1;
  readonly keyLines = new Map<string, number>();

  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  term(depth: number): Term {
    if (depth > LOCK_LIMITS.depth) this.#fail(`at most ${LOCK_LIMITS.depth} levels`);
    this.#blanks();
    if (this.#takes('%{')) return { kind: 'map', pairs: this.#pairs(depth) };
    if (this.#takes('{')) return { kind: 'list', items: this.#items('}', depth) };
    if (this.#takes('[')) return { kind: 'list', items: this.#items(']', depth) };
    if (this.#text[this.#pos] === '"') return { kind: 'text', text: this.#quoted() };
    if (this.#text[this.#pos] === ':') {
      this.#pos++;
      return { kind: 'text', text: this.#text[this.#pos] === '"' ? this.#quoted() : this.#word() };
    }
    const word = this.#word();
    if (this.#text[this.#pos] !== ':') return { kind: 'text', text: word };
    this.#pos++;
    return { kind: 'pair', key: word, value: this.term(depth + 1) };
  }

  end(): void {
    this.#blanks();
    if (this.#pos < this.#text.length) this.#fail('the end of the file');
  }

  #items(close: string, depth: number): Term[] {
    const items: Term[] = [];
    for (this.#blanks(); !this.#takes(close); this.#blanks()) {
      items.push(this.term(depth + 1));
      this.#blanks();
      if (!this.#takes(',') && this.#text[this.#pos] !== close) this.#fail(`, or ${close}`);
    }
    return items;
  }

  #pairs(depth: number): [string, Term][] {
    const pairs: [string, Term][] = [];
    for (this.#blanks(); !this.#takes('}'); this.#blanks()) {
      const line = this.#line;
      const key = this.#text[this.#pos] === '"' ? this.#quoted() : this.#word();
      this.#blanks();
      if (!this.#takes(':') && !this.#takes('=>')) this.#fail(': after the key');
      if (depth === 0 && !this.keyLines.has(key)) this.keyLines.set(key, line);
      if (pairs.length >= LOCK_LIMITS.entries) this.#fail(`at most ${LOCK_LIMITS.entries} entries`);
      pairs.push([key, this.term(depth + 1)]);
      this.#blanks();
      if (!this.#takes(',') && this.#text[this.#pos] !== '}') this.#fail(', or }');
    }
    return pairs;
  }

  #quoted(): string {
    let found = '';
    for (this.#pos++; this.#pos < this.#text.length; this.#pos++) {
      const character = this.#text[this.#pos];
      if (character === '"') {
        this.#pos++;
        return found;
      }
      if (character === '\n') this.#line++;
      if (character === '\\') this.#pos++;
      found += this.#text[this.#pos] ?? '';
    }
    this.#fail('a closing "');
  }

  #word(): string {
    const start = this.#pos;
    while (/[\w.@!?+-]/u.test(this.#text[this.#pos] ?? '')) this.#pos++;
    if (this.#pos === start) this.#fail('a value');
    return this.#text.slice(start, this.#pos);
  }

  #blanks(): void {
    for (;;) {
      const character = this.#text[this.#pos];
      if (character === '\n') this.#line++;
      else if (character === '#') {
        const end = this.#text.indexOf('\n', this.#pos);
        this.#pos = end === -1 ? this.#text.length : end;
        continue;
      } else if (character !== ' ' && character !== '\t' && character !== '\r') return;
      this.#pos++;
    }
  }

  #takes(text: string): boolean {
    if (!this.#text.startsWith(text, this.#pos)) return false;
    this.#pos += text.length;
    return true;
  }

  #fail(expected: string): never {
    const found = this.#text.slice(this.#pos, this.#pos + 20);
    throw malformed({ path: this.#path, line: this.#line }, 'this is no mix.lock', expected, found);
  }
}
