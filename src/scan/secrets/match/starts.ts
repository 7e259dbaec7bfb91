import { findAnchors, lower } from '../regex/anchor.ts';
import type { Node, Range } from '../regex/ast.ts';
import type { RuleSet, SecretRule } from '../rules/rule.ts';

/** Where the matches of a rule can begin. Words are indexes into those of the pack. */
export interface RuleStarts {
  /** Of which one must be in the text; empty: always run. */
  keywords: number[];
  /** Words that stand in every match, with how many bytes behind its start at least and at most; null: none does. */
  anchors: [word: number, min: number, max: number][] | null;
  /** The class of the lazy run that opens the pattern, and how long it is at most. */
  skip?: { ranges: Range[]; max: number };
}

/** Of all rules of a pack, in their order: plain data, so that those of our own pack are worked out once and kept. */
export interface Starts {
  /** Lower case latin1, each once. */
  words: string[];
  rules: RuleStarts[];
}

/** Works out where matches can begin. `nodeOf`: a rule's parsed pattern. */
export function startsOf(set: RuleSet, nodeOf: (rule: SecretRule) => Node | null): Starts {
  const words = new Map<string, number>();
  const wordOf = (text: string): number => {
    const known = words.get(text);
    if (known !== undefined) return known;
    words.set(text, words.size);
    return words.size - 1;
  };
  const rules = set.rules.map((rule): RuleStarts => {
    const node = nodeOf(rule);
    const found = node === null ? null : findAnchors(node);
    const keywords = rule.keywords.filter((word) => word !== '').map((word) => wordOf(lower(word)));
    return {
      keywords: [...new Set(keywords)],
      anchors: found?.literals.map(({ text, min, max }) => [wordOf(text), min, max]) ?? null,
      ...(found?.skip === undefined ? {} : { skip: { ranges: found.skip.ranges, max: found.skip.max } }),
    };
  });
  return { words: [...words.keys()], rules };
}
