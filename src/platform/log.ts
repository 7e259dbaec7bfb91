import { describeProblem, type Problem } from '../model/error.ts';

/** What is said along the way; always to stderr (or the job's log), never among the results. */
export interface Log {
  /** Details that help when something is wrong; shown with --verbose. */
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** A line that is replaced by the next one; shown on a terminal only. `null` clears it. */
  progress(message: string | null): void;
}

export type Verbosity = 'quiet' | 'normal' | 'verbose';

/**
 * Control characters, line breaks and bidirectional overrides of untrusted text, made visible, so that nothing in
 * a log or on a terminal can move the cursor, forge a line or start a workflow command.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (character === '\n') return '\\n';
      if (character === '\r') return '\\r';
      if (character === '\t') return '\\t';
      return code < 256
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    },
  );
}

/** Text of several lines of our own, each of them made visible. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** `describeProblem` for a log or a terminal: what a problem quotes stays on its line. */
export function problemText(problem: Problem): string {
  const { place } = problem;
  const shown = Object.fromEntries(
    Object.entries(problem).map(([name, value]) => [
      name,
      typeof value === 'string' ? visible(value) : value,
    ]),
  ) as unknown as Problem;
  return describeProblem(
    place === undefined ? shown : { ...shown, place: { ...place, path: visible(place.path) } },
  );
}

/** A log on a stream of text, such as stderr. */
export function streamLog(write: (text: string) => void, verbosity: Verbosity, isTerminal: boolean): Log {
  let shown = false;
  const clear = () => {
    if (shown) write('\r\u001b[2K');
    shown = false;
  };
  const line = (text: string) => {
    clear();
    write(`${visibleLines(text)}\n`);
  };
  return {
    debug: (message) => verbosity === 'verbose' && line(message),
    info: (message) => verbosity !== 'quiet' && line(message),
    warn: (message) => line(`warning: ${message}`),
    error: (message) => line(message),
    progress: (message) => {
      if (!isTerminal || verbosity === 'quiet') return;
      clear();
      if (message === null) return;
      write(visible(message).slice(0, 120));
      shown = true;
    },
  };
}
