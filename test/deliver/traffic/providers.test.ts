import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { command } from '../../../src/deliver/traffic/command.ts';
import { haproxy } from '../../../src/deliver/traffic/haproxy.ts';
import { nginx } from '../../../src/deliver/traffic/nginx.ts';
import { setAndVerify } from '../../../src/deliver/traffic/traffic.ts';
import { world } from '../world.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sallyport-traffic-'));
  undo.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function socket(answer: (commands: string) => string): Promise<string> {
  const path = join(folder(), 'admin.sock');
  const server = createServer((connection) => {
    connection.once('data', (data) => connection.end(answer(data.toString())));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  undo.push(() => server.close());
  return path;
}

const names = { backend: 'be', canary: 'c', baseline: 'b' };

describe('HAProxy', () => {
  it('takes silence for success only when the weight read back is the one that was set', async () => {
    const weights: Record<string, number> = { 'be/c': 0, 'be/b': 100 };
    const said = await socket((text) =>
      text
        .trim()
        .split('; ')
        .map((one) => {
          const [verb, , server = '', value] = one.split(' ');
          if (verb === 'get') return `${weights[server]} (initial 100)\n`;
          weights[server] = Number(value);
          return '\n';
        })
        .join(''),
    );
    const traffic = haproxy({ socket: said, ...names });
    await setAndVerify(traffic, 25, 1);
    expect(weights).toEqual({ 'be/c': 25, 'be/b': 75 });
    weights['be/c'] = 75;
    expect(await traffic.get()).toBe(50);
  });

  it.each(['No such server.\n', 'Permission denied\n', ''])('refuses the answer %j', async (answer) => {
    const traffic = haproxy({ socket: await socket(() => answer), ...names });
    await expect(traffic.get()).rejects.toMatchObject({ code: 'SP-TRAFFIC' });
  });

  it('does not believe a proxy that stays where it was, and says when nobody is there', async () => {
    const stuck = haproxy({
      socket: await socket((text) => (text.startsWith('get') ? '50 (initial 100)\n' : '\n')),
      ...names,
    });
    await expect(setAndVerify(stuck, 10, 1)).rejects.toThrow(/did not take the weight/u);
    await expect(haproxy({ socket: '/nowhere/admin.sock', ...names }).get()).rejects.toMatchObject({
      code: 'SP-SOCKET',
    });
  });
});

describe('nginx', () => {
  const plan = (file: string, reload: string[]) => ({
    file,
    variable: 'arm',
    key: '$request_id',
    canary: 'c',
    baseline: 'b',
    reload,
  });

  it('writes the file and reads it back', async () => {
    const file = join(folder(), 'split.conf');
    const traffic = nginx(plan(file, ['true']), world('/'));
    for (const weight of [0, 1, 50, 99, 100]) await setAndVerify(traffic, weight, 1);
    await setAndVerify(traffic, 10, 1);
    expect(readFileSync(file, 'utf8')).toContain(
      'split_clients "$request_id" $arm {\n    10% c;\n    * b;\n}',
    );
  });

  it('puts the old file back where the reload fails, and refuses a file that it did not write', async () => {
    const file = join(folder(), 'split.conf');
    await nginx(plan(file, ['true']), world('/')).set(10, 1);
    await expect(nginx(plan(file, ['false']), world('/')).set(50, 1)).rejects.toMatchObject({
      code: 'SP-TRAFFIC',
    });
    expect(await nginx(plan(file, ['true']), world('/')).get()).toBe(10);
    writeFileSync(file, '# mine\n');
    await expect(nginx(plan(file, ['true']), world('/')).get()).rejects.toMatchObject({ code: 'SP-TRAFFIC' });
  });
});

describe('a command', () => {
  it('is run without a shell, with the weight in its place', async () => {
    const file = join(folder(), 'weight');
    const set = [
      'node',
      '-e',
      'require("fs").writeFileSync(process.argv[1], process.argv[2])',
      file,
      '{weight}',
    ];
    const traffic = command({ set, get: ['cat', file], timeout: 10_000 }, world('/'));
    await setAndVerify(traffic, 37, 1);
    expect(readFileSync(file, 'utf8')).toBe('37');
  });

  it.each([
    ['what is no number', ['echo', 'ten']],
    ['more than 100', ['echo', '101']],
    ['nothing', ['true']],
    ['a failure', ['false']],
  ])('refuses %s', async (_what, get) => {
    await expect(command({ set: ['true'], get, timeout: 5_000 }, world('/')).get()).rejects.toMatchObject({
      code: 'SP-TRAFFIC',
    });
  });
});
