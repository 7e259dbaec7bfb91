import { byteTable, findAnchors } from '../regex/anchor.ts';
import type { Node } from '../regex/ast.ts';
import { parsePattern, RE2_MAX_REPEAT } from '../regex/parse.ts';
import type { RuleSet, SecretRule } from '../rules/rule.ts';
import { WordFinder } from './aho.ts';
import { CompiledAllowlist } from './allow.ts';
import { type Pattern, patternOf } from './pattern.ts';
import { type RuleStarts, type Starts, startsOf } from './starts.ts';

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

/**
 * Rules ready to run. `starts`: where their matches can begin, where that is known already. Patterns that we wrote are
 * parsed when they are first needed: most are never needed in a run.
 */
export function compileRules(set: RuleSet, starts: Starts = startsOf(set, nodeOf)): CompiledRules {
  const indexes = new Map(set.rules.map((rule, index) => [rule.id, index]));
  const rules = set.rules.map((rule, index): CompiledRule => {
    const { keywords, anchors, skip } = starts.rules[index] as RuleStarts;
    const { path } = rule;
    return {
      rule,
      pattern: rule.regex === undefined ? null : patternOf(() => nodeOf(rule) as Node, rule.trusted),
      path: path === undefined ? null : patternOf(() => parsePattern(path).node, rule.trusted),
      allowlists: rule.allowlists.map((list) => new CompiledAllowlist(list, rule.trusted)),
      keywords,
      anchors: anchors?.map(([word, min, max]) => ({ word, min, max })) ?? null,
      ordered: anchors?.length === 1,
      skip:
        skip === undefined
          ? null
          : {
              table: byteTable(skip.ranges),
              max: skip.max,
              rest: patternOf(() => restOf(rule), rule.trusted),
            },
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
    finder: new WordFinder(starts.words),
    words: starts.words.length,
  };
}

/** A rule's pattern, parsed; null where the path alone decides. */
export function nodeOf(rule: SecretRule): Node | null {
  if (rule.regex === undefined) return null;
  return parsePattern(rule.regex, rule.trusted ? OWN_MAX_REPEAT : RE2_MAX_REPEAT).node;
}

/** The pattern without the lazy run that opens it. */
function restOf(rule: SecretRule): Node {
  return findAnchors(nodeOf(rule) as Node)?.skip?.rest as Node;
}
