import type { Script, Word } from './model.ts';

export const BLANK = new Set([' ', '\t', '\r']);
export const META = new Set([' ', '\t', '\r', '\n', ';', '&', '|', '<', '>', '(', ')']);

/** Reads words: quotes, escapes, expansions. What stands in a substitution is read by the parser, which extends it. */
export abstract class WordReader {
  protected readonly text: string;
  protected readonly end: number;
  protected readonly script: Script;
  /** How many substitutions are open. */
  protected nested: number;
  protected at: number;

  constructor(text: string, start: number, end: number, script: Script, nested: number) {
    this.text = text;
    this.at = start;
    this.end = end;
    this.script = script;
    this.nested = nested;
  }

  /** Reads commands from `at` up to `)` or the end. */
  protected abstract list(closer: string | null): void;
  /** Reads the commands of a range apart. */
  protected abstract inner(start: number, end: number): void;

  protected peek(ahead = 0): string {
    return this.at + ahead < this.end ? (this.text[this.at + ahead] ?? '') : '';
  }

  protected arithmetic(): void {
    let depth = 0;
    for (; this.at < this.end; this.at++) {
      if (this.text[this.at] === '(') depth++;
      else if (this.text[this.at] === ')' && --depth === 0) {
        this.at++;
        return;
      }
    }
    this.script.broken = true;
  }

  /** One word, or null where none begins. */
  protected word(): Word | null {
    const word: Word = { start: this.at, end: this.at, text: '', dynamic: false, substitutions: [] };
    let quoted = false;
    const pieces: string[] = [];
    while (this.at < this.end) {
      const char = this.peek();
      if (char === "'") {
        pieces.push(this.until("'", this.at + 1));
        quoted = true;
      } else if (char === '"') {
        this.double(word, pieces);
        quoted = true;
      } else if (char === '\\') {
        if (this.peek(1) !== '\n') pieces.push(this.peek(1));
        this.at = Math.min(this.end, this.at + 2);
      } else if (char === '$') this.dollar(word, pieces, false);
      else if (char === '`') this.backtick(word, pieces);
      else if ((char === '<' || char === '>') && this.peek(1) === '(') {
        if (this.at !== word.start) break;
        this.at += 2;
        this.substitution(word);
        pieces.push('$()');
      } else if (META.has(char)) break;
      else {
        const from = this.at;
        while (this.at < this.end && !META.has(this.peek()) && !'\'"\\$`'.includes(this.peek())) this.at++;
        pieces.push(this.text.slice(from, this.at));
      }
    }
    word.end = this.at;
    word.text = pieces.join('');
    return word.end === word.start && !quoted ? null : word;
  }

  protected until(quote: string, start: number): string {
    let close = this.text.indexOf(quote, start);
    if (close === -1 || close >= this.end) {
      this.script.broken = true;
      close = this.end;
    }
    this.at = Math.min(this.end, close + 1);
    return this.text.slice(start, close);
  }

  protected double(word: Word, pieces: string[]): void {
    this.at++;
    while (this.at < this.end) {
      const char = this.peek();
      if (char === '"') {
        this.at++;
        return;
      }
      if (char === '\\') {
        const next = this.peek(1);
        pieces.push('$`"\\'.includes(next) ? next : next === '\n' ? '' : `\\${next}`);
        this.at += 2;
      } else if (char === '$') this.dollar(word, pieces, true);
      else if (char === '`') this.backtick(word, pieces);
      else {
        const from = this.at;
        while (this.at < this.end && !'"\\$`'.includes(this.peek())) this.at++;
        pieces.push(this.text.slice(from, this.at));
      }
    }
    this.at = this.end;
    this.script.broken = true;
  }

  protected dollar(word: Word, pieces: string[], inDouble: boolean): void {
    const next = this.peek(1);
    if (next === '(') {
      word.dynamic = true;
      if (this.peek(2) === '(') {
        this.at++;
        this.arithmetic();
      } else {
        this.at += 2;
        this.substitution(word);
      }
      pieces.push('$()');
    } else if (next === '{') {
      word.dynamic = true;
      const start = this.at;
      let depth = 0;
      for (; this.at < this.end; this.at++) {
        if (this.text[this.at] === '{') depth++;
        else if (this.text[this.at] === '}' && --depth === 0) break;
      }
      if (this.at >= this.end) this.script.broken = true;
      this.at = Math.min(this.end, this.at + 1);
      pieces.push(this.text.slice(start, this.at));
    } else if (next === "'" && !inDouble) {
      pieces.push(this.until("'", this.at + 2));
    } else {
      const name = /^\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/u.exec(
        this.text.slice(this.at, this.at + 256),
      );
      if (name === null || this.at + name[0].length > this.end) {
        pieces.push('$');
        this.at++;
        return;
      }
      word.dynamic = true;
      this.at += name[0].length;
      pieces.push(`\${${name[0].slice(1)}}`);
    }
  }

  /** The commands up to `)`, which is consumed. */
  protected substitution(word: Word): void {
    word.dynamic = true;
    const from = this.script.commands.length;
    this.nested++;
    this.list(null);
    while (this.at < this.end && this.peek() !== ')' && !this.script.cut) {
      this.at++;
      this.list(null);
    }
    this.nested--;
    this.close(')');
    word.substitutions.push({ from, to: this.script.commands.length });
  }

  protected backtick(word: Word, pieces: string[]): void {
    word.dynamic = true;
    const start = this.at + 1;
    let close = start;
    while (close < this.end && this.text[close] !== '`') close += this.text[close] === '\\' ? 2 : 1;
    if (close >= this.end) this.script.broken = true;
    close = Math.min(close, this.end);
    const from = this.script.commands.length;
    this.inner(start, close);
    word.substitutions.push({ from, to: this.script.commands.length });
    this.at = Math.min(this.end, close + 1);
    pieces.push('$()');
  }

  protected close(expected: string): void {
    if (this.peek() === expected) this.at++;
    else this.script.broken = true;
  }
}
