import type { Node, Range } from './ast.ts';
import { foldAscii } from './classes.ts';

/** A literal, lower-cased, and how many bytes behind the start of a match it stands: at least, at most. */
export interface Anchor {
  text: string;
  min: number;
  max: number;
}

/**
 * Literals of which at least one stands in every match.
 * `skip`: the class of a lazy run that opens the pattern (`[\w.-]{0,50}?`), which the search leaves out: a match
 * of the rest is looked for at the literal, and the run is then extended to the left.
 */
export interface Anchors {
  literals: Anchor[];
  skip?: { ranges: Range[]; max: number; rest: Node } | undefined;
}

const MAX_LITERALS = 40;
const MAX_LITERAL = 12;
const MAX_BEHIND = 160;
const MIN_USEFUL = 2;

/** Null: no literal is in every match, or it stands too far behind the start; the whole text must be searched. */
export function findAnchors(node: Node): Anchors | null {
  const items = flatten(node);
  const lead = leadingRun(items);
  if (lead !== null) {
    const found = bestAnchors(lead.rest);
    if (found?.every(({ max }) => max === 0)) {
      const { ranges, max } = lead;
      return { literals: found, skip: { ranges, max, rest: { kind: 'concat', nodes: lead.rest } } };
    }
  }
  const literals = bestAnchors(items);
  return literals === null ? null : { literals };
}

/** Lazy runs of one class at the start: `[a]{0,50}?[a]{0,50}?` matches as `[a]{0,100}?` does. */
function leadingRun(items: readonly Node[]): { ranges: Range[]; max: number; rest: Node[] } | null {
  let ranges: Range[] | null = null;
  let max = 0;
  let index = 0;
  for (; index < items.length; index++) {
    const item = items[index];
    if (
      item?.kind !== 'repeat' ||
      !item.lazy ||
      item.min !== 0 ||
      item.node.kind !== 'class' ||
      item.node.negated
    )
      break;
    if (ranges !== null && JSON.stringify(ranges) !== JSON.stringify(item.node.ranges)) break;
    if (item.node.ranges.some(([, to]) => to > 0x7f)) break;
    ranges = item.node.ranges;
    max += item.max;
  }
  return ranges === null || max > 1000 ? null : { ranges, max, rest: items.slice(index) };
}

function bestAnchors(items: readonly Node[]): Anchor[] | null {
  const [only] = items;
  if (items.length === 1 && only?.kind === 'alternate') {
    const branches = only.nodes.map((branch) => bestAnchors(flatten(branch)));
    const joined: Anchor[] = [];
    for (const branch of branches) {
      if (branch === null) return null;
      joined.push(...branch);
    }
    return joined.length > MAX_LITERALS * 2 ? null : joined;
  }
  let best: Anchor[] | null = null;
  let bestScore = Number.NEGATIVE_INFINITY;
  let min = 0;
  let max = 0;
  for (let index = 0; index < items.length && max <= MAX_BEHIND; index++) {
    const texts = [...new Set(prefixesOf(items.slice(index)).map((text) => text.slice(0, MAX_LITERAL)))];
    const shortest = Math.min(...texts.map((text) => text.length));
    // A longer literal is rarer; a wider range of starts costs one attempt for each.
    const score = Math.min(shortest, 8) * 4 - Math.min(max - min, 24) - texts.length / 8;
    if (texts.length > 0 && shortest >= MIN_USEFUL && score > bestScore) {
      const [low, high] = [min, max];
      best = texts.map((text) => ({ text, min: low, max: high }));
      bestScore = score;
    }
    const [itemMin, itemMax] = widthOf(items[index] as Node);
    min += itemMin;
    max += itemMax;
  }
  return best;
}

/** The items of a concatenation, with groups that only wrap opened. */
function flatten(node: Node): Node[] {
  if (node.kind === 'group') return flatten(node.node);
  if (node.kind === 'concat') return node.nodes.flatMap(flatten);
  return node.kind === 'empty' ? [] : [node];
}

/** How many bytes a node can match: at least, at most. */
export function widthOf(node: Node): [number, number] {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return [0, 0];
    case 'literal': {
      const bytes = Buffer.byteLength(node.text);
      return [bytes, bytes];
    }
    case 'any':
      return [1, 1];
    case 'class':
      return [1, node.negated || node.ranges.every(([, to]) => to <= 0x7f) ? 1 : 4];
    case 'group':
      return widthOf(node.node);
    case 'concat':
      return node.nodes.map(widthOf).reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0] as [number, number]);
    case 'alternate': {
      const widths = node.nodes.map(widthOf);
      return [Math.min(...widths.map(([low]) => low)), Math.max(...widths.map(([, high]) => high))];
    }
    case 'repeat': {
      const [low, high] = widthOf(node.node);
      return [low * node.min, high === 0 ? 0 : high * node.max];
    }
  }
}

/** Lower-case literals, one of which every match of the sequence begins with; empty where there are none. */
function prefixesOf(items: readonly Node[]): string[] {
  let texts = [''];
  for (const item of items) {
    const next = expand(item);
    if (next === null) break;
    const joined = texts.flatMap((text) => next.texts.map((tail) => text + tail));
    if (joined.length > MAX_LITERALS) break;
    texts = joined;
    if (!next.exact || texts.some((text) => text.length >= MAX_LITERAL)) break;
  }
  return texts.some((text) => text === '') ? [] : texts;
}

interface Expansion {
  texts: string[];
  /** The texts are the whole node, so that what follows can be joined to them. */
  exact: boolean;
}

function expand(node: Node): Expansion | null {
  switch (node.kind) {
    case 'literal':
      return { texts: [lower(node.text)], exact: true };
    case 'empty':
      return { texts: [''], exact: true };
    case 'assert':
      return { texts: [''], exact: true };
    case 'class':
      return expandClass(node.negated, node.ranges);
    case 'any':
      return null;
    case 'group':
    case 'concat':
      return expandSequence(flatten(node));
    case 'alternate': {
      const branches = node.nodes.map((branch) => expandSequence(flatten(branch)));
      const texts: string[] = [];
      for (const branch of branches) {
        if (branch === null) return null;
        texts.push(...branch.texts);
      }
      return texts.length > MAX_LITERALS
        ? null
        : { texts, exact: branches.every((branch) => branch?.exact === true) };
    }
    case 'repeat': {
      if (node.min === 0) return null;
      const inner = expand(node.node);
      if (inner === null || inner.texts.some((text) => text === '')) return null;
      if (!inner.exact || node.max !== 1) return repeatTexts(inner, node.min, node.max);
      return inner;
    }
  }
}

function repeatTexts(inner: Expansion, min: number, max: number): Expansion | null {
  const [only] = inner.texts;
  if (inner.exact && inner.texts.length === 1 && only !== undefined) {
    return { texts: [only.repeat(Math.min(min, MAX_LITERAL))], exact: min === max && min <= MAX_LITERAL };
  }
  return { texts: inner.texts, exact: false };
}

function expandSequence(items: readonly Node[]): Expansion | null {
  let texts = [''];
  for (const item of items) {
    const next = expand(item);
    if (next === null) return texts.length === 1 && texts[0] === '' ? null : { texts, exact: false };
    const joined = texts.flatMap((text) => next.texts.map((tail) => text + tail));
    if (joined.length > MAX_LITERALS) return texts[0] === '' ? null : { texts, exact: false };
    texts = joined;
    if (!next.exact) return { texts, exact: false };
  }
  return { texts: [...new Set(texts)], exact: true };
}

const MAX_CLASS = 6;

/** A class of few members, where upper and lower case count as one. */
function expandClass(negated: boolean, ranges: readonly Range[]): Expansion | null {
  if (negated) return null;
  const members = new Set<string>();
  for (const [from, to] of ranges) {
    if (to - from > MAX_CLASS || to > 0x7f) return null;
    for (let point = from; point <= to; point++) members.add(lower(String.fromCharCode(point)));
  }
  return members.size > MAX_CLASS || members.size === 0 ? null : { texts: [...members], exact: true };
}

/** ASCII only, on the UTF-8 bytes, as the search folds its text. */
export function lower(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[A-Z]/gu, (letter) => letter.toLowerCase());
}

/** A table of 256: 1 for the bytes that the ranges hold, folded ASCII included as they are. */
export function byteTable(ranges: readonly Range[], fold = false): Uint8Array {
  const table = new Uint8Array(256);
  for (const [from, to] of fold ? foldAscii(ranges) : ranges) {
    for (let byte = from; byte <= Math.min(to, 0x7f); byte++) table[byte] = 1;
  }
  return table;
}
