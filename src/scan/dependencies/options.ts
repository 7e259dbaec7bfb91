import { type Direction, namesAny } from '../options.ts';
import type { GivenAdvisoryOptions, LockOptions } from './options-schema.ts';

export interface AdvisoryOptions extends GivenAdvisoryOptions {
  vulnerabilities: 'required' | 'when-present';
}

export const lockDirections: Readonly<Record<keyof LockOptions, Direction>> = {
  allowedHosts: 'exempt',
};

/** Where no layer says `required`, a later one still can: the first that sets it decides. */
export const advisoryDirections: Readonly<Record<keyof AdvisoryOptions, Direction>> = {
  vulnerabilities: 'fixed',
  indexDigests: 'subset',
};

const STANDARD: AdvisoryOptions = { vulnerabilities: 'when-present' };

/** Throws SP-OPTION. */
export async function parseLockOptions(value: Readonly<Record<string, unknown>>): Promise<LockOptions> {
  if (!namesAny(value, Object.keys(lockDirections))) return {};
  return (await import('./options-schema.ts')).readLockOptions(value);
}

/** Throws SP-OPTION. */
export async function parseAdvisoryOptions(
  value: Readonly<Record<string, unknown>>,
): Promise<AdvisoryOptions> {
  if (!namesAny(value, Object.keys(advisoryDirections))) return STANDARD;
  const { readAdvisoryOptions } = await import('./options-schema.ts');
  const given = readAdvisoryOptions(value);
  return {
    ...given,
    vulnerabilities: given.vulnerabilities ?? STANDARD.vulnerabilities,
  };
}
