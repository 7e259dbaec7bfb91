import { splitComparison } from '../comparators.ts';
import {
  compareIntegers,
  comparePaddedIntegers,
  compareText,
  type Integer,
  isDigit,
  readInteger,
} from '../integer.ts';
import { type Comparator, fullRange, halfOpen, intersect, invert, type Range, rangeOf } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';

interface PypiKey {
  epoch: Integer;
  release: readonly Integer[];
  /** 0: a development release of the final one; 1 to 3: a, b, rc; 4: no pre-release. */
  phase: number;
  pre: Integer;
  /** -1: none. */
  post: Integer;
  /** Null: no development release, which is newer than any. */
  dev: Integer | null;
  local: readonly (Integer | string)[] | null;
}

const PATTERN =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/iu;

const PHASES: Readonly<Record<string, number>> = {
  a: 1,
  alpha: 1,
  b: 2,
  beta: 2,
  c: 3,
  rc: 3,
  pre: 3,
  preview: 3,
};

/**
 * Python (PEP 440, kept at https://packaging.python.org/en/latest/specifications/version-specifiers/), in all the
 * spellings that it normalises. Local versions (`1.0+cu118`) are ordered after their public one.
 */
export const pypi = defineScheme<PypiKey>({
  name: 'pypi',
  purlTypes: ['pypi'],
  osvEcosystems: ['PyPI'],
  expected: '[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local] as PEP 440 describes',
  read: readPypi,
  compare: comparePypi,
  nativeRange: readSpecifiers,
});

function readPypi(text: string): PypiKey | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, epoch, release, phase, pre, implicitPost, postWord, post, devWord, dev, local] = match;
  const isDev = devWord !== undefined;
  const hasPost = implicitPost !== undefined || postWord !== undefined;
  return {
    epoch: readInteger(epoch ?? '0'),
    release: (release ?? '').split('.').map(readInteger),
    phase: phase === undefined ? (isDev && !hasPost ? 0 : 4) : (PHASES[phase.toLowerCase()] ?? 4),
    pre: readInteger(pre ?? '0'),
    post: hasPost ? readInteger(implicitPost ?? post ?? '0') : -1,
    dev: isDev ? readInteger(dev ?? '0') : null,
    local: local === undefined ? null : local.toLowerCase().split(/[-_.]/u).map(localPart),
  };
}

function localPart(word: string): Integer | string {
  for (let i = 0; i < word.length; i++) if (!isDigit(word.charCodeAt(i))) return word;
  return readInteger(word);
}

function comparePypi(a: PypiKey, b: PypiKey): number {
  return (
    compareIntegers(a.epoch, b.epoch) ||
    comparePaddedIntegers(a.release, b.release) ||
    a.phase - b.phase ||
    compareIntegers(a.pre, b.pre) ||
    compareIntegers(a.post, b.post) ||
    compareDev(a.dev, b.dev) ||
    compareLocal(a.local, b.local)
  );
}

function compareDev(a: Integer | null, b: Integer | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compareIntegers(a, b);
}

/** None first; words before numbers; the shorter before the longer. */
function compareLocal(a: PypiKey['local'], b: PypiKey['local']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i] ?? 0;
    const other = b[i] ?? 0;
    if (typeof one !== typeof other && (typeof one === 'string' || typeof other === 'string')) {
      return typeof one === 'string' ? -1 : 1;
    }
    const order =
      typeof one === 'string' ? compareText(one, String(other)) : compareIntegers(one, other as Integer);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const OPERATORS = ['===', '~=', '==', '!=', '<=', '>=', '<', '>'];

/**
 * Version specifiers, comma-separated. By the order alone: PEP 440's own exceptions for `<` and `>` (pre- and
 * post-releases of the very version that is named) are not in vers, so the result can be wider, never narrower.
 */
function readSpecifiers(text: string, scheme: Scheme): Range {
  if (text.trim() === '' || text.trim() === '*') return fullRange(scheme);
  return text
    .split(',')
    .map((part) => readSpecifier(part, scheme))
    .reduce(intersect);
}

function readSpecifier(part: string, scheme: Scheme): Range {
  const { spelling, operand } = splitComparison(part, OPERATORS);
  if (spelling === '' || operand === '')
    throw unreadableRange(scheme.name, part, `one of ${OPERATORS.join(' ')} and a version`);
  if (operand.endsWith('.*')) {
    if (spelling !== '==' && spelling !== '!=')
      throw unreadableRange(scheme.name, part, '.* after == or != only');
    const matched = prefixed(operand.slice(0, -2), part, scheme);
    return spelling === '==' ? matched : invert(matched);
  }
  const version = scheme.parse(operand);
  if (spelling === '~=') {
    const { epoch, release } = version.key as PypiKey;
    if (release.length < 2) throw unreadableRange(scheme.name, part, '~= with at least two numbers');
    return intersect(
      rangeOf('>=', version),
      prefixed(`${epoch}!${release.slice(0, -1).join('.')}`, part, scheme),
    );
  }
  const comparator = (spelling.startsWith('==') ? '=' : spelling) as Comparator;
  return rangeOf(comparator, version);
}

/** Every version that begins with these numbers: from its first development release up to the next one's. */
function prefixed(prefix: string, part: string, scheme: Scheme): Range {
  const match = /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)$/u.exec(prefix);
  if (match === null) throw unreadableRange(scheme.name, part, 'numbers with dots before .*');
  const epoch = match[1] === undefined || match[1] === '0' ? '' : `${match[1]}!`;
  const numbers = (match[2] ?? '').split('.').map(readInteger);
  const after = [...numbers.slice(0, -1), BigInt(numbers.at(-1) ?? 0) + 1n];
  return halfOpen(
    scheme.parse(`${epoch}${numbers.join('.')}.dev0`),
    scheme.parse(`${epoch}${after.join('.')}.dev0`),
  );
}
