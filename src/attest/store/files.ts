import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import type { Files } from '../../platform/files.ts';
import { BUNDLE_LIMITS, readBundle } from '../verify/bundle.ts';
import { Budget } from './budget.ts';
import { type Found, foundAt, type Store, type Written } from './store.ts';

const SUFFIX = '.sigstore.json';
const LINES = ['.sigstore.jsonl', '.jsonl'];
const MAX_FILES = 1000;

/** Bundles in a folder, in files that are named by the digest: `sha256-HEX.<what>.sigstore.json`. */
export function folderStore(folder: string, files: Files): Store {
  return {
    find: async (digest) => [
      ...(await findPrefixed(folder, digest.replace(':', '-'), files)),
      // As `gh attestation download` names them.
      ...(await findPrefixed(folder, digest, files)),
    ],
    add: async (digest, bundles) => await addAll(join(folder, digest.replace(':', '-')), bundles, files),
  };
}

/** Bundles beside the file that they are about: `FILE.sigstore.json`, `FILE.<what>.sigstore.json`. */
export function besideStore(file: string, files: Files): Store {
  return {
    find: async () => await findPrefixed(dirname(file), basename(file), files),
    add: async (_digest, bundles) => await addAll(file, bundles, files),
  };
}

/** One file with a bundle, or with one a line; it can be read only. */
export async function readBundleFile(
  path: string,
  files: Files,
  budget: Budget = new Budget(),
): Promise<Found[]> {
  const bytes = await files.read(path, BUNDLE_LIMITS.bytes);
  budget.spend(bytes.length);
  const lines = LINES.some((suffix) => path.endsWith(suffix)) ? linesOf(bytes) : [bytes];
  return lines.map((line, index) => {
    const where = lines.length === 1 ? path : `${path}:${index + 1}`;
    return { where, bundle: readOrError(line, where), document: null };
  });
}

function readOrError(bytes: Uint8Array, where: string): Found['bundle'] {
  try {
    return readBundle(bytes, where);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown;
    throw thrown;
  }
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length > MAX_FILES) throw tooMany(`${lines.length} lines`);
  return lines.map((line) => Buffer.from(line));
}

async function findPrefixed(folder: string, prefix: string, files: Files): Promise<Found[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new SallyportError(
      {
        code: 'SP-STORE-UNREADABLE',
        message: 'the folder with the signatures cannot be read',
        place: { path: folder },
        found: (cause as NodeJS.ErrnoException).code ?? String(cause),
      },
      { cause },
    );
  }
  const own = names
    .filter((name) => {
      if (!name.startsWith(`${prefix}.`)) return false;
      const rest = name.slice(prefix.length);
      return (rest.endsWith(SUFFIX) && !rest.slice(1, -SUFFIX.length).includes('.')) || LINES.includes(rest);
    })
    .sort();
  if (own.length > MAX_FILES) throw tooMany(`${own.length} files`);
  const found: Found[] = [];
  const budget = new Budget();
  for (const name of own) {
    const path = join(folder, name);
    found.push(...(await foundAt(path, () => readBundleFile(path, files, budget))));
  }
  return found;
}

async function addAll(stem: string, bundles: readonly Written[], files: Files): Promise<string[]> {
  const paths: string[] = [];
  for (const { json, predicateType, label } of bundles) {
    const what =
      predicateType === null ? '' : `.${shortName(predicateType)}${label === undefined ? '' : `-${label}`}`;
    const path = `${stem}${what}${SUFFIX}`;
    await files.write(path, [json]);
    paths.push(path);
  }
  return paths;
}

/** `https://slsa.dev/provenance/v1` to `slsa-provenance-v1`: what tells two attestations of one file apart. */
function shortName(predicateType: string): string {
  const name = predicateType
    .replace(/^https?:\/\//u, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '-')
    .replace(/^-|-$/gu, '');
  return name.slice(0, 100) || 'attestation';
}

function tooMany(found: string): SallyportError {
  return new SallyportError({
    code: 'SP-STORE-LIMIT',
    message: 'there are too many signatures of one thing',
    expected: `at most ${MAX_FILES}`,
    found,
  });
}
