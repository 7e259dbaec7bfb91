import { expect, it } from 'vitest';
import { parseConfigurationOptions } from '../../src/scan/configuration/options.ts';
import { parseAdvisoryOptions, parseLockOptions } from '../../src/scan/dependencies/options.ts';
import { parseSecretsOptions } from '../../src/scan/secrets/options.ts';

const parsers = {
  configuration: [
    parseConfigurationOptions,
    { nonRootBaseImages: [], maxFileBytes: 1_048_576, maxFiles: 20_000 },
  ],
  lockfiles: [parseLockOptions, {}],
  advisories: [parseAdvisoryOptions, { vulnerabilities: 'when-present' }],
  secrets: [parseSecretsOptions, { history: 'auto', staged: false, verify: false }],
} as const;

it.each(Object.entries(parsers))(
  'options of %s have standards, beside those of other engines too',
  async (_name, [parse, standard]) => {
    expect(await parse({})).toEqual(standard);
    expect(await parse({ somebodyElses: 1 })).toEqual(standard);
  },
);

it('one option leaves the others as they are', async () => {
  expect(await parseConfigurationOptions({ maxFiles: 1 })).toEqual({
    nonRootBaseImages: [],
    maxFileBytes: 1_048_576,
    maxFiles: 1,
  });
  expect(await parseSecretsOptions({ staged: true })).toEqual({
    history: 'auto',
    staged: true,
    verify: false,
  });
  expect(await parseAdvisoryOptions({ indexDigests: ['0'.repeat(64)] })).toMatchObject({
    vulnerabilities: 'when-present',
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
