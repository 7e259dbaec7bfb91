import {
  allOf,
  PLAIN_COMPARATORS,
  readComparison,
  splitComparison,
  splitComparisons,
} from '../comparators.ts';
import { halfOpen, type Range, union } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import { compareSemver, readSemver } from './semver-key.ts';

/**
 * Hex, by Elixir's Version module (https://hexdocs.pm/elixir/Version.html): strict semantic versions, and
 * requirements of comparisons joined with `and` and `or`.
 */
export const hex = defineScheme({
  name: 'hex',
  purlTypes: ['hex', 'otp'],
  osvEcosystems: ['Hex'],
  expected: 'MAJOR.MINOR.PATCH with an optional pre-release and build',
  read: (text) => readSemver(text),
  compare: compareSemver,
  nativeRange: readRequirement,
});

function readRequirement(text: string, scheme: Scheme): Range {
  const alternatives = text.split(/\sor\s/u).map((alternative) => {
    const parts = alternative.split(/\sand\s/u).flatMap((part) => splitComparisons(part, '<>=!~'));
    if (parts.length === 0)
      throw unreadableRange(scheme.name, text, 'a requirement such as ~> 1.4 or >= 2.0.0');
    return allOf(scheme, parts, (part) => readPart(part, scheme));
  });
  return union(scheme, alternatives);
}

function readPart(part: string, scheme: Scheme): Range {
  const { spelling, operand } = splitComparison(part, ['~>']);
  if (spelling === '') return readComparison(scheme, part, PLAIN_COMPARATORS);
  // ~> 2.1 reaches up to 3.0.0, ~> 2.1.2 up to 2.2.0.
  const key = readSemver(operand, 0, { partial: true });
  const parts = operand.split(/[-+]/u, 1)[0]?.split('.').length ?? 0;
  if (key === null || parts < 2) throw unreadableRange(scheme.name, part, '~> with at least MAJOR.MINOR');
  const next = parts === 2 ? `${BigInt(key.major) + 1n}.0.0` : `${key.major}.${BigInt(key.minor) + 1n}.0`;
  return halfOpen(scheme.parse(parts === 2 ? padded(operand) : operand), scheme.parse(`${next}-0`));
}

function padded(operand: string): string {
  const end = operand.search(/[-+]/u);
  return end === -1 ? `${operand}.0` : `${operand.slice(0, end)}.0${operand.slice(end)}`;
}
