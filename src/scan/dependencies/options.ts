import type { Direction } from '../options.ts';
import { namesAny } from '../options.ts';
import type { AdvisoryOptions, LockOptions } from './options-schema.ts';

export const lockDirections: Readonly<Record<keyof LockOptions, Direction>> = {
  allowedHosts: 'exempt',
};

/** Where no layer says `required`, a later one still can: the first that sets it decides. */
export const advisoryDirections: Readonly<Record<keyof AdvisoryOptions, Direction>> = {
  vulnerabilities: 'fixed',
  indexDigests: 'subset',
};

export const STANDARD = { vulnerabilities: 'when-present' } as const;

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
  return (await import('./options-schema.ts')).readAdvisoryOptions(value);
}
