/**
 * A regular expression in the syntax of Go's `regexp` (RE2), parsed. Flags are resolved into the nodes, so a node
 * means the same wherever it stands.
 */
export type Node =
  | { kind: 'empty' }
  | { kind: 'literal'; text: string; fold: boolean }
  | { kind: 'class'; ranges: Range[]; negated: boolean; fold: boolean }
  | { kind: 'any'; newline: boolean }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'group'; node: Node; capture: boolean }
  | { kind: 'concat'; nodes: Node[] }
  | { kind: 'alternate'; nodes: Node[] }
  | { kind: 'repeat'; node: Node; min: number; max: number; lazy: boolean };

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'not-word';

/** Code points, both inclusive. */
export type Range = readonly [number, number];

/** What is wrong with a pattern: the construct as it is written, and its offset in the pattern. */
export class PatternError extends Error {
  readonly construct: string;
  readonly offset: number;
  readonly reason: string;

  constructor(reason: string, construct: string, offset: number) {
    super(`${reason}: ${construct}`);
    this.name = 'PatternError';
    this.reason = reason;
    this.construct = construct;
    this.offset = offset;
  }
}
