import { type Direction, namesAny } from '../options.ts';
import type { ConfigurationOptions } from './options-schema.ts';

/** Naming more images as allowed or harmless loosens; limits stand as the first layer sets them. */
export const configurationDirections: Readonly<Record<keyof ConfigurationOptions, Direction>> = {
  allowedBaseImages: 'subset',
  allowedRegistries: 'subset',
  nonRootBaseImages: 'exempt',
  maxFileBytes: 'fixed',
  maxFiles: 'fixed',
};

export const STANDARD = {
  nonRootBaseImages: [] as string[],
  maxFileBytes: 1024 * 1024,
  maxFiles: 20_000,
};

/** Throws SP-CONFIGURATION-OPTIONS, naming every key that is wrong. */
export async function parseConfigurationOptions(
  value: Readonly<Record<string, unknown>>,
): Promise<ConfigurationOptions> {
  if (!namesAny(value, Object.keys(configurationDirections))) return STANDARD;
  return (await import('./options-schema.ts')).readConfigurationOptions(value);
}
