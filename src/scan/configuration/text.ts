import { SallyportError } from '../../model/error.ts';
import type { Edit } from '../../model/finding.ts';

/** A place with both ends, as edits need it. */
type ExactPlace = Edit['place'];

/** Half-open range of UTF-16 offsets in a `SourceText`. */
export interface Span {
  start: number;
  end: number;
}

/**
 * A decoded file: offsets to lines and columns and back. Lines end at `\n`; a `\r` before it belongs to the line
 * end. A byte order mark is not part of `text`, as SARIF 2.1.0 section 3.30.2 wants columns counted.
 */
export class SourceText {
  readonly path: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
      this.#lineStarts.push(at + 1);
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The offsets of a line (from 1) without its line end. */
  lineSpan(line: number): Span {
    const start = this.#lineStarts[line - 1] ?? this.text.length;
    const next = this.#lineStarts[line];
    let end = next === undefined ? this.text.length : next - 1;
    if (end > start && this.text.charCodeAt(end - 1) === 13) end--;
    return { start, end };
  }

  place(span: Span): ExactPlace {
    const line = this.lineAt(span.start);
    const endLine = this.lineAt(Math.max(span.start, span.end));
    return {
      path: this.path,
      line,
      column: span.start - (this.#lineStarts[line - 1] ?? 0) + 1,
      endLine,
      endColumn: span.end - (this.#lineStarts[endLine - 1] ?? 0) + 1,
    };
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }
}

/** Strict UTF-8, without the byte order mark. Throws SP-CONFIGURATION-ENCODING. */
export function decodeText(path: string, bytes: Buffer): SourceText {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-CONFIGURATION-ENCODING',
        message: `${path} is not UTF-8`,
        expected: 'UTF-8 text',
        found:
          bytes[0] === 0xff || bytes[0] === 0xfe ? 'bytes that look like UTF-16' : 'bytes that are not UTF-8',
        place: { path },
        next: 'save the file as UTF-8, or leave it out with stages.configuration.exclude in the policy',
      },
      { cause },
    );
  }
  return new SourceText(path, text);
}

/**
 * Text put together from pieces of a source (continued lines joined, comments between them left out) that still
 * knows where each character came from.
 */
export class LogicalText {
  readonly text: string;
  readonly #starts: readonly number[];
  readonly #sources: readonly number[];
  readonly #shift: number;

  constructor(text: string, starts: readonly number[], sources: readonly number[], shift = 0) {
    this.text = text;
    this.#starts = starts;
    this.#sources = sources;
    this.#shift = shift;
  }

  /** The source offset of the character at `offset`. */
  source(offset: number): number {
    const wanted = offset + this.#shift;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return (this.#sources[low] ?? 0) + wanted - (this.#starts[low] ?? 0);
  }

  /** The source range of a logical one: from its first character to behind its last. */
  span(start: number, end: number): Span {
    const from = this.source(start);
    return { start: from, end: end > start ? this.source(end - 1) + 1 : from };
  }

  /** What follows `offset`, with the same knowledge. */
  from(offset: number): LogicalText {
    return new LogicalText(this.text.slice(offset), this.#starts, this.#sources, this.#shift + offset);
  }
}

export class LogicalTextBuilder {
  readonly #pieces: string[] = [];
  readonly #starts: number[] = [];
  readonly #sources: number[] = [];
  #length = 0;

  add(piece: string, source: number): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#starts.push(this.#length);
    this.#sources.push(source);
    this.#length += piece.length;
  }

  build(): LogicalText {
    return new LogicalText(this.#pieces.join(''), this.#starts, this.#sources);
  }
}
