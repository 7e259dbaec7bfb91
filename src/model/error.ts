import type { Place } from './location.ts';

/**
 * What went wrong, in the parts that a reader needs: what was expected, what was found, where,
 * and what to do next. `code` is stable: `SP-<AREA>-<WORD>`, listed in docs/reference/errors.md.
 */
export interface Problem {
  code: string;
  message: string;
  expected?: string | undefined;
  found?: string | undefined;
  place?: Place | undefined;
  next?: string | undefined;
}

/** A `Problem` that stops what is being done. The front doors turn it into exit code 2: no verdict. */
export class SallyportError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: { cause?: unknown }) {
    super(problem.message, options);
    this.name = 'SallyportError';
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** The problem behind anything that was thrown; what is not ours is named as a defect, never hidden. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof SallyportError) return thrown.problem;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'SP-INTERNAL',
    message: `unexpected failure: ${message}`,
    next: 'run again with --verbose and report it with the output (SECURITY.md, CONTRIBUTING.md)',
  };
}

/** One line a part, for a terminal or a log; the caller escapes for its medium. */
export function describeProblem(problem: Problem): string {
  const { place } = problem;
  const where = place === undefined ? undefined : formatPlace(place);
  return [
    `${problem.code}: ${problem.message}`,
    ...(where === undefined ? [] : [`  where:    ${where}`]),
    ...(problem.expected === undefined ? [] : [`  expected: ${problem.expected}`]),
    ...(problem.found === undefined ? [] : [`  found:    ${problem.found}`]),
    ...(problem.next === undefined ? [] : [`  next:     ${problem.next}`]),
  ].join('\n');
}

/** `path`, `path:line` or `path:line:column`, as editors and compilers write it. */
export function formatPlace(place: Place): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  const column = place.line === undefined || place.column === undefined ? '' : `:${place.column}`;
  return `${place.path}${line}${column}`;
}
