import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';

const REPOSITORY = 'https://tuf-repo-cdn.sigstore.dev';
const TIMEOUT = 15_000;

/**
 * The public instance's trusted root by The Update Framework: from the root that is pinned in this package, through
 * signed and unexpired metadata. What is kept in `folder` is verified again each time; without the network it counts
 * until its own signed timestamp expires. Throws SP-ROOT-UPDATE.
 */
export async function publicTrustedRoot(folder: string, context: Context): Promise<Buffer> {
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
      return new Blob([new Uint8Array(body)]).stream();
    }
  }
  const cache = join(folder, 'tuf-repo-cdn.sigstore.dev');
  const targets = join(cache, 'targets');
  try {
    mkdirSync(targets, { recursive: true, mode: 0o700 });
    writeFileSync(join(cache, 'root.json'), await pinnedRoot(), { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
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
    return readFileSync(path);
  } catch (cause) {
    throw failed((cause as Error).message, cause);
  }
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
