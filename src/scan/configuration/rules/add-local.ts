import { folderOf, resolveInTree } from '../paths.ts';
import type { DockerfileRule, RuleHit } from '../rule.ts';
import { isArchive, isGit, isUrl, sources } from './copies.ts';
import { define } from './define.ts';

export const addLocal: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3020',
    name: 'add-instead-of-copy',
    summary: 'ADD is used where COPY would do',
    why: 'ADD unpacks archives and fetches URLs: whoever can change the source can place files elsewhere in the image. COPY does what it says.',
    help: 'Use COPY. ADD is for archives that are to be unpacked and for remote files with `--checksum`.',
    severity: 'low',
    tags: ['hygiene', 'CIS-Docker-4.9'],
  }),
  *check(file, { tree, contexts }): Iterable<RuleHit> {
    for (const instruction of file.instructions) {
      if (instruction.keyword !== 'ADD') continue;
      const names = sources(instruction);
      if (names.length === 0) continue;
      const local = names.filter(({ text }) => !isArchive(text) && !isUrl(text) && !isGit(text));
      const [first] = local;
      if (first === undefined) continue;
      const folders = contexts.length > 0 ? contexts : [folderOf(file.source.path), ''];
      // COPY differs from ADD for archives, whatever they are called: only a name that shows what it is, is safe.
      const safe =
        !instruction.onbuild &&
        local.length === names.length &&
        names.every(({ text }) => isPlain(text) || isFolder(text, folders, tree.hasFolder)) &&
        instruction.flags.every(({ name }) => name === 'chown' || name === 'chmod' || name === 'link');
      yield {
        message: `ADD ${first.text.slice(0, 80)} should be COPY`,
        at: instruction.onbuild ? instruction : instruction.keywordSpan,
        context: `ADD ${instruction.args.map(({ text }) => text).join(' ')}`,
        ...(instruction.onbuild || local.length !== names.length
          ? {}
          : {
              fix: { description: 'Use COPY', safe, edits: [{ at: instruction.keywordSpan, text: 'COPY' }] },
            }),
      };
    }
  },
};

/** A literal name with an ending that no archive has. */
function isPlain(text: string): boolean {
  return (
    !/[*?[$]/u.test(text) &&
    /[^/]\.(?!(?:t?[a-z]*z[a-z0-9]*|tar|zip|img|bin|dat|data|pkg)$)[A-Za-z][A-Za-z0-9]*$/u.test(text)
  );
}

function isFolder(text: string, folders: readonly string[], hasFolder: (path: string) => boolean): boolean {
  if (/[*?[$]/u.test(text)) return false;
  const found = folders.map((folder) => resolveInTree(folder, text.replace(/^\/+/u, '')));
  return found.length > 0 && found.some((path) => path !== null && path !== '' && hasFolder(path));
}
