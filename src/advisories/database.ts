import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { type Entry, EXTENSION, fileNameOf, type SourceRef, sha256 } from './index-format.ts';
import { IndexReader } from './index-reader.ts';
import { baseEcosystem, keyOf, type PackageName } from './package-key.ts';

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
  readonly #readers = new Map<string, IndexReader | null>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The entries for a package: those of its ecosystem and release (`Debian:12`), or of every release where none is
   * named. Null where the ecosystem has no index: then nothing is known, which is not the same as nothing found.
   */
  find(wanted: PackageName, key = keyOf(wanted)): readonly Entry[] | null {
    const base = baseEcosystem(wanted.ecosystem);
    const reader = this.#reader(base);
    if (reader === null) return null;
    const entries = reader.find(key);
    if (wanted.ecosystem === base) return entries;
    return entries.filter(({ ecosystem }) => ecosystem === wanted.ecosystem || ecosystem === base);
  }

  /** Null where the ecosystem has no index. */
  info(ecosystem: string): EcosystemInfo | null {
    const reader = this.#reader(baseEcosystem(ecosystem));
    if (reader === null) return null;
    const { blocks: _, ...rest } = reader.directory;
    return { ...rest, digest: reader.digest };
  }

  /** Every index of the folder, by name, and the digest that stands for all of them together. */
  all(): { ecosystems: EcosystemInfo[]; digest: string } {
    const ecosystems = this.#files().flatMap(
      (file) => this.info(file.slice(0, -EXTENSION.length).replaceAll('_', ' ')) ?? [],
    );
    return {
      ecosystems,
      digest: sha256(ecosystems.map((one) => `${one.ecosystem}\n${one.digest}\n`).join('')),
    };
  }

  /** Whether the folder holds no index at all, or is not there. */
  isEmpty(): boolean {
    return this.#files().length === 0;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader?.close();
    this.#readers.clear();
  }

  #files(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.endsWith(EXTENSION))
        .sort();
    } catch {
      return [];
    }
  }

  #reader(base: string): IndexReader | null {
    const known = this.#readers.get(base);
    if (known !== undefined) return known;
    const reader = opened(join(this.#folder, fileNameOf(base, this.#folder)), base);
    this.#readers.set(base, reader);
    return reader;
  }
}

/** Null where there is no such file. One under another ecosystem's name would answer for packages that it knows nothing of. */
function opened(path: string, base: string): IndexReader | null {
  let reader: IndexReader;
  try {
    reader = IndexReader.open(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
  if (reader.directory.ecosystem === base) return reader;
  reader.close();
  throw new SallyportError({
    code: 'SP-ADVISORIES-DAMAGED',
    message: 'the advisory index is of another ecosystem',
    expected: base,
    found: JSON.stringify(reader.directory.ecosystem),
    place: { path },
    next: 'import the advisories again: sallyport advisories import',
  });
}
