import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nearest } from '../../src/commands/catalogue.ts';
import { type Command, defineCommand } from '../../src/commands/command.ts';
import { fromText, parseFlags } from '../../src/commands/flags.ts';
import { environmentName, fieldsOf } from '../../src/commands/inputs.ts';
import { invoke } from '../../src/commands/invoke.ts';
import { commands, loadCommand } from '../../src/commands/registry.ts';
import { testContext } from '../gate/support.ts';

let seen: Record<string, unknown> | null = null;
const command = defineCommand({
  name: 'try out',
  summary: 'Try.',
  description: 'Tries.',
  examples: [],
  inputs: z.strictObject({
    place: z.string().default('.').meta({ description: 'Where.', placeholder: 'PATH', positional: true }),
    maxCount: z.int().min(1).default(3).meta({ description: 'How many.', placeholder: 'N' }),
    format: z.enum(['a', 'b']).default('a').meta({ description: 'Which.' }),
    item: z.array(z.string()).default([]).meta({ description: 'What.', placeholder: 'NAME' }),
    loud: z.boolean().default(false).meta({ description: 'Loud.' }),
    base: z
      .string()
      .optional()
      .meta({ description: 'Base.', placeholder: 'REF', environment: false, only: 'cli' }),
    offline: z.boolean().default(false).meta({ description: 'No network.' }),
  }),
  outputs: { decision: 'x' },
  run: async (inputs, context) => {
    seen = inputs;
    if (inputs.item.includes('throw')) throw new Error('a defect');
    if (inputs.item.includes('fetch'))
      await context.http.get('https://example.com', { bytes: 1, timeout: 1 });
    return { exit: 0 };
  },
}) as unknown as Command;

const parse = (argv: string[], env: Record<string, string> = {}) => parseFlags(command, argv, env);

describe('flags', () => {
  it('come from the schema', () => {
    expect(
      parse(['here', '--max-count', '5', '--item', 'x', '--item', 'y', '--loud', '--base', 'main']),
    ).toEqual({
      kind: 'run',
      raw: { place: 'here', maxCount: 5, item: ['x', 'y'], loud: true, base: 'main' },
      ignored: [],
    });
  });

  it.each([
    ['an unknown option', ['--max-cuont', '3'], '--max-count'],
    ['an option without its value', ['--max-count'], 'argument missing'],
    ['an argument too many', ['a', 'b'], 'too many arguments'],
  ])('%s is wrong usage', (_name, argv, said) => {
    expect(parse(argv)).toMatchObject({ kind: 'said', exit: 2, text: expect.stringContaining(said) });
  });

  it('help is no failure', () => {
    expect(parse(['--help'])).toMatchObject({
      kind: 'said',
      exit: 0,
      text: expect.stringContaining('--max-count <N>'),
    });
  });
});

describe('the environment', () => {
  const env = { SALLYPORT_MAX_COUNT: '7', SALLYPORT_ITEM: 'x\ny', SALLYPORT_BASE: 'main' };

  it('is read on a laptop, but not for what must not come from there', () => {
    expect(parse([], env)).toMatchObject({
      raw: { maxCount: 7, item: ['x', 'y'] },
      ignored: ['SALLYPORT_BASE'],
    });
  });

  it.each([{ CI: 'true' }, { GITHUB_ACTIONS: 'true' }, { CI: '1' }])('is not read in CI (%j)', (ci) => {
    expect(parse([], { ...env, ...ci })).toMatchObject({
      raw: {},
      ignored: ['SALLYPORT_MAX_COUNT', 'SALLYPORT_ITEM', 'SALLYPORT_BASE'],
    });
  });

  it('does not win over the command line', () => {
    expect(parse(['--max-count', '2'], env)).toMatchObject({ raw: { maxCount: 2 } });
  });
});

describe('running a command', () => {
  const run = async (raw: Record<string, unknown>) => {
    const context = testContext();
    const result = await invoke(command, raw, context);
    return { ...result, said: context.said.join('\n') };
  };

  it('fills in what was not given', async () => {
    expect((await run({})).exit).toBe(0);
    expect(seen).toEqual({ place: '.', maxCount: 3, format: 'a', item: [], loud: false, offline: false });
  });

  it.each([
    ['a choice that is none', { format: 'c' }, '--format'],
    ['a number that is none', { maxCount: Number('x') }, '--max-count'],
    ['a number out of range', { maxCount: 0 }, '--max-count'],
    ['a flag that is no flag', { loud: 'yes' }, '--loud'],
    ['an input that there is not', { nothing: 1 }, 'try out'],
    ['a defect', { item: ['throw'] }, 'SP-INTERNAL'],
    ['the network, offline', { item: ['fetch'], offline: true }, 'SP-OFFLINE'],
  ])('%s is no verdict', async (_name, raw, said) => {
    const result = await run(raw);
    expect(result.exit).toBe(2);
    expect(result.outputs).toEqual({ decision: 'error' });
    expect(result.said).toContain(said);
  });

  it('takes any text without a crash', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--item', '--loud', '--', '-', '--max-count', '=')), {
          maxLength: 8,
        }),
        async (argv) => {
          const parsed = parse(argv);
          if (parsed.kind === 'run') expect([0, 2]).toContain((await run(parsed.raw)).exit);
          else expect([0, 2]).toContain(parsed.exit);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('every command', () => {
  it.each(Object.keys(commands))('%s declares itself in full', async (name) => {
    const loaded = await loadCommand(name);
    expect(loaded.name).toBe(name);
    expect(loaded.summary).toMatch(/^[A-Z].*\.$/u);
    expect(loaded.examples.length).toBeGreaterThan(0);
    for (const example of loaded.examples) expect(example.run).toContain(`sallyport ${name}`);
    for (const field of fieldsOf(loaded)) {
      expect(field.description).toMatch(/\.$/u);
      expect(environmentName(field)).toMatch(/^SALLYPORT_[A-Z_]+$/u);
    }
  });

  it('never takes policy, base or evidence from the environment', async () => {
    for (const name of Object.keys(commands)) {
      for (const field of fieldsOf(await loadCommand(name))) {
        if (/^(?:policy|base|sarif|base-sarif|engine|owner|reason|gate)$/u.test(field.name))
          expect(field.environment, `${name} ${field.name}`).toBe(false);
      }
    }
  });

  it('keeps the base from being an input of the action', async () => {
    const base = fieldsOf(await loadCommand('gate')).find((field) => field.name === 'base');
    expect(base?.only).toBe('cli');
  });
});

it('names the nearest known word, if it is near', () => {
  expect(nearest('gaet', ['gate', 'scan'])).toBe('gate');
  expect(nearest('polciy', ['policy', 'sarif'])).toBe('policy');
  expect(nearest('xyzzy', ['gate', 'scan'])).toBeNull();
});

it('reads inputs of an action as text', () => {
  const field = (name: string) => {
    const found = fieldsOf(command).find((f) => f.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  expect(fromText(field('item'), ' a \n\n b\r\n')).toEqual(['a', 'b']);
  expect(fromText(field('loud'), 'true')).toBe(true);
  expect(fromText(field('loud'), 'True')).toBe('True');
  expect(fromText(field('max-count'), '4')).toBe(4);
});
