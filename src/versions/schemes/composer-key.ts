import { compareIntegers, type Integer, readInteger } from '../integer.ts';

/** A number, or the place of a word among the others (`STABILITY`). */
export interface ComposerPart {
  rank: number;
  number: Integer;
}

/** As PHP's version_compare orders them. A number stands where `number` is, the end just before it. */
const RANK = { dev: 0, alpha: 1, beta: 2, rc: 3, end: 4, number: 5, patch: 6 } as const;
const STABILITY: Readonly<Record<string, number | undefined>> = {
  alpha: RANK.alpha,
  a: RANK.alpha,
  beta: RANK.beta,
  b: RANK.beta,
  rc: RANK.rc,
  patch: RANK.patch,
  pl: RANK.patch,
  p: RANK.patch,
};

const MODIFIER = String.raw`[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d+)*))?([.-]?dev)?`;
const CLASSIC = new RegExp(`^v?(\\d{1,5})(?:\\.(\\d+))?(?:\\.(\\d+))?(?:\\.(\\d+))?${MODIFIER}$`, 'iu');
const DATED = new RegExp(`^v?(\\d{4}(?:[.:-]?\\d{2}){1,6}(?:[.:-]?\\d{1,3}){0,2})${MODIFIER}$`, 'iu');
const BRANCH = /^v?(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?[.-]?dev$/iu;
const OPEN_END = 9_999_999;

/** Null for what has no place in the order, such as `dev-main`: a branch is no version. */
export function readComposer(text: string): readonly ComposerPart[] | null {
  const bare = withoutMarks(text.trim());
  const classic = CLASSIC.exec(bare);
  if (classic !== null) {
    const numbers = classic.slice(1, 5).map((digits) => readInteger(digits ?? '0'));
    return [...numbers.map(numberPart), ...modifierParts(classic[5], classic[6], classic[7])];
  }
  const dated = DATED.exec(bare);
  if (dated !== null) {
    const numbers = (dated[1] ?? '').split(/[.:-]/u).map(readInteger);
    return [...numbers.map(numberPart), ...modifierParts(dated[2], dated[3], dated[4])];
  }
  const branch = BRANCH.exec(bare);
  if (branch === null) return null;
  const numbers = branch
    .slice(1, 5)
    .map((word) => (word === undefined || /[x*]/iu.test(word) ? OPEN_END : readInteger(word)));
  return [...numbers.map(numberPart), { rank: RANK.dev, number: 0 }];
}

/** Without the alias, the stability flag and the build metadata. */
function withoutMarks(text: string): string {
  const [version] = text.split(/ +as +/u, 1);
  return (version ?? '').replace(/@(?:stable|rc|beta|alpha|dev)$/iu, '').replace(/^([^,\s+]+)\+\S+$/u, '$1');
}

function numberPart(number: Integer): ComposerPart {
  return { rank: RANK.number, number };
}

function modifierParts(
  word: string | undefined,
  digits: string | undefined,
  dev: string | undefined,
): ComposerPart[] {
  const parts: ComposerPart[] = [];
  const stability = word?.toLowerCase();
  if (stability === 'stable') return parts;
  if (stability !== undefined) {
    parts.push({ rank: STABILITY[stability] ?? RANK.dev, number: 0 });
    for (const number of (digits ?? '').match(/\d+/gu) ?? []) parts.push(numberPart(readInteger(number)));
  }
  if (dev !== undefined) parts.push({ rank: RANK.dev, number: 0 });
  return parts;
}

export function compareComposer(a: readonly ComposerPart[], b: readonly ComposerPart[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i];
    const other = b[i];
    const order =
      (one?.rank ?? RANK.end) - (other?.rank ?? RANK.end) ||
      compareIntegers(one?.number ?? 0, other?.number ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
