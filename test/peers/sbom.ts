/**
 * Our list of components against cdxgen's and syft's, on folders that hold lockfiles only: ours must be a superset, or
 * each missing one must have its reason here. Folders as arguments; without any, the fixtures.
 * `CDXGEN` and `SYFT` name the programs where they are not on the PATH.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWorktree } from '../../src/platform/worktree.ts';
import { readLocked } from '../../src/sbom/read-tree.ts';
import { formatPurl, parseLenientPurl } from '../../src/versions/purl.ts';
import { run } from './peer.ts';

interface SbomPeer {
  name: string;
  make(folder: string, output: string): boolean;
}

const peers: SbomPeer[] = [
  {
    name: 'syft',
    make: (folder, output) =>
      run(process.env.SYFT ?? 'syft', ['scan', `dir:${folder}`, '-q', '-o', `cyclonedx-json=${output}`])
        .status === 0,
  },
  {
    name: 'cdxgen',
    make: (folder, output) =>
      run(process.env.CDXGEN ?? 'cdxgen', ['--no-install-deps', '--no-babel', '-o', output, folder])
        .status === 0,
  },
];

/** Why a peer names something that we do not. */
const reasons: { peer: RegExp; matches(purl: string, ours: ReadonlySet<string>): boolean; reason: string }[] =
  [
    {
      peer: /./u,
      matches: (purl) => /^pkg:(?:github|githubactions)\//u.test(purl),
      reason: 'an action, which is pkg:githubactions with its commit or tag here',
    },
    {
      peer: /./u,
      matches: (purl, ours) => {
        const [name = ''] = purl.split('@');
        return (
          !purl.slice(1).includes('@') && [...ours].some((one) => one.startsWith(`${name}@`) || one === name)
        );
      },
      reason: 'named without a version by the peer, with one by us',
    },
    {
      peer: /./u,
      matches: (purl, ours) => {
        const name = purl.slice(0, purl.lastIndexOf('@'));
        return [...ours].some((one) => one === name);
      },
      reason:
        'a version that is not locked (a range, a guess from a registry, or a placeholder); we name it unresolved',
    },
    {
      peer: /./u,
      matches: (purl, ours) =>
        purl.startsWith('pkg:npm/') &&
        /@(?:0\.0\.0|latest|workspace|file|link|npm:|git)/u.test(purl.replaceAll('%3A', ':')) &&
        ours.size > 0,
      reason: 'a workspace or address under a placeholder version',
    },
    {
      peer: /syft/u,
      matches: (purl, ours) =>
        /^pkg:npm\/[^_]*_/u.test(purl) && ours.has(purl.slice(0, purl.indexOf('_', purl.indexOf('@')))),
      reason: 'pnpm 6 and 7 write the peers behind the version; syft takes them for a part of it',
    },
    {
      peer: /syft/u,
      matches: (purl) => ALIASES.has(purl.slice(0, purl.lastIndexOf('@'))),
      reason: 'an alias taken for the name of a package',
    },
    {
      peer: /./u,
      matches: (purl, ours) =>
        purl.startsWith('pkg:golang/') &&
        [...ours].some((one) => one.startsWith(`${purl.slice(0, purl.lastIndexOf('@'))}@`)),
      reason: 'another version of a module from go.sum: not the one that is built',
    },
  ];

/** Names that exist only in the fixtures' manifests: `lodash4` is an alias of `lodash`. */
const ALIASES = new Set(['pkg:npm/lodash4']);

/** Type, name and version: qualifiers and subpaths are written differently by everyone. */
function plain(text: string): string | null {
  try {
    const { type, namespace, name, version, subpath } = parseLenientPurl(text);
    // syft writes the end of a module's path (`/v5`) as a subpath.
    const parts =
      type === 'golang' && subpath !== undefined
        ? [namespace, name, ...subpath.split('/')]
        : [namespace, name];
    const bare = formatPurl({
      type,
      namespace: parts.slice(0, -1).join('/'),
      name: parts.at(-1) ?? name,
      version,
    });
    return type === 'pypi' ? bare.toLowerCase() : bare;
  } catch {
    return null;
  }
}

function purlsIn(file: string): Set<string> {
  const document = JSON.parse(readFileSync(file, 'utf8')) as { components?: { purl?: string }[] };
  return new Set(
    (document.components ?? []).flatMap(({ purl }) => (purl === undefined ? [] : (plain(purl) ?? []))),
  );
}

const fixtures = fileURLToPath(new URL('../fixtures/sbom', import.meta.url));
const asked = process.argv.slice(2);
const folders =
  asked.length > 0
    ? asked
    : [
        ...readdirSync(join(fixtures, 'npm')).map((one) => join(fixtures, 'npm', one)),
        ...readdirSync(join(fixtures, 'python')).map((one) => join(fixtures, 'python', one)),
        ...['maven', 'cargo', 'go'].map((one) => join(fixtures, one)),
      ];
const scratch = mkdtempSync(join(tmpdir(), 'sbom-peers-'));
let unexplained = 0;
let passed = 0;
try {
  process.stdout.write(
    '| folder | ours | peer | theirs | theirs and not ours | of them explained | ours and not theirs |\n|---|---|---|---|---|---|---|\n',
  );
  for (const folder of folders) {
    const tree = await openWorktree(folder, null);
    const { bom } = await readLocked(tree);
    await tree.close();
    const ours = new Set(
      bom.components.flatMap(({ purl }) => (purl === undefined ? [] : (plain(purl) ?? []))),
    );
    for (const peer of peers) {
      const output = join(scratch, 'bom.json');
      rmSync(output, { force: true });
      if (!peer.make(folder, output)) {
        process.stdout.write(
          `| ${folder.split('/').slice(-2).join('/')} | ${ours.size} | ${peer.name} | it failed | | | |\n`,
        );
        continue;
      }
      const theirs = purlsIn(output);
      const missing = [...theirs].filter((purl) => !ours.has(purl));
      const open = missing.filter(
        (purl) => !reasons.some((one) => one.peer.test(peer.name) && one.matches(purl, ours)),
      );
      const more = [...ours].filter((purl) => !theirs.has(purl)).length;
      process.stdout.write(
        `| ${folder.split('/').slice(-2).join('/')} | ${ours.size} | ${peer.name} | ${theirs.size} | ${missing.length} | ${missing.length - open.length} | ${more} |\n`,
      );
      for (const purl of open.slice(0, 20))
        process.stderr.write(`unexplained: ${peer.name} ${folder}: ${purl}\n`);
      unexplained += open.length;
      passed += theirs.size - open.length;
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`${passed} passed, ${unexplained} failed\n`);
process.exitCode = unexplained === 0 ? 0 : 1;
