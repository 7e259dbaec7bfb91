import { describe, expect, it } from 'vitest';
import { parseConfigurationOptions } from '../../src/scan/configuration/options.ts';
import { readConfigurationOptions } from '../../src/scan/configuration/options-schema.ts';
import { parseAdvisoryOptions, parseLockOptions } from '../../src/scan/dependencies/options.ts';
import { readAdvisoryOptions, readLockOptions } from '../../src/scan/dependencies/options-schema.ts';
import { parseSecretsOptions } from '../../src/scan/secrets/options.ts';
import { readSecretsOptions } from '../../src/scan/secrets/options-schema.ts';

const readers = {
  configuration: [parseConfigurationOptions, readConfigurationOptions],
  lockfiles: [parseLockOptions, readLockOptions],
  advisories: [parseAdvisoryOptions, readAdvisoryOptions],
  secrets: [parseSecretsOptions, readSecretsOptions],
} as const;

describe.each(Object.entries(readers))('options of %s', (_name, [parse, read]) => {
  it('are the schema’s where none is given', async () => {
    expect(await parse({})).toEqual(read({}));
    expect(await parse({ somebodyElses: 1 })).toEqual(read({ somebodyElses: 1 }));
  });
});

it('asks the schema for each option that there is', async () => {
  const each = {
    allowedBaseImages: parseConfigurationOptions,
    allowedRegistries: parseConfigurationOptions,
    nonRootBaseImages: parseConfigurationOptions,
    maxFileBytes: parseConfigurationOptions,
    maxFiles: parseConfigurationOptions,
    allowedHosts: parseLockOptions,
    vulnerabilities: parseAdvisoryOptions,
    indexDigests: parseAdvisoryOptions,
    history: parseSecretsOptions,
    base: parseSecretsOptions,
    staged: parseSecretsOptions,
    index: parseSecretsOptions,
    verify: parseSecretsOptions,
    rules: parseSecretsOptions,
    rulesAt: parseSecretsOptions,
  };
  for (const [name, parse] of Object.entries(each))
    await expect(parse({ [name]: { no: 'such value' } }), name).rejects.toThrow(
      /not understood|does not understand/u,
    );
});
