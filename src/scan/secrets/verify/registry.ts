import { aws } from './aws.ts';
import { table } from './table.ts';
import type { Vendor } from './vendor.ts';

/** Every vendor that can be asked about a credential. */
export const vendors: readonly Vendor[] = [...table, aws];

const byRule = new Map(vendors.flatMap((vendor) => vendor.rules.map((rule) => [rule, vendor] as const)));

/** Who can be asked about what this rule found. */
export function vendorOf(rule: string): Vendor | undefined {
  return byRule.get(rule);
}
