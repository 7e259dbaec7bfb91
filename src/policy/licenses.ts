import parse from 'spdx-expression-parse';
import { nameGlob } from '../model/glob.ts';

/** More than any real expression; what is longer is a text and no expression. */
const MAX_EXPRESSION = 1000;

/**
 * Whether everything that the licences ask for can be met with licences of a list alone: of `A OR B` one is enough, of
 * `A AND B` and of several entries all are needed (SPDX 2.3, annex D). Patterns may have `*`: `BSD-*`. Without a licence
 * nothing is allowed; a text that is no SPDX expression is allowed only if the list names it as it stands.
 */
export function allowedLicenses(licenses: readonly string[], allowed: readonly string[]): boolean {
  const matches = matcher(allowed);
  return licenses.length > 0 && licenses.every((text) => canBeMet(text, (names) => matches(names[0] ?? '')));
}

/**
 * Whether a licence of a list cannot be avoided: `GPL-3.0-only OR MIT` leaves a way around the first, `AND` does not.
 * An exception (`WITH`) takes nothing from its licence here, unless the list names only the two together.
 */
export function deniedLicenses(licenses: readonly string[], denied: readonly string[]): boolean {
  const matches = matcher(denied);
  return licenses.some((text) => !canBeMet(text, (names) => !names.some(matches)));
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const globs = patterns.map((pattern) => nameGlob(pattern.toLowerCase()));
  return (name) => globs.some((matches) => matches(name.toLowerCase()));
}

type Expression = ReturnType<typeof parse>;

/** `acceptable` is asked with the whole name first (`GPL-2.0-only WITH Classpath-exception-2.0`), then the bare licence. */
function canBeMet(text: string, acceptable: (names: readonly string[]) => boolean): boolean {
  const expression = read(text);
  return expression === null ? acceptable([text]) : met(expression, acceptable);
}

function read(text: string): Expression | null {
  if (text.length > MAX_EXPRESSION) return null;
  try {
    return parse(text);
  } catch {
    // A licence's own name, `SEE LICENSE IN ...`: a text.
    return null;
  }
}

function met(expression: Expression, acceptable: (names: readonly string[]) => boolean): boolean {
  if ('conjunction' in expression) {
    const { conjunction, left, right } = expression;
    return conjunction === 'or'
      ? met(left, acceptable) || met(right, acceptable)
      : met(left, acceptable) && met(right, acceptable);
  }
  const { license, plus, exception } = expression;
  const bare = plus === true ? `${license}+` : license;
  return acceptable(exception === undefined ? [bare] : [`${bare} WITH ${exception}`, bare]);
}
