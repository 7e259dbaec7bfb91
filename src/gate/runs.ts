import { lstatSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SallyportError } from '../model/error.ts';

const RUN_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/u;
/** Runs that are kept beside the one that begins. */
const KEPT_RUNS = 49;

/** A hook runs at every commit: of what runs left behind the newest stays. Only folders of the form of a run are touched. */
export async function forgetOldest(runs: string): Promise<void> {
  const found = await readdir(runs, { withFileTypes: true }).catch(() => []);
  const names = found
    .filter((entry) => entry.isDirectory() && RUN_ID.test(entry.name))
    .map(({ name }) => name);
  for (const name of names.sort().slice(0, -KEPT_RUNS))
    await rm(join(runs, name), { recursive: true, force: true });
}

/** A link would send what is written here wherever the repository likes. Throws SP-RUN-FOLDER. */
export function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new SallyportError({
    code: 'SP-RUN-FOLDER',
    message: 'the folder for runs is a symbolic link',
    place: { path },
    expected: 'a folder, or nothing',
    next: 'remove the link',
  });
}
