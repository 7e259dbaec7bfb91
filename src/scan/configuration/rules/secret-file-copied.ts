import { buildContext } from '../build-context.ts';
import { fileNameOf, resolveInTree } from '../paths.ts';
import type { DockerfileRule, RuleHit } from '../rule.ts';
import { secretKind } from '../secret-files.ts';
import { sources } from './copies.ts';
import { define } from './define.ts';

/** Folders that hold credentials and nothing else that an image needs. */
const FOLDERS: Record<string, string> = {
  '.aws': 'cloud credentials',
  '.kube': 'cluster credentials',
  '.ssh': 'SSH keys',
  '.gnupg': 'PGP keys',
  '.docker': 'registry credentials',
  '.git': 'the whole history',
};
/** Certificates and public keys share their endings with private ones. */
const PUBLIC =
  /(?:ca|cert|certs|certificate|chain|fullchain|bundle|root|pub|public|gpg|pgp|apt|rpm|repo|archive|keyring|release|signing-key)(?:[^a-z]|$)/iu;

export const secretFileCopied: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD108',
    name: 'secret-file-copied',
    summary: 'A file that holds secrets is copied into the image',
    why: 'Everyone who can pull the image reads the file, also when a later instruction removes it: it stays in its layer.',
    help: 'Mount it while it is needed: `RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci`, and hand secrets to the running container from outside.',
    severity: 'medium',
    tags: ['secret', 'CWE-538', 'CWE-312', 'CIS-Docker-4.10'],
  }),
  *check(file, { tree, contexts }): Iterable<RuleHit> {
    let context: string | null = null;
    for (const instruction of file.instructions) {
      if (instruction.flags.some(({ name }) => name === 'from')) continue;
      for (const source of sources(instruction)) {
        const path = source.expanded.value.replace(/\/+(?:\*\*?)?$/u, '');
        const name = fileNameOf(path).toLowerCase();
        const folder = Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined;
        const what = folder ?? secretKind(path);
        if (what === null) continue;
        context ??= buildContext(file, tree, contexts);
        const inTree = resolveInTree(context, path.replace(/^\/+/u, ''));
        const known = tree.secretFiles.find((each) => each.path === inTree);
        if (known?.verdict === 'harmless') continue;
        if (known === undefined && folder === undefined && what === 'private key' && PUBLIC.test(name))
          continue;
        yield {
          message: `${instruction.keyword} puts ${source.text.slice(0, 100)} (${what}) into the image`,
          at: source,
          context: `${instruction.keyword} ${source.text}`,
          severity: known?.verdict === 'secret' ? 'high' : name === '.git' ? 'low' : undefined,
        };
      }
    }
  },
};
