import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { type Entry, EXTENSION, fileNameOf, type SourceRef, sha256 } from './index-format.ts';
import { IndexReader } from './index-reader.ts';
import { baseEcosystem, normalName, type PackageName } from './package-key.ts';

/** What one index holds. */
export interface EcosystemInfo {
  ecosystem: string;
  advisories: number;
  packages: number;
  withdrawn: number;
  /** The newest `modified` among its advisories, RFC 3339. */
  newest: string;
  /** The newest `modified` of everything that was imported with it: how old the knowledge is. */
  asOf: string;
  digest: string;
  sources: SourceRef[];
}

/** The indexes in a folder, opened as they are asked for. */
export class AdvisoryDatabase {
  readonly #folder: string;
  readonly #readers = new Map<string, Promise<IndexReader | null>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The entries for a package: those of its ecosystem and release (`Debian:12`), or of every release where none is
   * named. Null where the ecosystem has no index: then nothing is known, which is not the same as nothing found. `key`
   * is the `nameHash` of its normal name, from who has made it already.
   */
  async find(wanted: PackageName, key?: string): Promise<readonly Entry[] | null> {
    const base = baseEcosystem(wanted.ecosystem);
    const reader = await this.#reader(base);
    if (reader === null) return null;
    const entries = await reader.find(normalName(wanted), key);
    if (wanted.ecosystem === base) return entries;
    return entries.filter(({ ecosystem }) => ecosystem === wanted.ecosystem || ecosystem === base);
  }

  /** Null where the ecosystem has no index. */
  async info(ecosystem: string): Promise<EcosystemInfo | null> {
    const reader = await this.#reader(baseEcosystem(ecosystem));
    if (reader === null) return null;
    const { blocks: _, ...rest } = reader.directory;
    return { ...rest, digest: reader.digest };
  }

  /** Every index of the folder, by name, and the digest that stands for all of them together. */
  async all(): Promise<{ ecosystems: EcosystemInfo[]; digest: string }> {
    const files = await readdir(this.#folder).catch(() => []);
    const ecosystems: EcosystemInfo[] = [];
    for (const file of files.filter((name) => name.endsWith(EXTENSION)).sort()) {
      const info = await this.info(file.slice(0, -EXTENSION.length).replaceAll('_', ' '));
      if (info !== null) ecosystems.push(info);
    }
    return {
      ecosystems,
      digest: sha256(ecosystems.map((one) => `${one.ecosystem}\n${one.digest}\n`).join('')),
    };
  }

  /** Whether the folder holds no index at all, or is not there. */
  async isEmpty(): Promise<boolean> {
    const files = await readdir(this.#folder).catch(() => []);
    return !files.some((name) => name.endsWith(EXTENSION));
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await (await reader)?.close();
    this.#readers.clear();
  }

  #reader(base: string): Promise<IndexReader | null> {
    const known = this.#readers.get(base);
    if (known !== undefined) return known;
    const path = join(this.#folder, fileNameOf(base, this.#folder));
    const opening = IndexReader.open(path).then(
      (reader) => checked(reader, base, path),
      (thrown: unknown) => {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw thrown;
      },
    );
    this.#readers.set(base, opening);
    return opening;
  }
}

/** A file under another ecosystem's name would answer for packages that it knows nothing of. */
function checked(reader: IndexReader, base: string, path: string): IndexReader {
  if (reader.directory.ecosystem === base) return reader;
  throw new SallyportError({
    code: 'SP-ADVISORIES-DAMAGED',
    message: 'the advisory index is of another ecosystem',
    expected: base,
    found: JSON.stringify(reader.directory.ecosystem),
    place: { path },
    next: 'import the advisories again: sallyport advisories import',
  });
}
