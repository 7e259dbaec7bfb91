import type { Problem } from '../../../model/error.ts';
import { type LogicalText, LogicalTextBuilder, type SourceText, type Span } from '../text.ts';

export interface DockerComment extends Span {
  line: number;
  /** Without the `#`, trimmed. */
  text: string;
}

/** One instruction as it stands: where, its keyword, and its arguments as one line. */
export interface RawInstruction extends Span {
  /** Upper case. */
  keyword: string;
  keywordSpan: Span;
  startLine: number;
  endLine: number;
  /** Everything behind the keyword, continued lines joined; bodies of heredocs follow after `\n`. */
  rest: LogicalText;
  /** How much of `rest` is the instruction's own line, before any heredoc. */
  lineLength: number;
}

interface SplitDockerfile {
  escape: '\\' | '`';
  /** The value of `# syntax=`. */
  syntax: string | null;
  instructions: RawInstruction[];
  comments: DockerComment[];
  problems: Problem[];
}

const DIRECTIVE = /^#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S(?:.*\S)?)\s*$/u;
const WITH_HEREDOC = new Set(['ADD', 'COPY', 'RUN']);
const LEADING_SPACE = /^[\s\u0085]+/u;

/**
 * Splits a Dockerfile into instructions exactly as BuildKit's `frontend/dockerfile/parser` does, because every
 * difference is a way to show a reviewer's tool another file than the one that is built: a line that ends in two
 * escape characters does not continue, a lone carriage return ends no line, any Unicode space may stand before an
 * instruction, comments and blank lines between continued lines fall away, heredocs belong to their instruction.
 * Linear in the length of the text.
 */
export function splitDockerfile(source: SourceText): SplitDockerfile {
  const reader = new LineReader(source);
  const out: SplitDockerfile = { escape: '\\', syntax: null, instructions: [], comments: [], problems: [] };
  readDirectives(source, out);
  while (reader.next()) {
    const { start, text } = reader;
    const indent = LEADING_SPACE.exec(text)?.[0].length ?? 0;
    if (text[indent] === '#') {
      out.comments.push(comment(reader, indent));
      continue;
    }
    const builder = new LogicalTextBuilder();
    const startLine = reader.line;
    let open = addLine(builder, text.slice(indent), start + indent, out.escape);
    if (text.trim() === '') continue;
    let end = start + text.trimEnd().length;
    while (open && reader.next()) {
      const inner = LEADING_SPACE.exec(reader.text)?.[0].length ?? 0;
      if (reader.text[inner] === '#') {
        out.comments.push(comment(reader, inner));
        continue;
      }
      if (reader.text.trim() === '') continue;
      open = addLine(builder, reader.text, reader.start, out.escape);
      end = reader.start + reader.text.trimEnd().length;
    }
    const line = builder.build();
    if (line.text.trim() === '') continue;
    const skipped = LEADING_SPACE.exec(line.text)?.[0].length ?? 0;
    const keyword = /^\S+/u.exec(line.text.slice(skipped))?.[0] ?? '';
    let keywordEnd = skipped + keyword.length;
    const keywordSpan = line.span(skipped, keywordEnd);
    while (/\s/u.test(line.text[keywordEnd] ?? '')) keywordEnd++;
    let rest = line.from(keywordEnd);
    const lineLength = rest.text.length;
    const names = heredocs(keyword.toUpperCase(), rest.text);
    if (names.length > 0) {
      const whole = new LogicalTextBuilder();
      addAll(whole, rest);
      for (const name of names) {
        const closed = readHeredoc(reader, name, whole);
        end = reader.start + reader.text.length;
        if (!closed) out.problems.push(unterminated(source, keywordSpan, name.terminator));
      }
      rest = whole.build();
    }
    out.instructions.push({
      keyword: keyword.toUpperCase(),
      keywordSpan,
      start: keywordSpan.start,
      end: Math.max(end, keywordSpan.end),
      startLine,
      endLine: reader.line,
      rest,
      lineLength,
    });
  }
  return out;
}

class LineReader {
  readonly #source: SourceText;
  line = 0;
  start = 0;
  text = '';

  constructor(source: SourceText) {
    this.#source = source;
  }

  next(): boolean {
    if (this.line >= this.#source.lineCount) return false;
    this.line++;
    const span = this.#source.lineSpan(this.line);
    this.start = span.start;
    this.text = this.#source.slice(span);
    return true;
  }
}

/** `# syntax=`, `# escape=` and `# check=` on the first lines. A doubtful escape directive is a problem. */
function readDirectives(source: SourceText, out: SplitDockerfile): void {
  let certain = true;
  const reader = new LineReader(source);
  while (reader.next()) {
    const match = DIRECTIVE.exec(reader.text);
    if (match === null) return;
    const [, name = '', value = ''] = match;
    switch (name.toLowerCase()) {
      case 'syntax':
        if (certain) out.syntax = value;
        break;
      case 'check':
        break;
      case 'escape': {
        const known = value === '\\' || value === '`';
        if (known && certain) out.escape = value;
        if (known && (certain || value === out.escape)) break;
        out.problems.push({
          code: 'SP-CONFIGURATION-SYNTAX',
          message: known
            ? 'the escape directive stands behind a line that is no directive, and builders disagree on whether it counts'
            : 'the escape directive names no escape character',
          expected: '`# escape=\\` or `# escape=`` in the first line',
          place: source.place(source.lineSpan(reader.line)),
          next: 'move the directive to the first line',
        });
        break;
      }
      default:
        certain = false;
    }
  }
}

function comment(reader: LineReader, indent: number): DockerComment {
  return {
    line: reader.line,
    start: reader.start + indent,
    end: reader.start + reader.text.length,
    text: reader.text.slice(indent + 1).trim(),
  };
}

/** Adds a line; true if its last character, spaces aside, is one escape character: it continues. */
function addLine(builder: LogicalTextBuilder, text: string, start: number, escapeCharacter: string): boolean {
  let last = text.length - 1;
  while (last >= 0 && (text[last] === ' ' || text[last] === '\t')) last--;
  const open = text[last] === escapeCharacter && text[last - 1] !== escapeCharacter;
  builder.add(open ? text.slice(0, last) : text, start);
  return open;
}

/** Copies run by run, so that the parts of a joined line keep their own places. */
function addAll(builder: LogicalTextBuilder, text: LogicalText): void {
  let runStart = 0;
  for (let at = 1; at <= text.text.length; at++) {
    if (at < text.text.length && text.source(at) === text.source(at - 1) + 1) continue;
    builder.add(text.text.slice(runStart, at), text.source(runStart));
    runStart = at;
  }
}

interface HeredocName {
  terminator: string;
  /** `<<-`: tabs before the terminator are dropped. */
  chomp: boolean;
}

const HEREDOC_WORD = /^[0-9]*<<(-?)([^<]+)$/u;

/** The heredocs that a line opens: whole words of the form `<<NAME`, `<<-NAME`, `<<"NAME"`, `3<<NAME`. */
function heredocs(keyword: string, rest: string): HeredocName[] {
  let line = rest;
  let key = keyword;
  while (key === 'ONBUILD') {
    const inner = /^(\S+)\s*/u.exec(line);
    if (inner === null) return [];
    key = (inner[1] ?? '').toUpperCase();
    line = line.slice(inner[0].length);
  }
  if (!WITH_HEREDOC.has(key) || !line.includes('<<') || line.startsWith('[')) return [];
  const names: HeredocName[] = [];
  for (const word of quotedWords(line)) {
    const match = HEREDOC_WORD.exec(word);
    if (match === null) continue;
    const terminator = (match[2] ?? '').replace(/["'\\]/gu, '');
    if (terminator !== '') names.push({ terminator, chomp: match[1] === '-' });
  }
  return names;
}

/** Words between blanks; quotes and what stands in them are kept. */
function quotedWords(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (quote === '' && /\s/u.test(char)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += char;
    if (char === '\\' && quote !== "'") {
      word += line[++at] ?? '';
    } else if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
  }
  if (word !== '') words.push(word);
  return words;
}

function readHeredoc(reader: LineReader, name: HeredocName, builder: LogicalTextBuilder): boolean {
  while (reader.next()) {
    builder.add(`\n`, Math.max(0, reader.start - 1));
    builder.add(reader.text, reader.start);
    const candidate = name.chomp ? reader.text.replace(/^\t+/u, '') : reader.text;
    if (candidate === name.terminator) return true;
  }
  return false;
}

function unterminated(source: SourceText, span: Span, terminator: string): Problem {
  return {
    code: 'SP-CONFIGURATION-SYNTAX',
    message: `the heredoc ${terminator} is not closed`,
    expected: `a line that holds only ${terminator}`,
    found: 'the end of the file',
    place: source.place(span),
    next: 'close the heredoc',
  };
}
