import type { SecretRule } from '../rules/rule.ts';
import { vendorOf } from './registry.ts';
import type { Credential } from './vendor.ts';

/** How far from a credential its other half is looked for. */
const NEAR = 1500;

/**
 * What is needed to try a match out; null where nobody can be asked. Only for rules of ours: a rule of a repository
 * could have any text sent. `at`: where the match begins and ends in the text.
 */
export function credentialOf(
  rule: SecretRule,
  secret: string,
  text: string,
  at: readonly [number, number],
): Credential | null {
  const vendor = rule.trusted ? vendorOf(rule.id) : undefined;
  // A header takes visible ASCII; a token that holds anything else is none.
  if (vendor === undefined || !/^[\x21-\x7e]{8,4096}$/u.test(secret)) return null;
  const { companion } = vendor;
  if (companion === undefined) return { secret, companion: null };
  const after = companion.exec(text.slice(at[1], at[1] + NEAR));
  const before = companion.exec(text.slice(Math.max(0, at[0] - NEAR), at[0]));
  return { secret, companion: (after ?? before)?.[0] ?? null };
}
