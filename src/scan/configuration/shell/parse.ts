import type { Command, Range, Redirect, Script } from './model.ts';
import { BLANK, META, WordReader } from './words.ts';

const MAX_COMMANDS = 20_000;
const MAX_DEPTH = 40;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/u;
const CLOSER: Record<string, string> = {
  '{': '}',
  if: 'fi',
  while: 'done',
  until: 'done',
  for: 'done',
  select: 'done',
};
const SEPARATING = new Set(['then', 'else', 'elif', 'do', '!', 'time']);

/**
 * Reads POSIX shell (and what bash adds and Dockerfiles use: `<(…)`, `<<<`, `[[ … ]]`, `((…))`, `|&`, `&>`) as far
 * as rules need it: the simple commands, their words, and what is piped into what. Nothing is expanded or run. Each
 * character is read once for each level of nesting; levels and commands are bounded (`cut`).
 */
export function parseShell(text: string): Script {
  const script: Script = { commands: [], pipes: [], broken: false, cut: false };
  new Reader(text, 0, text.length, script, 0).readAll();
  return script;
}

class Reader extends WordReader {
  readonly #depth: number;
  readonly #pending: { redirect: Redirect; terminator: string; chomp: boolean }[] = [];
  #level = 0;

  constructor(text: string, start: number, end: number, script: Script, depth: number) {
    super(text, start, end, script, depth);
    this.#depth = depth;
  }

  protected override inner(start: number, end: number): void {
    if (this.#depth + this.#level >= MAX_DEPTH) this.script.cut = true;
    else new Reader(this.text, start, end, this.script, this.#depth + this.#level + 1).readAll();
  }

  readAll(): void {
    while (this.at < this.end && !this.script.cut) {
      const before = this.at;
      this.list(null);
      if (this.at < this.end && this.at === before) this.at++;
      else if (this.at < this.end) {
        if (this.text[this.at] === ')') this.script.broken = true;
        this.at++;
      }
    }
    if (this.#pending.length > 0) this.script.broken = true;
  }

  /** Blanks, and a backslash before a line end. */
  #blanks(): void {
    for (;;) {
      const char = this.peek();
      if (BLANK.has(char)) this.at++;
      else if (char === '\\' && this.peek(1) === '\n') this.at += 2;
      else if (char === '#') {
        while (this.at < this.end && this.text[this.at] !== '\n') this.at++;
      } else return;
    }
  }

  #newline(): void {
    this.at++;
    for (const heredoc of this.#pending.splice(0)) {
      const start = this.at;
      let closed = false;
      while (this.at < this.end && !closed) {
        let eol = this.text.indexOf('\n', this.at);
        if (eol === -1 || eol > this.end) eol = this.end;
        const line = this.text.slice(this.at, eol).replace(/\r$/u, '');
        closed = (heredoc.chomp ? line.replace(/^\t+/u, '') : line) === heredoc.terminator;
        if (closed) heredoc.redirect.body = { start, end: this.at };
        this.at = Math.min(this.end, eol + 1);
      }
      if (!closed) {
        heredoc.redirect.body = { start, end: this.end };
        this.script.broken = true;
      }
    }
  }

  /** Commands up to `)`, `;;`, the end, or the word `closer` where a command would begin; that is not consumed. */
  protected override list(closer: string | null): void {
    if (++this.#level > MAX_DEPTH) {
      this.script.cut = true;
      this.at = this.end;
    }
    for (;;) {
      this.#blanks();
      const char = this.peek();
      if (char === '' || char === ')' || this.script.cut) break;
      if (char === ';' && this.peek(1) === ';') break;
      if (char === '\n') this.#newline();
      else if (char === ';' || char === '&' || char === '|') this.at++;
      else {
        const word = this.#bareWord();
        if (closer !== null && word === closer) break;
        if (SEPARATING.has(word)) this.at += word.length;
        else {
          const before = this.at;
          this.#pipeline();
          if (this.at === before) this.at++;
        }
      }
    }
    this.#level--;
  }

  /** The unquoted word that begins here, without consuming it. */
  #bareWord(): string {
    let end = this.at;
    while (end < this.end && end - this.at < 12 && !META.has(this.text[end] ?? '')) end++;
    return this.text.slice(this.at, end);
  }

  #pipeline(): void {
    let left = this.#element();
    for (;;) {
      this.#blanks();
      if (this.peek() !== '|' || this.peek(1) === '|') return;
      const at = { start: this.at, end: this.at + 1 };
      this.at += this.peek(1) === '&' ? 2 : 1;
      this.#blanks();
      while (this.peek() === '\n') {
        this.#newline();
        this.#blanks();
      }
      const right = this.#element();
      this.script.pipes.push({ left, right, at });
      left = right;
    }
  }

  #element(): Range {
    const from = this.script.commands.length;
    this.#blanks();
    if (this.peek() === '(') {
      if (this.peek(1) === '(') this.arithmetic();
      else {
        this.at++;
        this.list(null);
        this.close(')');
      }
      this.#redirectsOnly();
    } else {
      const word = this.#bareWord();
      const closer = Object.hasOwn(CLOSER, word) ? CLOSER[word] : undefined;
      if (closer !== undefined) this.#compound(word, closer);
      else if (word === 'case') this.#case();
      else if (word === 'function') {
        this.at += word.length;
        this.#blanks();
        this.word();
        this.#functionBody();
      } else this.#simple();
    }
    return { from, to: this.script.commands.length };
  }

  #compound(word: string, closer: string): void {
    this.at += word.length;
    if (closer === 'done' && word !== 'while' && word !== 'until') {
      for (this.#blanks(); this.at < this.end && !['\n', ';'].includes(this.peek()); this.#blanks()) {
        if (this.peek() === '(') this.arithmetic();
        else if (this.word() === null) this.at++;
      }
    }
    this.list(closer);
    while (this.peek() === ';' && this.peek(1) === ';' && !this.script.cut) {
      this.at += 2;
      this.list(closer);
    }
    if (this.#bareWord() === closer) this.at += closer.length;
    else this.script.broken = true;
    this.#redirectsOnly();
  }

  #case(): void {
    this.at += 'case'.length;
    this.#blanks();
    this.word();
    for (;;) {
      this.#blanks();
      if (this.peek() === '\n') this.#newline();
      else if (this.#bareWord() === 'in') {
        this.at += 2;
        break;
      } else {
        this.script.broken = true;
        return;
      }
    }
    for (;;) {
      this.#blanks();
      const char = this.peek();
      if (char === '' || this.script.cut) {
        this.script.broken = true;
        return;
      }
      if (char === '\n') this.#newline();
      else if (char === ';' || char === '&') this.at++;
      else if (this.#bareWord() === 'esac') {
        this.at += 4;
        this.#redirectsOnly();
        return;
      } else {
        for (; this.at < this.end && this.peek() !== ')'; this.#blanks()) {
          if (['|', '('].includes(this.peek())) this.at++;
          else if (this.word() === null) break;
        }
        if (this.peek() !== ')') {
          this.script.broken = true;
          return;
        }
        this.at++;
        this.list('esac');
        if (this.peek() === ')') {
          this.script.broken = true;
          return;
        }
      }
    }
  }

  #functionBody(): void {
    this.#blanks();
    if (this.peek() === '(') {
      this.at++;
      this.#blanks();
      if (this.peek() === ')') this.at++;
    }
    this.#blanks();
    while (this.peek() === '\n') {
      this.#newline();
      this.#blanks();
    }
    if (++this.#level > MAX_DEPTH) this.script.cut = true;
    else this.#element();
    this.#level--;
  }

  #redirectsOnly(): void {
    for (this.#blanks(); this.#redirect(null); this.#blanks());
  }

  #simple(): void {
    const command: Command = {
      start: this.at,
      end: this.at,
      words: [],
      assignments: [],
      redirects: [],
      nested: this.nested > 0,
    };
    for (;;) {
      this.#blanks();
      const char = this.peek();
      if (
        char === '(' &&
        command.words.length === 1 &&
        /^\([ \t]*\)/u.test(this.text.slice(this.at, this.at + 8))
      ) {
        this.#functionBody();
        return;
      }
      if (this.#redirect(command)) {
        command.end = this.at;
        continue;
      }
      if (
        char === '' ||
        char === '\n' ||
        char === ';' ||
        char === '&' ||
        char === '|' ||
        char === '(' ||
        char === ')'
      )
        break;
      const start = this.at;
      if (command.words.length === 0 && this.#bareWord() === '[[') {
        this.#condition(command);
        continue;
      }
      const word = this.word();
      if (word === null) break;
      command.end = this.at;
      const assignment = command.words.length === 0 ? ASSIGNMENT.exec(this.text.slice(start, this.at)) : null;
      if (assignment === null) command.words.push(word);
      else {
        const name = assignment[1] ?? '';
        const value = word.text.slice(word.text.indexOf('=') + 1);
        command.assignments.push({
          name,
          value: { ...word, start: start + assignment[0].length, text: value },
        });
      }
    }
    if (command.words.length + command.assignments.length + command.redirects.length === 0) return;
    this.script.commands.push(command);
    if (this.script.commands.length >= MAX_COMMANDS) {
      this.script.cut = true;
      this.at = this.end;
    }
  }

  /** `[[ … ]]`: one command whose operators are words. */
  #condition(command: Command): void {
    while (this.at < this.end) {
      this.#blanks();
      const char = this.peek();
      if (char === '\n') return;
      if (META.has(char)) {
        this.at++;
        continue;
      }
      const word = this.word();
      if (word === null) return;
      command.words.push(word);
      command.end = this.at;
      if (word.text === ']]') return;
    }
  }

  #redirect(command: Command | null): boolean {
    const match = /^(?:[0-9]{0,3}|&)(?:<<<|<<-|<<|<&|<>|>>|>&|>\||>|<)/u.exec(
      this.text.slice(this.at, Math.min(this.end, this.at + 8)),
    );
    if (match === null) return false;
    const operator = match[0].replace(/^[0-9]+/u, '');
    const next = this.peek(match[0].length);
    if ((operator === '<' || operator === '>') && next === '(') return false;
    this.at += match[0].length;
    while (BLANK.has(this.peek())) this.at++;
    const start = this.at;
    const target = this.word();
    const redirect: Redirect = { operator, target };
    if (operator === '<<' || operator === '<<-') {
      const terminator = this.text.slice(start, this.at).replace(/["'\\]/gu, '');
      this.#pending.push({ redirect, terminator, chomp: operator === '<<-' });
    }
    command?.redirects.push(redirect);
    return true;
  }
}
