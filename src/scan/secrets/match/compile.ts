import { type Anchors, byteTable, findAnchors, lower } from '../regex/anchor.ts';
import type { Node } from '../regex/ast.ts';
import { parsePattern, RE2_MAX_REPEAT } from '../regex/parse.ts';
import type { RuleSet, SecretRule } from '../rules/rule.ts';
import { WordFinder } from './aho.ts';
import { CompiledAllowlist } from './allow.ts';
import { type Pattern, patternOf } from './pattern.ts';

/** A rule ready to run. */
export interface CompiledRule {
  rule: SecretRule;
  /** Null: the path alone decides. */
  pattern: Pattern | null;
  path: Pattern | null;
  allowlists: CompiledAllowlist[];
  /** Words of the finder of which one must be in the text; empty: always run. */
  keywords: number[];
  /** Where matches can begin, by word of the finder; null: the whole text is searched. */
  anchors: { word: number; min: number; max: number }[] | null;
  /** All anchors have one length and one distance, so that their order is the order of the starts. */
  ordered: boolean;
  /** The lazy run that opens the pattern: its bytes, its length, and the pattern without it. */
  skip: { table: Uint8Array; max: number; rest: Pattern } | null;
  /** Indexes of the rules that must match near by. */
  required: { rule: number; withinLines: number | null; withinColumns: number | null }[];
}

export interface CompiledRules {
  rules: CompiledRule[];
  allowlists: CompiledAllowlist[];
  finder: WordFinder;
  words: number;
}

/** Whole files of keys are longer than what RE2 counts to. */
const OWN_MAX_REPEAT = 50_000;

/** Parses every pattern (the regular expressions themselves are made when first needed) and builds the word finder. */
export function compileRules(set: RuleSet): CompiledRules {
  const words = new Map<string, number>();
  const wordOf = (text: string): number => {
    const known = words.get(text);
    if (known !== undefined) return known;
    words.set(text, words.size);
    return words.size - 1;
  };
  const indexes = new Map(set.rules.map((rule, index) => [rule.id, index]));
  const rules = set.rules.map((rule): CompiledRule => {
    const node =
      rule.regex === undefined
        ? null
        : parsePattern(rule.regex, rule.trusted ? OWN_MAX_REPEAT : RE2_MAX_REPEAT).node;
    const anchors = node === null ? null : findAnchors(node);
    const places = anchors === null ? null : anchorWords(anchors, wordOf);
    return {
      rule,
      pattern: node === null ? null : patternOf(node, rule.trusted),
      path: rule.path === undefined ? null : patternOf(parsePattern(rule.path).node, rule.trusted),
      allowlists: rule.allowlists.map((list) => new CompiledAllowlist(list, rule.trusted)),
      keywords: [...new Set(rule.keywords.filter((word) => word !== '').map((word) => wordOf(lower(word))))],
      anchors: places,
      ordered: isOrdered(anchors),
      skip: skipOf(anchors, rule.trusted),
      required: rule.required.map(({ id, withinLines, withinColumns }) => ({
        rule: indexes.get(id) as number,
        withinLines,
        withinColumns,
      })),
    };
  });
  const trusted = set.rules.every((rule) => rule.trusted);
  return {
    rules,
    allowlists: set.allowlists.map((list) => new CompiledAllowlist(list, trusted)),
    finder: new WordFinder([...words.keys()]),
    words: words.size,
  };
}

function anchorWords(anchors: Anchors, wordOf: (text: string) => number): CompiledRule['anchors'] {
  return anchors.literals.map(({ text, min, max }) => ({ word: wordOf(text), min, max }));
}

function isOrdered(anchors: Anchors | null): boolean {
  const [first, ...others] = anchors?.literals ?? [];
  return first !== undefined && others.length === 0;
}

function skipOf(anchors: Anchors | null, trusted: boolean): CompiledRule['skip'] {
  if (anchors?.skip === undefined) return null;
  const { ranges, max, rest } = anchors.skip;
  return { table: byteTable(ranges), max, rest: patternOf(rest as Node, trusted) };
}
