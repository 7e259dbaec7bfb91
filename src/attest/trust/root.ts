import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { readTrustedRoot, type TrustedInstance } from '../verify/trusted-root.ts';

const MAX_ROOT = 4 * 1024 * 1024;
const DAY = 24 * 60 * 60 * 1000;

/**
 * The instances that are trusted: those of the files, or the public one. Without the network a file must be younger
 * than `maxAgeDays`, by the time at which it was written here (trust-model rule 12). Throws SP-ROOT-*.
 */
export async function trustedInstances(
  files: readonly string[],
  options: { offline: boolean; maxAgeDays: number },
  context: Context,
): Promise<TrustedInstance[]> {
  if (files.length === 0) {
    const cache = context.env.XDG_CACHE_HOME ?? join(context.env.HOME ?? homedir(), '.cache');
    const { publicTrustedRoot } = await import('./tuf.ts');
    return readTrustedRoot(
      await publicTrustedRoot(join(cache, 'sallyport'), context),
      'the public trusted root',
    );
  }
  const instances: TrustedInstance[] = [];
  for (const file of files) {
    const path = resolve(context.cwd, file);
    const bytes = await context.files.read(path, MAX_ROOT);
    if (options.offline) await requireYoung(path, options.maxAgeDays, context);
    instances.push(...readTrustedRoot(bytes, file));
  }
  return instances;
}

async function requireYoung(path: string, days: number, context: Context): Promise<void> {
  const written = (await stat(path)).mtime;
  const age = (context.clock.now().getTime() - written.getTime()) / DAY;
  if (age <= days) return;
  throw new SallyportError({
    code: 'SP-ROOT-AGE',
    message: 'the trusted root is too old to be relied on without the network',
    place: { path },
    expected: `at most ${days} days old`,
    found: `${Math.floor(age)} days`,
    next: 'fetch it again (`cosign trusted-root create`, `gh attestation trusted-root`), or raise --max-root-age',
  });
}
