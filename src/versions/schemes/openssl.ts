import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, readInteger } from '../integer.ts';
import { union } from '../range.ts';
import { defineScheme } from '../version.ts';
import { comparePreRelease } from './semver-key.ts';

interface OpensslKey {
  numbers: readonly Integer[];
  letters: string;
  pre: readonly (Integer | string)[] | null;
}

const PATTERN = /^(\d+)\.(\d+)\.(\d+)([a-z]*)(?:-(alpha|beta|pre|dev)\.?(\d*))?$/u;

/**
 * OpenSSL (https://www.openssl.org/policies/releasestrat.html): three numbers; up to 1.1.1 letters for patches,
 * where `z` is followed by `za`; pre-releases such as `-beta1`.
 */
export const openssl = defineScheme<OpensslKey>({
  name: 'openssl',
  purlTypes: ['openssl'],
  expected: 'three numbers with dots, letters for a patch, an optional pre-release such as -beta1',
  read(text) {
    const match = PATTERN.exec(text);
    if (match === null) return null;
    const [, major, minor, fix, letters, word, number] = match;
    return {
      numbers: [major, minor, fix].map((digits) => readInteger(digits ?? '0')),
      letters: letters ?? '',
      pre: word === undefined ? null : [word === 'pre' ? 'beta' : word, readInteger(number || '0')],
    };
  },
  compare: (a, b) =>
    compareIntegers(a.numbers[0] ?? 0, b.numbers[0] ?? 0) ||
    compareIntegers(a.numbers[1] ?? 0, b.numbers[1] ?? 0) ||
    compareIntegers(a.numbers[2] ?? 0, b.numbers[2] ?? 0) ||
    compareText(a.letters, b.letters) ||
    comparePreRelease(a.pre, b.pre),
  // OpenSSL's advisories list versions; a part may be a comparison too.
  nativeRange: (text, scheme) =>
    union(
      scheme,
      text.split(',').map((part) => readPlainRange(part, scheme)),
    ),
});
