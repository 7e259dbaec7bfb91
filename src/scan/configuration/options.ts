import { type Direction, namesAny } from '../options.ts';
import type { GivenConfigurationOptions } from './options-schema.ts';

export interface ConfigurationOptions extends GivenConfigurationOptions {
  nonRootBaseImages: string[];
  maxFileBytes: number;
  maxFiles: number;
}

/** Naming more images as allowed or harmless loosens; limits stand as the first layer sets them. */
export const configurationDirections: Readonly<Record<keyof ConfigurationOptions, Direction>> = {
  allowedBaseImages: 'subset',
  allowedRegistries: 'subset',
  nonRootBaseImages: 'exempt',
  maxFileBytes: 'fixed',
  maxFiles: 'fixed',
};

const STANDARD: ConfigurationOptions = {
  nonRootBaseImages: [],
  maxFileBytes: 1024 * 1024,
  maxFiles: 20_000,
};

/** Throws SP-CONFIGURATION-OPTIONS, naming every key that is wrong. */
export async function parseConfigurationOptions(
  value: Readonly<Record<string, unknown>>,
): Promise<ConfigurationOptions> {
  if (!namesAny(value, Object.keys(configurationDirections))) return STANDARD;
  const { readConfigurationOptions } = await import('./options-schema.ts');
  const given = readConfigurationOptions(value);
  return {
    ...given,
    nonRootBaseImages: given.nonRootBaseImages ?? STANDARD.nonRootBaseImages,
    maxFileBytes: given.maxFileBytes ?? STANDARD.maxFileBytes,
    maxFiles: given.maxFiles ?? STANDARD.maxFiles,
  };
}
