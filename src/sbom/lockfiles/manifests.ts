import { fileName, folderName, type LockFinding } from './format.ts';

/** A manifest, and the lockfiles any of which locks it: in its own folder, or also in one above (workspaces). */
interface Pairing {
  manifest: RegExp;
  locks: readonly string[];
  above: boolean;
}

const PAIRINGS: readonly Pairing[] = [
  {
    manifest: /^package\.json$/u,
    locks: [
      'package-lock.json',
      'npm-shrinkwrap.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'bun.lock',
      'bun.lockb',
    ],
    above: true,
  },
  { manifest: /^Pipfile$/u, locks: ['Pipfile.lock'], above: false },
  { manifest: /^Cargo\.toml$/u, locks: ['Cargo.lock'], above: true },
  { manifest: /^go\.mod$/u, locks: ['go.sum'], above: false },
  { manifest: /^Gemfile$/u, locks: ['Gemfile.lock'], above: false },
  { manifest: /^gems\.rb$/u, locks: ['gems.locked'], above: false },
  { manifest: /^composer\.json$/u, locks: ['composer.lock'], above: false },
  { manifest: /^pubspec\.yaml$/u, locks: ['pubspec.lock'], above: true },
  { manifest: /^mix\.exs$/u, locks: ['mix.lock'], above: true },
  {
    manifest: /^pyproject\.toml$/u,
    locks: ['poetry.lock', 'uv.lock', 'pdm.lock', 'pylock.toml', 'requirements.txt'],
    above: true,
  },
];

/** Whether a manifest names anything to lock, by a look at its text that errs on the side of a finding. */
const NAMES_SOMETHING: Readonly<Record<string, RegExp>> = {
  'package.json': /"(?:dev|optional|peer)?dependencies"\s*:\s*\{\s*"/iu,
  'go.mod': /^\s*require\b/mu,
  'Cargo.toml': /dependencies\b/u,
  'pyproject.toml': /dependencies\b/u,
};

/** Whether a file names what has to be locked. */
export function isManifest(path: string): boolean {
  const name = fileName(path);
  return PAIRINGS.some(({ manifest }) => manifest.test(name));
}

/** Manifests of which no lockfile is in the tree. `read` gives a manifest's text, null where it cannot be read. */
export async function withoutLockfile(
  paths: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<LockFinding[]> {
  const known = new Set(paths);
  const found: LockFinding[] = [];
  for (const path of paths) {
    const name = fileName(path);
    const pairing = PAIRINGS.find(({ manifest }) => manifest.test(name));
    if (pairing === undefined || hasLock(folderName(path), pairing, known)) continue;
    const text = await read(path);
    const names = Object.hasOwn(NAMES_SOMETHING, name) ? NAMES_SOMETHING[name] : undefined;
    if (text !== null && names !== undefined && !names.test(text)) continue;
    found.push({
      rule: 'lockfile-missing',
      message: `${path} has no lockfile (${pairing.locks.join(', ')})`,
      place: { path, line: 1 },
      context: path,
    });
  }
  return found;
}

function hasLock(folder: string, { locks, above }: Pairing, known: ReadonlySet<string>): boolean {
  for (let at = folder; ; at = folderName(at)) {
    const prefix = at === '' ? '' : `${at}/`;
    if (locks.some((lock) => known.has(`${prefix}${lock}`))) return true;
    if (!above || at === '') return false;
  }
}
