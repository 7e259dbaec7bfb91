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

describe.each(quickCommands)('%s, read without its declaration', (name) => {
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
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 5 }), async (words) => {
        const argv = words.flat();
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
    ['an option that is none', ['x', '--no-such'], {}],
    ['an option without its value', ['x', '--store'], {}],
    ['a choice that is none', ['x', '--report', 'xml'], {}],
    ['a number', ['x', '--max-root-age', '7'], {}],
    ['more than a list may hold', Array.from({ length: 1001 }, () => 'x'), {}],
    ['settings in the environment', ['x'], { SALLYPORT_REPORT: 'json' }],
  ])('is left to its declaration with %s', async (_what, argv, env) => {
    expect(await readQuickly(name, argv, env)).toBeNull();
  });

  it('has lists of its own each time', async () => {
    const first = await readQuickly(name, ['x'], {});
    const types = first?.inputs.type;
    if (Array.isArray(types)) types.push('changed');
    expect((await readQuickly(name, ['x'], {}))?.inputs.type).toEqual([]);
  });
});

it('is not done for other commands, nor for names of anything else', async () => {
  for (const name of ['gate', 'constructor', '__proto__', ''])
    expect(await readQuickly(name, ['x'], {})).toBeNull();
});
