import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fileStore } from '../../../src/deliver/state/file-store.ts';
import { gitStore } from '../../../src/deliver/state/git-store.ts';
import { parseState } from '../../../src/deliver/state/state.ts';
import { MAX_STATE_BYTES, type StateStore } from '../../../src/deliver/state/store.ts';
import { world } from '../world.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  folders.push(made);
  return made;
}

function repository(...options: string[]): string {
  const made = folder();
  execFileSync('git', ['init', '--quiet', ...options, made]);
  return made;
}

const kinds: [string, () => [StateStore, StateStore]][] = [
  [
    'a folder',
    () => {
      const made = folder();
      return [fileStore(made), fileStore(made)];
    },
  ],
  [
    'a Git ref',
    () => {
      const made = repository();
      return [
        gitStore({ repository: made }, 'a-b', world('/')),
        gitStore({ repository: made }, 'a-b', world('/')),
      ];
    },
  ],
  [
    'a Git ref of a remote',
    () => {
      const remote = repository('--bare');
      const [a, b] = [repository(), repository()];
      return [
        gitStore({ repository: a, remote }, 'a-b', world('/')),
        gitStore({ repository: b, remote }, 'a-b', world('/')),
      ];
    },
  ],
];

describe.each(kinds)('state in %s', (_name, make) => {
  it('is nothing at first, then what was written last, for everybody', async () => {
    const [one, two] = make();
    const first = await one.read();
    expect(first.text).toBeNull();
    const version = await one.write('{"n":1}', first.version);
    expect(await two.read()).toEqual({ version, text: '{"n":1}' });
    const next = await two.write('{"n":2}', version);
    expect(await one.read()).toEqual({ version: next, text: '{"n":2}' });
  });

  it('refuses a write over something that was not read', async () => {
    const [one, two] = make();
    const { version } = await one.read();
    await one.write('{"n":1}', version);
    await expect(two.write('{"n":2}', version)).rejects.toMatchObject({ code: 'SP-STATE-CONFLICT' });
    expect((await two.read()).text).toBe('{"n":1}');
  });

  it('lets exactly one of several writers win', async () => {
    const [one, two] = make();
    const { version } = await one.read();
    const tries = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => (n % 2 ? one : two).write(`{"n":${n}}`, version)),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('refuses what is too large', async () => {
    const [one] = make();
    await expect(one.write('x'.repeat(MAX_STATE_BYTES + 1), '0')).rejects.toMatchObject({
      code: 'SP-STATE-SIZE',
    });
  });
});

describe('a folder of versions', () => {
  it('stays small, and a writer from long ago still conflicts', async () => {
    const made = folder();
    const store = fileStore(made);
    const old = await store.write('{"n":0}', '0');
    let version = old;
    for (let n = 1; n < 60; n += 1) version = await store.write(`{"n":${n}}`, version);
    expect(readdirSync(made).length).toBeLessThan(20);
    await expect(store.write('{"late":1}', old)).rejects.toMatchObject({ code: 'SP-STATE-CONFLICT' });
    expect((await store.read()).text).toBe('{"n":59}');
  });
});

describe('a state that cannot be read', () => {
  it.each(['', 'null', '{}', '{"format":2}', '[]'])('%j is a problem, not an empty state', (text) => {
    expect(() => parseState(text)).toThrow(/cannot be read/u);
  });
});
