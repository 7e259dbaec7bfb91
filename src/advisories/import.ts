import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Entry, fileNameOf, isLater, type SourceRef, sha256 } from './index-format.ts';
import { IndexWriter } from './index-writer.ts';
import { type OsvAffected, type OsvRecord, parseOsv } from './osv.ts';
import { baseEcosystem, normalName } from './package-key.ts';
import { rawRecords } from './sources.ts';
import { Spool, type Spooled } from './spool.ts';

export interface Imported {
  records: number;
  /** Of them, those that name no package, but commits of a repository: they concern nothing that is locked. */
  unpackaged: number;
  /** Base ecosystems that have a fresh index now. */
  ecosystems: string[];
}

/**
 * Builds the index of every ecosystem that the sources speak of, in `folder`. It replaces what was there for these
 * ecosystems, at the very end and file by file; other ecosystems stay. Of a record that several sources have, the
 * newest counts. Withdrawn records are counted and left out. Any unreadable record ends the import with nothing
 * changed: half a database would pass what the other half knows.
 */
export async function importAdvisories(paths: readonly string[], folder: string): Promise<Imported> {
  await mkdir(folder, { recursive: true });
  const spool = await Spool.create(folder);
  const writers = new Map<string, IndexWriter>();
  try {
    const { records, unpackaged, sources } = await spoolSources(paths, spool);
    for await (const part of spool.sorted()) await writePart(part, writers, folder);
    const asOf = [...writers.values()].reduce(
      (latest, { newest }) => (isLater(newest, latest) ? newest : latest),
      '',
    );
    for (const writer of writers.values()) await writer.finish(sources, asOf);
    for (const writer of writers.values()) await writer.commit();
    return { records, unpackaged, ecosystems: [...writers.keys()].sort() };
  } catch (thrown) {
    for (const writer of writers.values()) await writer.discard();
    throw thrown;
  } finally {
    await spool.close();
  }
}

async function spoolSources(
  paths: readonly string[],
  spool: Spool,
): Promise<{ records: number; unpackaged: number; sources: SourceRef[] }> {
  const sources: SourceRef[] = [];
  let records = 0;
  let unpackaged = 0;
  for (const path of paths) {
    // By content, whatever the order: the same records give the same digest, however they were packed.
    const digests: string[] = [];
    for await (const { place, content } of rawRecords(path)) {
      digests.push(sha256(content));
      const record = parseOsv(content, place);
      if (record.affected.length === 0 && !record.withdrawn) unpackaged++;
      await spoolRecord(record, place, spool);
    }
    records += digests.length;
    sources.push({ name: basename(path), sha256: sha256(digests.sort().join('')) });
  }
  return { records, unpackaged, sources };
}

async function spoolRecord(record: OsvRecord, place: string, spool: Spool): Promise<void> {
  for (const affected of record.affected) {
    const base = baseEcosystem(affected.ecosystem);
    fileNameOf(base, place);
    await spool.add({
      base,
      name: normalName(affected),
      withdrawn: record.withdrawn,
      entry: entryOf(record, affected),
    });
  }
}

function entryOf(record: OsvRecord, affected: OsvAffected): Entry {
  const { id, modified, aliases, upstream, summary, rating } = record;
  const { ecosystem, ranges, versions } = affected;
  const severity = affected.severity.length > 0 ? affected.severity : record.severity;
  return { id, modified, aliases, upstream, summary, rating, severity, ecosystem, ranges, versions };
}

/** A part holds every entry of its names, of all ecosystems. */
async function writePart(
  part: readonly Spooled[],
  writers: Map<string, IndexWriter>,
  folder: string,
): Promise<void> {
  const groups = new Map<string, Spooled[]>();
  for (const spooled of part) {
    const key = JSON.stringify([spooled.name, spooled.base]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [spooled]);
    else group.push(spooled);
  }
  for (const group of groups.values()) {
    const [{ base, name } = { base: '', name: '' }] = group;
    let writer = writers.get(base);
    if (writer === undefined) {
      writer = await IndexWriter.create(join(folder, fileNameOf(base, folder)), base);
      writers.set(base, writer);
    }
    const current = newest(group);
    const withdrawn = current.filter((one) => one.withdrawn).map(({ entry }) => entry.id);
    await writer.add([name, current.filter((one) => !one.withdrawn).map(({ entry }) => entry)], withdrawn);
  }
}

/** Of each advisory the entries of its newest edition, each once. */
function newest(group: readonly Spooled[]): Spooled[] {
  const latest = new Map<string, string>();
  for (const { entry } of group) {
    const known = latest.get(entry.id);
    if (known === undefined || isLater(entry.modified, known)) latest.set(entry.id, entry.modified);
  }
  const seen = new Set<string>();
  return group.filter((one) => {
    const text = JSON.stringify(one);
    if (one.entry.modified !== latest.get(one.entry.id) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
