import { execFileSync, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskFiles } from '../../src/platform/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A pipe with a name, and what somebody reads from it. */
function pipe(name: string): { path: string; read: Promise<string> } {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
  const read = new Promise<string>((resolve) => {
    let text = '';
    reader.stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    reader.on('close', () => resolve(text));
  });
  return { path, read };
}

describe('writing', () => {
  it('replaces a file whole and leaves nothing beside it', async () => {
    const path = join(folder, 'a', 'report.json');
    await diskFiles.write(path, ['one']);
    const { bytes, sha256 } = await diskFiles.write(path, ['t', 'wo']);
    expect({ text: readFileSync(path, 'utf8'), bytes }).toEqual({ text: 'two', bytes: 3 });
    expect(sha256).toMatch(/^3fc4ccfe745870e2/u);
    expect(readdirSync(join(folder, 'a'))).toEqual(['report.json']);
  });

  it.skipIf(process.platform === 'win32')('goes into a pipe, which stays one', async () => {
    const { path, read } = pipe('written');
    await diskFiles.write(path, ['through ', 'it']);
    expect(await read).toBe('through it');
    expect(lstatSync(path).isFIFO()).toBe(true);
    const copied = pipe('copied');
    writeFileSync(join(folder, 'from'), 'a copy');
    await diskFiles.copy(join(folder, 'from'), copied.path);
    expect(await copied.read).toBe('a copy');
    expect(lstatSync(copied.path).isFIFO()).toBe(true);
  });

  it.skipIf(process.platform === 'win32')(
    'takes the place of a link, and writes nothing through it',
    async () => {
      writeFileSync(join(folder, 'elsewhere'), 'as it was');
      symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
      await diskFiles.write(join(folder, 'link'), ['new']);
      expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('as it was');
      expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('new');
    },
  );

  it('leaves nothing behind where it fails half-way', async () => {
    const path = join(folder, 'half');
    const broken = function* () {
      yield 'x'.repeat(2_000_000);
      throw new Error('no more');
    };
    await expect(diskFiles.write(path, broken())).rejects.toMatchObject({ code: 'SP-FILE-UNWRITABLE' });
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('what the system has under /proc and /dev', () => {
  it('is never moved upon', async () => {
    // Where a rename would do no harm: who runs these tests may be root.
    const other = `${process.pid}`;
    const path = `/proc/${other}/fd/no-such`;
    await expect(diskFiles.write(path, ['x'])).rejects.toMatchObject({ code: 'SP-FILE-UNWRITABLE' });
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
