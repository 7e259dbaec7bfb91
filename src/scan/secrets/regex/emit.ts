import type { Node, Range } from './ast.ts';
import { negate, normalize } from './classes.ts';
import { utf8Sequences } from './utf8.ts';

/** JavaScript's own, or those of a linear-time library that reads RE2 syntax. */
export type Dialect = 'js' | 're2';

const ASSERTIONS = {
  js: {
    'text-start': '(?<![\\s\\S])',
    'text-end': '(?![\\s\\S])',
    'line-start': '(?<![^\\n])',
    'line-end': '(?![^\\n])',
    word: '\\b',
    'not-word': '\\B',
  },
  re2: {
    'text-start': '\\A',
    'text-end': '\\z',
    'line-start': '(?m:^)',
    'line-end': '(?m:$)',
    word: '\\b',
    'not-word': '\\B',
  },
} as const;

/**
 * The source of a parsed pattern in a dialect, for text whose characters are the bytes of the file (latin1).
 * No flags are needed but the way of searching (`g`, `y`). Two known differences from Go, both on text that is not
 * ASCII: a negated class or a dot counts bytes where Go counts characters, and case folding is ASCII only.
 */
export function emitPattern(node: Node, dialect: Dialect = 'js'): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)';
    case 'literal':
      return literal(node.text, node.fold);
    case 'class':
      return characterClass(node.ranges, node.negated);
    case 'any':
      return node.newline ? '[\\s\\S]' : '[^\\n]';
    case 'assert':
      return ASSERTIONS[dialect][node.what];
    case 'group':
      return `${node.capture ? '(' : '(?:'}${emitPattern(node.node, dialect)})`;
    case 'concat':
      return node.nodes
        .map((part) => {
          const source = emitPattern(part, dialect);
          return part.kind === 'alternate' ? `(?:${source})` : source;
        })
        .join('');
    case 'alternate':
      return node.nodes.map((branch) => emitPattern(branch, dialect)).join('|');
    case 'repeat':
      return `${unit(node.node, dialect)}${counts(node.min, node.max)}${node.lazy ? '?' : ''}`;
  }
}

const ONE_CLASS = /^\[(?:\\.|[^\]\\])*\]$/u;

/** Something that a quantifier may follow. */
function unit(node: Node, dialect: Dialect): string {
  const source = emitPattern(node, dialect);
  const single = node.kind === 'group' || node.kind === 'any' || ONE_CLASS.test(source);
  const short = node.kind === 'literal' && (source.length === 1 || /^(?:\\.|\\x..)$/u.test(source));
  return single || short ? source : `(?:${source})`;
}

function counts(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function literal(text: string, fold: boolean): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (fold && isLetter) out += `[${String.fromCharCode(byte & 0xdf)}${String.fromCharCode(byte | 0x20)}]`;
    else out += byteSource(byte, false);
  }
  return out;
}

function characterClass(ranges: readonly Range[], negated: boolean): string {
  const wanted = negated ? negate(ranges) : normalize(ranges);
  const ascii: Range[] = [];
  const beyond: Range[] = [];
  for (const [from, to] of wanted) {
    if (from <= 0x7f) ascii.push([from, Math.min(to, 0x7f)]);
    if (to > 0x7f) beyond.push([Math.max(from, 0x80), to]);
  }
  // Everything beyond ASCII: any byte of it, so that the common negated classes stay one class.
  const [first] = beyond;
  const all = beyond.length === 1 && first !== undefined && first[0] === 0x80 && first[1] === 0x10ffff;
  if (all) return `[${ascii.map(rangeSource).join('')}\\x80-\\xff]`;
  const alternatives = beyond
    .flatMap(utf8Sequences)
    .map((sequence) => sequence.map((r) => `[${rangeSource(r)}]`).join(''));
  if (ascii.length > 0 || alternatives.length === 0)
    alternatives.unshift(`[${ascii.map(rangeSource).join('')}]`);
  return alternatives.length === 1 ? (alternatives[0] as string) : `(?:${alternatives.join('|')})`;
}

function rangeSource([from, to]: Range): string {
  if (from === to) return byteSource(from, true);
  return `${byteSource(from, true)}${to === from + 1 ? '' : '-'}${byteSource(to, true)}`;
}

function byteSource(byte: number, inClass: boolean): string {
  const char = String.fromCharCode(byte);
  if (byte < 0x20 || byte > 0x7e) return `\\x${byte.toString(16).padStart(2, '0')}`;
  if (inClass) return '\\]^-['.includes(char) ? `\\${char}` : char;
  return '\\^$.*+?()[]{}|/'.includes(char) ? `\\${char}` : char;
}
