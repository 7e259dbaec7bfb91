import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import { readBounded } from '../../platform/files.ts';
import { conflict, MAX_STATE_BYTES, refuseLarge, type StateStore } from './store.ts';

const VERSION = /^(\d{12})\.json$/u;
/** Older versions are kept this long, so that somebody who is late finds the place of the next one taken. */
const KEPT = 16;
const READS = 10;

/**
 * A folder with one file a version. The next version is taken by linking a finished file to its name, which the file
 * system lets succeed once: that link is the lock, and nobody who dies can leave it held. Local file systems only.
 */
export function fileStore(folder: string): StateStore {
  const name = `state in ${folder}`;
  const fileOf = (version: number) => join(folder, `${String(version).padStart(12, '0')}.json`);
  const versions = async (): Promise<number[]> => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names
      .flatMap((entry) => VERSION.exec(entry)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  };
  return {
    name,
    read: async () => {
      for (let attempt = 0; attempt < READS; attempt += 1) {
        const newest = (await versions()).at(-1);
        if (newest === undefined) return { version: '0', text: null };
        try {
          const content = await readBounded(fileOf(newest), MAX_STATE_BYTES);
          return { version: String(newest), text: content.toString('utf8') };
        } catch (error) {
          // Between listing and reading it was superseded and removed: look again.
          if (!(error instanceof SallyportError) || error.code !== 'SP-FILE-MISSING') throw error;
        }
      }
      throw conflict(name);
    },
    write: async (text, version) => {
      refuseLarge(name, text);
      const next = Number(version) + 1;
      await mkdir(folder, { recursive: true });
      const part = join(folder, `.${randomBytes(8).toString('hex')}.part`);
      try {
        const file = await open(part, 'wx', 0o600);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await link(part, fileOf(next));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw conflict(name);
        throw error;
      } finally {
        await rm(part, { force: true });
      }
      const all = await versions();
      if ((all.at(-1) ?? next) > next) {
        // Far behind: the place was free only because its file had been removed again.
        if (!all.includes(next - 1)) await rm(fileOf(next), { force: true });
        throw conflict(name);
      }
      for (const old of all.slice(0, -KEPT)) await rm(fileOf(old), { force: true });
      return String(next);
    },
  };
}
