import type { Span } from '../text.ts';

/** A word of a command. Offsets are into the parsed text. */
export interface Word extends Span {
  /** Quotes removed; an expansion stands as `${NAME}` or `$()`. */
  text: string;
  /** Holds an expansion, so `text` is not what will be run. */
  dynamic: boolean;
  /** Ranges of `Script.commands` that `$(…)`, backticks and `<(…)` in this word run. */
  substitutions: Range[];
}

export interface Redirect {
  operator: string;
  target: Word | null;
  /** Body of a heredoc. */
  body?: Span;
}

interface Assignment {
  name: string;
  value: Word;
}

export interface Command extends Span {
  words: Word[];
  assignments: Assignment[];
  redirects: Redirect[];
  /** Runs inside a substitution of another command. */
  nested: boolean;
}

/** Half-open range of indices of `Script.commands`. */
export interface Range {
  from: number;
  to: number;
}

/** `left | right`. */
export interface Pipe {
  left: Range;
  right: Range;
  at: Span;
}

export interface Script {
  /** Every simple command, also inside groups, conditions, loops, functions and substitutions, in order. */
  commands: Command[];
  pipes: Pipe[];
  /** A quote, bracket or heredoc is not closed; what was read before it stands. */
  broken: boolean;
  /** A limit stopped the reading. */
  cut: boolean;
}
