import type { Change } from '../engine.ts';
import { type Direction, namesAny } from '../options.ts';
import type { GivenSecretsOptions } from './options-schema.ts';

export interface SecretsOptions extends GivenSecretsOptions {
  history: 'auto' | 'all' | 'range' | 'off';
  staged: boolean;
  verify: boolean;
}

/** What a policy may set, and which way a later layer may move it. The rest is set by who calls the engine. */
export const secretsDirections: Readonly<Record<string, Direction>> = Object.freeze({
  history: 'fixed',
  rules: 'fixed',
});

/**
 * Of a change only its own commits are new, and rules are read at the tip that it is to be merged into
 * (trust-model rule 2). At the base the tree alone tells what was there.
 */
export function secretsOptionsFor(
  policy: Readonly<Record<string, unknown>>,
  change: Change,
  side: 'head' | 'base',
): Record<string, unknown> {
  const rulesAt = change.revision;
  // What was there already is compared, not judged: nobody is asked about it.
  if (side === 'base') return { history: 'off', rulesAt, verify: false };
  if (policy.history === 'off') return { history: 'off', rulesAt };
  return { history: 'range', base: change.mergeBase, rulesAt };
}

const STANDARD: SecretsOptions = { history: 'auto', staged: false, verify: false };
/** All of them, those that only a caller can set too. */
const NAMES = [
  'history',
  'base',
  'staged',
  'index',
  'verify',
  'rules',
  'rulesAt',
] as const satisfies readonly (keyof SecretsOptions)[];

/** Throws SP-OPTION for a value that it does not understand. Options of other engines of the stage are left alone. */
export async function parseSecretsOptions(value: Readonly<Record<string, unknown>>): Promise<SecretsOptions> {
  if (!namesAny(value, NAMES)) return STANDARD;
  const { readSecretsOptions } = await import('./options-schema.ts');
  const given = readSecretsOptions(value);
  return {
    ...given,
    history: given.history ?? STANDARD.history,
    staged: given.staged ?? STANDARD.staged,
    verify: given.verify ?? STANDARD.verify,
  };
}
