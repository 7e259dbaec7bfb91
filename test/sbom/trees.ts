import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SallyportError } from '../../src/model/error.ts';
import { byPath, type SourceTree } from '../../src/platform/tree.ts';
import { foreignHosts, PUBLIC_HOSTS } from '../../src/sbom/lockfiles/hosts.ts';
import { lockKinds } from '../../src/sbom/lockfiles/registry.ts';
import { type LockedTree, readLocked } from '../../src/sbom/read-tree.ts';

const fixtures = fileURLToPath(new URL('../fixtures/sbom', import.meta.url));

/** A tree of files that are given as text or bytes. */
export function treeOf(files: Record<string, string | Uint8Array>): SourceTree {
  const contents = new Map(
    Object.entries(files).map(([path, content]) => [path, Buffer.from(content as Uint8Array)]),
  );
  return {
    ref: { root: '' },
    entries: [...contents]
      .map(([path, content]) => ({ path, bytes: content.length, kind: 'file' as const }))
      .sort(byPath),
    read: async (path, limit) => {
      const content = contents.get(path);
      if (content === undefined || content.length > limit)
        throw new SallyportError({ code: 'SP-FILE-MISSING', message: 'no such file', place: { path } });
      return content;
    },
    close: async () => {},
  };
}

/** The files of a folder of fixtures. */
export function filesIn(folder: string): Record<string, Buffer> {
  const root = join(fixtures, folder);
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const full = join(entry.parentPath, entry.name);
        return [full.slice(root.length + 1).replaceAll('\\', '/'), readFileSync(full)];
      }),
  );
}

export async function lockedIn(folder: string): Promise<LockedTree> {
  return await lockedOf(filesIn(folder));
}

/** What a tree locks, held against the public registries; outputs of builds among the files count as handed in. */
export async function lockedOf(files: Record<string, string | Uint8Array>): Promise<LockedTree> {
  const builds = Object.entries(files)
    .filter(([path]) => lockKinds.some((kind) => kind.built === true && kind.wants(path)))
    .map(([path, content]) => ({ path, bytes: Buffer.from(content as Uint8Array) }));
  const tree = await readLocked(treeOf(files), { builds });
  const foreign = foreignHosts(tree.bom.components, new Set(PUBLIC_HOSTS));
  return { ...tree, findings: [...tree.findings, ...foreign] };
}

/** Every component as `ref scope direct`, sorted. */
export function summary(tree: LockedTree): string[] {
  return tree.bom.components.map((one) => `${one.ref} ${one.scope} ${String(one.direct)}`).sort();
}
