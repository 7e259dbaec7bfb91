import type { Facts } from './facts.ts';

/** Answers kept for one condition; where its fields hold more than this, they seldom come twice. */
const MAX_KEPT = 10_000;
const MAX_KEY = 500;

/**
 * A condition over `fields` alone, asked once for each combination of their values: of a hundred thousand findings
 * most differ in what no rule looks at. What it throws is not kept.
 */
export function remember(
  fields: readonly string[],
  condition: (facts: Facts, gate: Facts) => boolean,
): (facts: Facts, gate: Facts) => boolean {
  const answers = new WeakMap<Facts, Map<string, boolean>>();
  return (facts, gate) => {
    const key = JSON.stringify(fields.map((name) => keyOf(facts[name])));
    if (key.length > MAX_KEY) return condition(facts, gate);
    let known = answers.get(gate);
    if (known === undefined) {
      known = new Map();
      answers.set(gate, known);
    }
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    const fresh = condition(facts, gate);
    if (known.size < MAX_KEPT) known.set(key, fresh);
    return fresh;
  };
}

/** What JSON would write alike is told apart: integers, numbers that it does not have, fields that are not there. */
function keyOf(value: Facts[string] | undefined): unknown {
  if (value === undefined) return {};
  if (typeof value === 'bigint') return { int: value.toString() };
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { number: Object.is(value, -0) ? '-0' : String(value) };
}
