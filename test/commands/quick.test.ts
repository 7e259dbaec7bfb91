import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../src/commands/flags.ts';
import { fieldsOf } from '../../src/commands/inputs.ts';
import { quickCommands, readQuickly } from '../../src/commands/quick.ts';
import { loadCommand } from '../../src/commands/registry.ts';

/** What the command's own declaration makes of a command line; null where it refuses it. */
async function declared(name: string, argv: readonly string[]): Promise<unknown> {
  const command = await loadCommand(name);
  const parsed = parseFlags(command, argv, {});
  if (parsed.kind === 'said') return null;
  const read = command.inputs.safeParse(parsed.raw);
  return read.success ? read.data : null;
}

type Case = [what: string, argv: string[], env: Record<string, string>];

/** A command line that is enough for each command, and those of its own that are not read without its declaration. */
const cases: { name: string; enough: string[]; more: Case[] }[] = [
  {
    name: 'gate',
    enough: ['x'],
    more: [
      ['a choice that is none', ['x', '--gate', 'merge'], {}],
      ['a number', ['x', '--max-root-age', '7'], {}],
      ['a word too many', ['x', 'y'], {}],
    ],
  },
  {
    name: 'scan',
    enough: ['secrets'],
    more: [
      ['a choice that is none', ['x'], {}],
      ['nothing where something must be', [], {}],
      ['a word too many', ['secrets', 'x', 'y'], {}],
    ],
  },
  {
    name: 'verify',
    enough: ['x'],
    more: [
      ['a choice that is none', ['x', '--report', 'xml'], {}],
      ['a number', ['x', '--max-root-age', '7'], {}],
      ['more than a list may hold', Array.from({ length: 1001 }, () => 'x'), {}],
    ],
  },
];

describe.each(cases)('$name, read without its declaration', ({ name, enough, more }) => {
  it('is what its declaration reads, whenever it is read at all', async () => {
    const fields = fieldsOf(await loadCommand(name));
    const flag = fc.constantFrom(...fields.map((field) => `--${field.name}`), '--no-such', '-h', '-x');
    const value = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom(...fields.flatMap(({ choices }) => choices ?? []), '7', '-1', '--', '', 'true'),
    );
    const word = fc.oneof(
      { weight: 3, arbitrary: fc.tuple(flag, value).map(([a, b]) => [a, b]) },
      { weight: 2, arbitrary: fc.tuple(flag, value).map(([a, b]) => [`${a}=${b}`]) },
      { weight: 2, arbitrary: flag.map((a) => [a]) },
      { weight: 2, arbitrary: value.map((a) => [a]) },
    );
    const start = fc.constantFrom([], enough);
    let read = 0;
    await fc.assert(
      fc.asyncProperty(start, fc.array(word, { maxLength: 5 }), async (first, words) => {
        const argv = [...first, ...words.flat()];
        const quick = await readQuickly(name, argv, {});
        if (quick === null) return;
        read += 1;
        expect(quick.inputs).toEqual(await declared(name, argv));
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(40);
  });

  it.each([
    ['help', ['--help'], {}],
    ['an option that is none', [...enough, '--no-such'], {}],
    ['an option without its value', [...enough, '--policy'], {}],
    ['a value for an option that has none', [...enough, '--quiet=yes'], {}],
    ['settings in the environment', enough, { SALLYPORT_REPORT: 'json' }],
    ...more,
  ])('is left to its declaration with %s', async (_what, argv, env) => {
    expect(await readQuickly(name, enough, {})).not.toBeNull();
    expect(await readQuickly(name, argv, env)).toBeNull();
  });

  it('has lists of its own each time', async () => {
    const first = await readQuickly(name, enough, {});
    const before = structuredClone(first?.inputs);
    const lists = Object.values(first?.inputs ?? {}).filter((value) => Array.isArray(value));
    expect(lists).not.toEqual([]);
    for (const list of lists) list.push('changed');
    expect((await readQuickly(name, enough, {}))?.inputs).toEqual(before);
  });
});

it('is done for the commands above, not for others, nor for names of anything else', async () => {
  expect(cases.map(({ name }) => name).sort()).toEqual([...quickCommands].sort());
  for (const name of ['policy check', 'constructor', '__proto__', ''])
    expect(await readQuickly(name, ['x'], {})).toBeNull();
});
