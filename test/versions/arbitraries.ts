import fc from 'fast-check';
import type { Scheme, Version } from '../../src/versions/version.ts';
import { generators, Random } from './generate.ts';

/** A generated text that the scheme reads. */
export function versionsOf(scheme: Scheme): fc.Arbitrary<Version> {
  const make = scheme.name === 'maven' ? ordinaryMaven : generators[scheme.name];
  if (make === undefined) throw new Error(`no generator for ${scheme.name}`);
  return fc
    .integer()
    .map((seed) => read(scheme, make(new Random(seed))))
    .filter((version) => version !== null);
}

function read(scheme: Scheme, text: string): Version | null {
  try {
    return scheme.parse(text);
  } catch {
    return null;
  }
}

/**
 * What is published: numbers, a word, a number, a snapshot. In stranger shapes (`1.sp.1`, `1.rc-1`, `1-ga-x`) Maven's
 * own order runs in a circle, and ours is Maven's.
 */
function ordinaryMaven(random: Random): string {
  const numbers = Array.from({ length: 1 + random.below(4) }, () =>
    random.pick(['0', '0', '1', '2', '9', '10', '01']),
  );
  const words = ['alpha', 'beta', 'a', 'm', 'M', 'rc', 'RC', 'cr', 'sp', 'jre', 'android', 'foo'];
  const number = () => random.pick(['', '1', '2', '9', '10']);
  const ending = random.pick([
    () => '',
    () => random.pick(['.Final', '-ga', '.RELEASE', '-SNAPSHOT', '-1', '-10', '-1-SNAPSHOT']),
    () => `.${random.pick(words)}${number()}`,
    () => `-${random.pick(words)}${number()}${random.pick(['', '-1', '-10', '-SNAPSHOT'])}`,
  ])();
  return `${numbers.join('.')}${ending}`;
}
