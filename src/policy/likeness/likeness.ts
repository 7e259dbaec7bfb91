import type { Component } from '../../model/component.ts';
import { SallyportError } from '../../model/error.ts';
import { type Purl, parseLenientPurl } from '../../versions/purl.ts';

/** The well-known packages of one kind of registry, the most used first. */
export type NameList = readonly string[];

/** How many of the most used names others are compared with letter by letter. */
const TARGETS = 3000;
const MAX_LENGTH = 214;
/** Shorter names lie so close to each other that likeness says nothing. */
const LEAST = { skeleton: 5, swapped: 5, letter: 6 } as const;

/**
 * Letters that are taken for others: digits, look-alikes of other scripts (Unicode TR 39, confusables) and pairs that
 * run together.
 */
const CONFUSABLE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '5': 's',
  а: 'a',
  е: 'e',
  і: 'i',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  ѕ: 's',
  ј: 'j',
  ı: 'i',
  ο: 'o',
  ν: 'v',
  α: 'a',
};

/** Says which well-known package a name could be taken for. Time and memory grow with the length of the names only. */
export class Likeness {
  readonly #lists: ReadonlyMap<string, NameList>;
  readonly #indexes = new Map<string, Index>();

  /** `lists` by purl type. Types without a list are not judged. */
  constructor(lists: ReadonlyMap<string, NameList>) {
    this.#lists = lists;
  }

  /** The name that the component could be taken for; null where it is well-known itself, or like none. */
  of({ purl: text }: Pick<Component, 'purl'>): string | null {
    if (text === undefined) return null;
    let purl: Purl;
    try {
      purl = parseLenientPurl(text);
    } catch (thrown) {
      if (thrown instanceof SallyportError) return null;
      throw thrown;
    }
    const { type, namespace, name } = purl;
    const whole = namespace === undefined ? name : `${namespace}/${name}`;
    return whole.length > MAX_LENGTH ? null : (this.#index(type)?.find(whole) ?? null);
  }

  /** Made for the first name of its kind: few repositories have all of them. */
  #index(type: string): Index | undefined {
    const known = this.#indexes.get(type);
    const names = this.#lists.get(type);
    if (known !== undefined || names === undefined) return known;
    const made = new Index(type, names);
    this.#indexes.set(type, made);
    return made;
  }
}

class Index {
  readonly #type: string;
  /** As it is compared, to as it is written. */
  readonly #known: ReadonlyMap<string, string>;
  readonly #skeletons = new Map<string, string>();
  readonly #words = new Map<string, string>();
  /** By each text that leaving out one letter of a name gives, and by the name itself. */
  readonly #shorter = new Map<string, string[]>();

  constructor(type: string, names: NameList) {
    this.#type = type;
    // Of two spellings of one name the more used one is shown.
    this.#known = new Map(names.toReversed().map((name) => [normalName(type, name), name]));
    for (const name of new Set(names.slice(0, TARGETS).map((one) => normalName(type, one)))) {
      put(this.#skeletons, skeleton(name), name);
      put(this.#words, sortedWords(name), name);
      if (name.length < LEAST.swapped) continue;
      for (const text of [name, ...withoutOne(name)]) {
        const known = this.#shorter.get(text);
        if (known === undefined) this.#shorter.set(text, [name]);
        else known.push(name);
      }
    }
  }

  find(whole: string): string | null {
    const name = normalName(this.#type, whole);
    if (this.#known.has(name)) return null;
    const bare = skeleton(name);
    const alike =
      (bare.length >= LEAST.skeleton ? this.#skeletons.get(bare) : undefined) ??
      this.#words.get(sortedWords(name)) ??
      this.#byLetter(name);
    return alike === undefined || haveOneOwner(this.#type, name, alike)
      ? null
      : (this.#known.get(alike) ?? alike);
  }

  #byLetter(name: string): string | undefined {
    if (name.length < LEAST.swapped) return undefined;
    for (const text of [name, ...withoutOne(name)]) {
      for (const target of this.#shorter.get(text) ?? []) if (isSlip(name, target)) return target;
    }
    return undefined;
  }
}

/** The first one stays: it is the most used. */
function put(map: Map<string, string>, key: string, name: string): void {
  if (key !== '' && !map.has(key)) map.set(key, name);
}

/** As the registry compares names; what differs by no more is the same package. */
function normalName(type: string, name: string): string {
  const lower = name.toLowerCase();
  return type === 'pypi' ? lower.replace(/[-_.]+/gu, '-') : lower;
}

/** Without separators and scope marks, every letter by what it can be taken for. */
function skeleton(name: string): string {
  let text = '';
  for (const letter of name) {
    if ('-_./@'.includes(letter)) continue;
    text += Object.hasOwn(CONFUSABLE, letter) ? CONFUSABLE[letter] : letter;
  }
  return text.replaceAll('rn', 'm').replaceAll('vv', 'w');
}

/** The words of a name in one order; empty for a single word, which has only one. */
function sortedWords(name: string): string {
  const words = name.split(/[-_./@]+/u).filter((word) => word !== '');
  return words.length < 2 ? '' : words.sort().join(' ');
}

function* withoutOne(name: string): Generator<string> {
  for (let at = 0; at < name.length; at++) {
    // Of two equal letters in a row it is one text.
    if (at > 0 && name[at] === name[at - 1]) continue;
    yield name.slice(0, at) + name.slice(at + 1);
  }
}

/**
 * One slip of the finger: two neighbours swapped, or one letter more, less or another. A digit is none: it tells
 * versions and members of a family apart.
 */
function isSlip(name: string, target: string): boolean {
  const [a, b] = [[...name], [...target]];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) [endA, endB] = [endA - 1, endB - 1];
  const [left, right] = [a.slice(start, endA), b.slice(start, endB)];
  if (left.length === 2 && right.length === 2) return left[0] === right[1] && left[1] === right[0];
  if (left.length > 1 || right.length > 1 || Math.min(a.length, b.length) < LEAST.letter) return false;
  return ![...left, ...right].some((letter) => /[0-9]/u.test(letter));
}

/** Names that only one party can give out: those of one npm scope, of one owner of repositories. */
function haveOneOwner(type: string, a: string, b: string): boolean {
  const parts = type === 'golang' ? 2 : 1;
  const owner = (name: string) => name.split('/').slice(0, parts).join('/');
  if (type === 'npm') return a.startsWith('@') && a.includes('/') && owner(a) === owner(b);
  return (type === 'golang' || type === 'composer') && owner(a) === owner(b);
}
