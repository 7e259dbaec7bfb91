import { readObjects } from '../git/blobs.ts';
import { FileVersions } from '../git/changed.ts';
import { inspectItem } from '../inspect/item.ts';
import { contentKind } from '../inspect/kind.ts';
import type { TextScan } from '../inspect/text.ts';
import type { ObjectBatch, ObjectItem } from './batch.ts';
import type { Tally } from './tally.ts';

/** Contents over this are named, not read. */
const MAX_BLOB = 128 * 1024 * 1024;
/** Versions of larger files are not kept for comparison. */
const MAX_COMPARED = 16 * 1024 * 1024;

/**
 * Looks at objects of Git that it reads itself. `at` is told of the item that is looked at, and of nothing while Git is
 * waited for. Throws SP-GIT-OBJECT where Git cannot read what it listed.
 */
export async function inspectObjects(
  scan: TextScan,
  { kind, items, cwd, tools }: ObjectBatch,
  at: (item: number | null) => void,
  tally: Tally,
): Promise<void> {
  let versions = new FileVersions();
  let versionsOf = '';
  const inspect = (index: number, { path, commit }: ObjectItem, bytes: Buffer, firstLine = 1) =>
    tally.add(index, inspectItem(scan, { path, commit, firstLine, tags: [] }, bytes));
  const inspectVersion = (index: number, item: ObjectItem, bytes: Buffer) => {
    if (versionsOf !== item.path) versions = new FileVersions();
    versionsOf = item.path;
    if (contentKind(bytes) !== 'text' || bytes.length > MAX_COMPARED) {
      versions.leaveOut();
      inspect(index, item, bytes);
      return;
    }
    for (const { from, to, firstLine } of versions.add(bytes))
      inspect(index, item, bytes.subarray(from, to), firstLine);
  };
  const ids = items.map(({ id }) => id);
  at(null);
  await readObjects(cwd, tools, ids, MAX_BLOB, (index, object) => {
    const item = items[index] as ObjectItem;
    at(index);
    if (typeof object === 'string') {
      versions.leaveOut();
      tally.add(index, object);
    } else if (kind === 'versions') inspectVersion(index, item, object);
    else if (kind === 'files') inspect(index, item, object);
    else {
      // The message is what follows the first empty line of the object.
      const start = object.indexOf('\n\n');
      if (start !== -1) inspect(index, item, object.subarray(start + 2));
    }
    at(null);
  });
}
