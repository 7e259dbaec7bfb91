import { SallyportError } from '../../../src/model/error.ts';
import type { SourceTree, TreeEntry } from '../../../src/platform/tree.ts';
import { configuration } from '../../../src/scan/configuration/engine.ts';
import type { EngineOutput } from '../../../src/scan/engine.ts';

export type Files = Record<string, string | Buffer>;

/** A tree that holds the given files, and any further entries. */
function memoryTree(files: Files, further: TreeEntry[] = []): SourceTree {
  const entries: TreeEntry[] = Object.entries(files).map(([path, content]) => ({
    path,
    bytes: Buffer.byteLength(content),
    kind: 'file',
  }));
  return {
    ref: { root: '/nowhere' },
    entries: [...entries, ...further].sort((a, b) => (a.path < b.path ? -1 : 1)),
    async read(path, limit) {
      const content = files[path];
      if (content === undefined)
        throw new SallyportError({ code: 'SP-FILE-UNREADABLE', message: `${path} cannot be read` });
      const bytes = Buffer.from(content);
      if (bytes.length > limit)
        throw new SallyportError({
          code: 'SP-FILE-TOO-LARGE',
          message: `${path} is larger than ${limit} bytes`,
        });
      return bytes;
    },
    async close() {},
  };
}

/** Runs the engine over files. */
export async function scan(
  files: Files,
  options: Record<string, unknown> = {},
  further: TreeEntry[] = [],
  excluded: (path: string) => boolean = () => false,
): Promise<EngineOutput> {
  return await configuration.run({
    tree: memoryTree(files, further),
    options: await configuration.parseOptions(options),
    excluded,
  });
}

/** The ids of the rules that a single file breaks, each as often as it does, in order of place. */
export async function rulesOf(content: string, path = 'Dockerfile', others: Files = {}): Promise<string[]> {
  const { hits, problems } = await scan({ [path]: content, ...others });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return hits.filter(({ places }) => places[0]?.path === path).map(({ rule }) => rule);
}
