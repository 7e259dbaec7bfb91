/** Numbers from a seed, the same on every machine (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    const one = list[this.below(list.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }
}

type Make = (random: Random) => string;

const digits: Make = (random) =>
  random.pick([
    '0',
    '0',
    '1',
    '1',
    '2',
    '3',
    '9',
    '10',
    '11',
    '99',
    '100',
    '2024',
    '20240131',
    '01',
    '00',
    '010',
  ]);
const plain: Make = (random) =>
  random.pick(['0', '0', '1', '1', '2', '3', '9', '10', '11', '99', '100', '2024', '20240131']);

function repeat(random: Random, min: number, max: number, make: Make, separator: string): string {
  const count = min + random.below(max - min + 1);
  return Array.from({ length: count }, () => make(random)).join(separator);
}

function maybe(random: Random, chance: number, make: Make): string {
  return random.next() < chance ? make(random) : '';
}

const semverPre: Make = (random) =>
  `-${repeat(random, 1, 3, () => random.pick(['0', '1', '2', '10', 'alpha', 'beta', 'rc', 'rc1', 'RC', 'a-b', 'x', '-', '0a']), '.')}`;
const semverBuild: Make = (random) =>
  `+${repeat(random, 1, 2, () => random.pick(['1', '001', 'b1', 'exp', '2-x']), '.')}`;
const semver: Make = (random) =>
  `${repeat(random, 3, 3, plain, '.')}${maybe(random, 0.5, semverPre)}${maybe(random, 0.2, semverBuild)}`;

function alphabet(random: Random, pieces: readonly string[], min: number, max: number): string {
  return repeat(random, min, max, () => random.pick(pieces), '');
}

const small: Make = (random) => random.pick(['0', '0', '1', '1', '2', '3', '9', '10', '11', '99', '01']);
const composerClassic: Make = (random) =>
  maybe(random, 0.1, () => 'v') +
  repeat(random, 1, 4, small, '.') +
  maybe(
    random,
    0.5,
    (r) =>
      `${r.pick(['-', '', '.', '_'])}${r.pick(['alpha', 'beta', 'RC', 'a', 'b', 'patch', 'pl', 'p', 'rc', 'stable'])}${r.pick(['', '1', '2', '10', '.1', '-2', '1.2'])}`,
  ) +
  maybe(random, 0.15, () => '-dev') +
  maybe(random, 0.1, () => '+build.5');

/** Versions as the ecosystem writes them, thick with the corners of its rules. */
export const generators: Readonly<Record<string, Make>> = {
  semver,
  npm: semver,
  cargo: semver,
  hex: semver,
  golang: (random) =>
    random.next() < 0.2
      ? `v${repeat(random, 1, 2, plain, '.')}`
      : `v${semver(random)}${maybe(random, 0.1, () => '')}`,
  deb: (random) =>
    maybe(random, 0.2, (r) => `${r.below(3)}:`) +
    digits(random) +
    alphabet(
      random,
      ['.', '.', '+', '~', '-', 'a', 'b', 'Z', 'rc', '0', '1', '10', '01', '~~', '+dfsg', '.1', '.0'],
      0,
      6,
    ) +
    maybe(
      random,
      0.5,
      (r) => `-${r.pick(['0', '1', '2', '1.1', '0ubuntu1', '1+b1', '1~bpo12+1', '10', 'a', '~'])}`,
    ),
  rpm: (random) =>
    maybe(random, 0.2, (r) => `${r.below(3)}:`) +
    digits(random) +
    alphabet(
      random,
      ['.', '.', '_', '+', '~', '^', 'a', 'b', 'Z', 'rc', '0', '1', '10', '01', '~~', '.1', '.0', '..'],
      0,
      6,
    ) +
    `-${random.pick(['0', '1', '2', '1.1', '1.fc40', '2.el9_4.1', '10', '1~rc1', '1^git1'])}`,
  alpm: (random) =>
    maybe(random, 0.2, (r) => `${r.below(3)}:`) +
    digits(random) +
    alphabet(
      random,
      ['.1', '.0', '.10', '.01', 'a', 'b', 'rc', 'rc1', '.a', '_b', '+r12', '..1', '1'],
      0,
      5,
    ) +
    `-${random.pick(['1', '2', '1.1', '10'])}`,
  maven: (random) =>
    digits(random) +
    alphabet(
      random,
      [
        '.',
        '.',
        '-',
        '-',
        '0',
        '1',
        '2',
        '10',
        'alpha',
        'beta',
        'a',
        'b',
        'm',
        'rc',
        'cr',
        'snapshot',
        'SNAPSHOT',
        'ga',
        'final',
        'release',
        'sp',
        'foo',
        'x',
        'a1',
        'RC2',
        '.Final',
        '-SNAPSHOT',
        '.0',
        '.1',
        '-1',
        '-0',
      ],
      0,
      6,
    ),
  gem: (random) =>
    digits(random) +
    alphabet(
      random,
      ['.0', '.1', '.2', '.10', '.01', '.a', '.b', '.pre', '.rc1', '.1a', 'a', '-1', '-beta', '.0.0'],
      0,
      5,
    ),
  pypi: (random) =>
    maybe(random, 0.1, (r) => `${r.below(3)}!`) +
    repeat(random, 1, 4, digits, '.') +
    maybe(
      random,
      0.4,
      (r) =>
        `${r.pick(['', '.', '-', '_'])}${r.pick(['a', 'b', 'c', 'rc', 'alpha', 'beta', 'pre', 'preview', 'RC'])}${r.pick(['', '.', '-', '_'])}${r.pick(['0', '1', '2', '10'])}`,
    ) +
    maybe(random, 0.3, (r) => r.pick(['.post', '.post1', '-1', 'r2', '.rev3', '_post_4'])) +
    maybe(random, 0.3, (r) => r.pick(['.dev', '.dev0', 'dev1', '-dev2', '_dev_10'])) +
    maybe(
      random,
      0.2,
      (r) => `+${r.pick(['1', 'abc', 'abc.1', 'abc.10', '1.abc', 'cu118', 'ABC-5', '1_2'])}`,
    ),
  composer: (random) =>
    random.next() < 0.05
      ? random.pick(['20240131', '2024.01.31', '2024-01-31', '20240131-beta1', '2023.12.31'])
      : composerClassic(random),
  conan: (random) =>
    repeat(random, 1, 4, plain, '.') +
    maybe(random, 0.3, (r) => r.pick(['a', 'b', 'z', 'za'])) +
    maybe(random, 0.3, (r) => `-${r.pick(['pre1', 'alpha.1', 'alpha.10', 'rc', '1', ''])}`) +
    maybe(random, 0.2, (r) => `+${r.pick(['1', '2', 'b.1', 'b.10'])}`),
  apk: (random) =>
    repeat(random, 1, 4, digits, '.') +
    maybe(random, 0.2, (r) => r.pick(['a', 'b', 'z'])) +
    maybe(
      random,
      0.4,
      (r) =>
        `_${r.pick(['alpha', 'beta', 'pre', 'rc', 'cvs', 'svn', 'git', 'hg', 'p'])}${r.pick(['', '0', '1', '2', '10', '20240131'])}`,
    ) +
    maybe(random, 0.1, (r) => `_${r.pick(['p', 'git'])}1`) +
    maybe(random, 0.1, () => '~0abc') +
    maybe(random, 0.5, (r) => `-r${r.below(12)}`),
  nuget: (random) =>
    repeat(random, 1, 4, digits, '.') +
    maybe(random, 0.4, (r) => `-${r.pick(['beta', 'BETA', 'beta.1', 'beta.10', 'rc.2', '1', 'a-b'])}`) +
    maybe(random, 0.2, () => '+sha.1'),
  pub: semver,
  gentoo: (random) =>
    repeat(random, 1, 4, digits, '.') +
    maybe(random, 0.2, (r) => r.pick(['a', 'b', 'z'])) +
    maybe(
      random,
      0.4,
      (r) => `_${r.pick(['alpha', 'beta', 'pre', 'rc', 'p'])}${r.pick(['', '0', '1', '10'])}`,
    ) +
    maybe(random, 0.1, () => '_p1') +
    maybe(random, 0.3, (r) => `-r${r.below(3)}`),
  openssl: (random) =>
    `${random.pick(['0.9.8', '1.0.1', '1.0.2', '1.1.0', '1.1.1', '3.0.0', '3.0.10', '3.1.0'])}${random.pick(['', '', 'a', 'b', 'z', 'za', 'zb', '-beta1', '-beta10', '-alpha2', '-pre1', '-dev'])}`,
  nginx: (random) => repeat(random, 2, 3, digits, '.'),
  intdot: (random) => repeat(random, 1, 4, digits, '.'),
  cran: (random) => repeat(random, 2, 3, digits, '.') + maybe(random, 0.3, (r) => `-${r.below(12)}`),
  hackage: (random) => repeat(random, 1, 4, digits, '.'),
  datetime: (random) =>
    `20${random.pick(['00', '24'])}-0${1 + random.below(9)}-1${random.below(10)}T${random.pick(['00', '12', '23'])}:00:0${random.below(10)}` +
    random.pick(['Z', '+02:00', '-05:30', '.5Z', '.50Z', '.05Z']),
  lexicographic: (random) =>
    alphabet(random, ['a', 'A', 'z', '1', 'é', 'e\u0301', '€', '\uffee', '\u{1f600}'], 1, 4),
  generic: (random) =>
    digits(random) +
    alphabet(random, ['.', '-', '.1', '.0', 'a', 'rc', 'patch', 'alpha', '1', '.a', '_'], 0, 5),
};

/** Pairs of versions, many of them close to each other, since far ones tell nothing. */
export function pairs(scheme: string, count: number, seed: number): [string, string][] {
  const make = generators[scheme];
  if (make === undefined) throw new Error(`no generator for ${scheme}`);
  const random = new Random(seed);
  const made: [string, string][] = [];
  while (made.length < count) {
    const one = make(random);
    if (random.next() < 0.5) made.push([one, make(random)]);
    else made.push([one, mutate(one, random)]);
  }
  return made;
}

/** One piece of a version dropped, doubled or changed: the corners lie there. */
function mutate(version: string, random: Random): string {
  const at = 1 + random.below(Math.max(1, version.length - 1));
  const kind = random.below(4);
  if (kind === 0) return `${version.slice(0, at)}${version.slice(at + 1)}`;
  if (kind === 1)
    return `${version.slice(0, at)}${random.pick(['0', '1', '.0', '.1', 'a', '-1'])}${version.slice(at)}`;
  if (kind === 2) return version.slice(0, at);
  return `${version}${random.pick(['.0', '0', '1', '.1', '-1', 'a', '-0', '.0.0'])}`;
}
