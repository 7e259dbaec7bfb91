import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';

const REPOSITORY = 'https://tuf-repo-cdn.sigstore.dev';
const TIMEOUT = 15_000;

/** A chain of roots is as long as the keys were changed often; the public one is at its 14th in 2026. */
const MAX_ROOTS = 256;
const MAX_ROOT = 512 * 1024;

/**
 * The public instance's trusted root by The Update Framework: from the root that is pinned in this package, through
 * signed and unexpired metadata. What is kept in `folder` is verified again each time, from the pinned root on: an
 * earlier job may have written it (trust-model rule 12). Without the network it counts until its own signed timestamp
 * expires. Throws SP-ROOT-UPDATE.
 */
export async function publicTrustedRoot(folder: string, context: Context, pinned?: Buffer): Promise<Buffer> {
  const { Updater, BaseFetcher } = await import('tuf-js');
  class PlatformFetcher extends BaseFetcher {
    override async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
      const { status, body } = await context.http.request({
        method: 'GET',
        url,
        limits: { bytes: 8 * 1024 * 1024, timeout: TIMEOUT },
      });
      // tuf-js asks for root versions until there is none; this is how it knows.
      if (status !== 200) throw await missing(status);
      const version = /\/([0-9]{1,6})\.root\.json$/u.exec(url)?.[1];
      if (version !== undefined) replace(join(cache, `${version}.root.json`), body);
      return new Blob([new Uint8Array(body)]).stream();
    }
  }
  const cache = join(folder, 'tuf-repo-cdn.sigstore.dev');
  const targets = join(cache, 'targets');
  const first = pinned ?? (await pinnedRoot());
  try {
    mkdirSync(targets, { recursive: true, mode: 0o700 });
    replace(join(cache, 'root.json'), await newestRoot(first, cache));
  } catch (cause) {
    throw failed('the cache cannot be written', cause);
  }
  try {
    const updater = new Updater({
      metadataDir: cache,
      metadataBaseUrl: REPOSITORY,
      targetDir: targets,
      targetBaseUrl: `${REPOSITORY}/targets`,
      forceCache: true,
      fetcher: new PlatformFetcher(),
    });
    const info = await updater.getTargetInfo('trusted_root.json');
    if (info === undefined) throw new Error('the repository has no trusted_root.json');
    const path = (await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info));
    const bytes = readFileSync(path);
    // What was verified is what is used, whoever writes there in between.
    await info.verify(Readable.from([bytes]));
    return bytes;
  } catch (cause) {
    throw failed((cause as Error).message, cause);
  }
}

/**
 * The last of the kept roots to which an unbroken chain of signatures leads from the first. tuf-js begins at whatever
 * lies in its folder, and would believe the keys of whoever wrote there.
 */
async function newestRoot(first: Buffer, cache: string): Promise<Buffer> {
  const { TrustedMetadataStore } = (await import('tuf-js/dist/store.js')) as {
    TrustedMetadataStore: new (
      root: Buffer,
    ) => { root: { signed: { version: number } }; updateRoot(bytes: Buffer): unknown };
  };
  const store = new TrustedMetadataStore(first);
  let newest = first;
  for (let steps = 0; steps < MAX_ROOTS; steps += 1) {
    const path = join(cache, `${store.root.signed.version + 1}.root.json`);
    try {
      if (statSync(path).size > MAX_ROOT) break;
      const next = readFileSync(path);
      store.updateRoot(next);
      newest = next;
    } catch {
      // Not kept, or not signed by the one before it: from here on the network is asked.
      break;
    }
  }
  return newest;
}

/** Another process may read it at the same time: it is there whole or not at all. */
function replace(path: string, bytes: Buffer): void {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(temporary, bytes, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}

async function missing(status: number): Promise<Error> {
  const { DownloadHTTPError } = (await import('tuf-js/dist/error.js')) as {
    DownloadHTTPError: new (message: string, status: number) => Error;
  };
  return new DownloadHTTPError(`HTTP ${status}`, status);
}

/** The first root of trust, as the TUF client of Sigstore publishes it. */
async function pinnedRoot(): Promise<Buffer> {
  const { default: seeds } = (await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })) as {
    default: Record<string, { 'root.json': string } | undefined>;
  };
  return Buffer.from(seeds[REPOSITORY]?.['root.json'] ?? '', 'base64');
}

function failed(found: string, cause: unknown): SallyportError {
  return new SallyportError(
    {
      code: 'SP-ROOT-UPDATE',
      message: 'the trusted root of the public Sigstore cannot be had',
      expected: `signed metadata of ${REPOSITORY} that has not expired`,
      found: found.slice(0, 300),
      next: 'give a trusted root as a file: --trusted-root FILE',
    },
    { cause },
  );
}
