import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, isDigit, isLetter, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface RpmKey {
  epoch: Integer;
  version: readonly Segment[];
  release: readonly Segment[];
}

/** `rank` first: a tilde, the end (which no segment has), a caret, letters, digits. */
interface Segment {
  rank: number;
  value: Integer | string;
}

const END_RANK = 1;
const TILDE: Segment = { rank: 0, value: '' };
const CARET: Segment = { rank: 2, value: '' };
const LETTERS = 3;
const DIGITS = 4;

/**
 * RPM (https://rpm-software-management.github.io/rpm/man/rpm-version.7): `[epoch:]version[-release]`, runs of digits
 * and of letters, everything else only separates; `~` is older than the end, `^` newer than it and older than
 * anything else. A missing release is older than any.
 */
export const rpm = defineScheme<RpmKey>({
  name: 'rpm',
  purlTypes: ['rpm'],
  osvEcosystems: [
    'Red Hat',
    'Rocky Linux',
    'AlmaLinux',
    'SUSE',
    'openSUSE',
    'openEuler',
    'Mageia',
    'Azure Linux',
    'Photon OS',
  ],
  expected: '[epoch:]version[-release] as rpm-version(7) describes',
  read(text) {
    const match = /^(?:(\d+):)?([!-9;-~]+)$/u.exec(text);
    const [, epoch, rest] = match ?? [];
    if (rest === undefined) return null;
    const dash = rest.lastIndexOf('-');
    const version = readSegments(dash === -1 ? rest : rest.slice(0, dash));
    if (!version.some(({ rank }) => rank >= LETTERS)) return null;
    return {
      epoch: readInteger(epoch ?? '0'),
      version,
      release: dash === -1 ? [] : readSegments(rest.slice(dash + 1)),
    };
  },
  compare: (a, b) =>
    compareIntegers(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    compareSegments(a.release, b.release),
  nativeRange: readPlainRange,
});

function readSegments(text: string): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at > start) {
      segments.push({ rank: DIGITS, value: readInteger(text.slice(start, at)) });
      continue;
    }
    while (isLetter(text.charCodeAt(at))) at++;
    if (at > start) segments.push({ rank: LETTERS, value: text.slice(start, at) });
    else {
      if (text[at] === '~') segments.push(TILDE);
      else if (text[at] === '^') segments.push(CARET);
      at++;
    }
  }
  return segments;
}

function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i];
    const other = b[i];
    const order = (one?.rank ?? END_RANK) - (other?.rank ?? END_RANK);
    if (order !== 0) return order;
    if (one === undefined || other === undefined) break;
    const values =
      typeof one.value === 'string'
        ? compareText(one.value, String(other.value))
        : compareIntegers(one.value, other.value as Integer);
    if (values !== 0) return values;
  }
  return 0;
}
