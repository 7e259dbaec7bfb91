import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publicTrustedRoot } from '../../src/attest/trust/tuf.ts';
import { type Http, offlineHttp } from '../../src/platform/http.ts';
import { temporaryFolder, testContext } from '../gate/support.ts';
import { Key, repository, rootOf } from './tuf-repository.ts';

const HOST = 'tuf-repo-cdn.sigstore.dev';

function serving(files: ReadonlyMap<string, string>): Http {
  return {
    get: offlineHttp.get,
    request: async ({ url }) => {
      const path = new URL(url).pathname.slice(1);
      const text = files.get(path);
      return {
        status: text === undefined ? 404 : 200,
        url,
        header: () => null,
        body: Buffer.from(text ?? ''),
      };
    },
  };
}

const [first, second] = [new Key(), new Key()];
const PINNED = Buffer.from(rootOf(1, first));
const GOOD = '{"the":"good root"}';
const FORGED = '{"the":"forged root"}';

/** A cache that a run with the network left, after the keys were rotated. */
async function filled(): Promise<string> {
  const folder = temporaryFolder();
  const files = repository(second, GOOD);
  files.set('2.root.json', rootOf(2, second, first));
  const context = testContext({ http: serving(files) });
  expect((await publicTrustedRoot(folder, context, PINNED)).toString()).toBe(GOOD);
  return folder;
}

const offline = async (folder: string) =>
  (await publicTrustedRoot(folder, testContext({ http: offlineHttp }), PINNED)).toString();

/** Writes what an earlier job on the same machine would write there. */
function poison(folder: string, files: ReadonlyMap<string, string>): void {
  const cache = join(folder, HOST);
  mkdirSync(join(cache, 'targets'), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(cache, path), text);
}

/** A repository of one's own, in the form of a cache. */
function forged(key: Key, root: string): Map<string, string> {
  const files = repository(key, FORGED);
  return new Map([
    ['root.json', root],
    ['2.root.json', root],
    ['timestamp.json', files.get('timestamp.json') ?? ''],
    ['snapshot.json', files.get('1.snapshot.json') ?? ''],
    ['targets.json', files.get('1.targets.json') ?? ''],
    ['targets/trusted_root.json', FORGED],
  ]);
}

describe('rule 12: what is kept of the trusted root is verified again at each read', () => {
  it('is used without the network, through every change of keys since the root that is pinned', async () => {
    const folder = await filled();
    expect(await offline(folder)).toBe(GOOD);
    expect(existsSync(join(folder, HOST, '2.root.json'))).toBe(true);
  });

  it.each<[string, () => Map<string, string>]>([
    [
      'a whole repository of its own',
      () => {
        const mallory = new Key();
        return forged(mallory, rootOf(1, mallory));
      },
    ],
    [
      'a newer root that nobody before it signed',
      () => {
        const mallory = new Key();
        return forged(mallory, rootOf(2, mallory));
      },
    ],
    [
      'a root of a later version',
      () => {
        const mallory = new Key();
        return forged(mallory, rootOf(9, mallory, mallory));
      },
    ],
    [
      'metadata that the root’s keys did not sign',
      () => {
        const files = forged(new Key(), '');
        files.delete('root.json');
        files.delete('2.root.json');
        return files;
      },
    ],
    [
      'rubbish',
      () =>
        new Map([
          ['root.json', '{'],
          ['2.root.json', '<html>'],
          ['timestamp.json', ''],
        ]),
    ],
  ])('is not believed where an earlier job put %s there', async (_name, files) => {
    for (const folder of [await filled(), temporaryFolder()]) {
      poison(folder, files());
      await expect(offline(folder)).rejects.toMatchObject({
        code: expect.stringMatching(/^SP-(?:ROOT-UPDATE|OFFLINE)$/u),
      });
    }
  });

  it('is taken from the network again where the kept target was changed, or a root was', async () => {
    const folder = await filled();
    poison(folder, new Map([['targets/trusted_root.json', FORGED]]));
    await expect(offline(folder)).rejects.toMatchObject({ code: 'SP-ROOT-UPDATE' });
    const files = repository(second, GOOD);
    files.set('2.root.json', rootOf(2, second, first));
    poison(folder, new Map([['2.root.json', rootOf(2, new Key())]]));
    const context = testContext({ http: serving(files) });
    expect((await publicTrustedRoot(folder, context, PINNED)).toString()).toBe(GOOD);
    expect(await offline(folder)).toBe(GOOD);
    expect(readFileSync(join(folder, HOST, '2.root.json'), 'utf8')).toContain(second.id);
  });

  it('is not used once its timestamp has expired', async () => {
    const folder = await filled();
    const stale = repository(second, GOOD, '2026-01-01T00:00:00Z');
    poison(folder, new Map([['timestamp.json', stale.get('timestamp.json') ?? '']]));
    await expect(offline(folder)).rejects.toMatchObject({ code: 'SP-ROOT-UPDATE' });
  });
});
