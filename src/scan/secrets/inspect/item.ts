import { gunzip, type Unpacked, untar, unzip } from '../decode/archive.ts';
import { contentKind, utf16ToUtf8 } from './kind.ts';
import type { ItemResult, Note, RawFinding } from './result.ts';
import { scanText, type TextOrigin, type TextScan } from './text.ts';

/** One thing to look at: a file, a blob of history, or a message. */
export interface Item {
  path: string;
  commit: string;
  firstLine: number;
  tags: string[];
}

/** Looks at the bytes of one item, whatever they are: text, UTF-16, an archive; binary content is named. */
export function inspectItem(scan: TextScan, item: Item, bytes: Buffer): ItemResult {
  const result: ItemResult = { findings: [], notes: [], searched: 0 };
  inspectBytes(scan, bytes, item, '', result);
  return result;
}

function inspectBytes(scan: TextScan, bytes: Buffer, item: Item, inner: string, result: ItemResult): void {
  const kind = contentKind(bytes);
  const path = inner === '' ? item.path : `${item.path}!/${inner}`;
  const origin: TextOrigin = { path, commit: item.commit, firstLine: item.firstLine, tags: item.tags };
  const search = (text: Buffer, from: TextOrigin) => {
    result.searched += text.length;
    for (const finding of scanText(scan, text, from)) result.findings.push({ ...finding, inner });
  };
  switch (kind) {
    case 'text':
      search(bytes, origin);
      return;
    case 'utf-16le':
    case 'utf-16be':
      search(utf16ToUtf8(bytes, kind), { ...origin, tags: [...item.tags, `decoded:${kind}`] });
      return;
    case 'binary':
      byPath(scan, origin, inner, result);
      result.notes.push({ inner, reason: 'binary', blocking: false });
      return;
    default:
      byPath(scan, origin, inner, result);
      if (inner === '') unpack(scan, bytes, kind, item, result);
      else result.notes.push({ inner, reason: 'archive inside an archive', blocking: false });
  }
}

/** Rules about the path alone hold for files whose content is not text, too. */
function byPath(scan: TextScan, origin: TextOrigin, inner: string, result: ItemResult): void {
  const found: RawFinding[] = scanText(scan, Buffer.from('\n'), origin);
  for (const finding of found) if (finding.line === 0) result.findings.push({ ...finding, inner });
}

function unpack(
  scan: TextScan,
  bytes: Buffer,
  kind: 'zip' | 'gzip' | 'tar',
  item: Item,
  result: ItemResult,
): void {
  const add = ({ members, notes }: Unpacked) => {
    result.notes.push(...notes);
    for (const member of members) {
      inspectBytes(scan, member.bytes, { ...item, tags: [...item.tags, 'in-archive'] }, member.path, result);
    }
  };
  if (kind === 'zip') add(unzip(bytes));
  else if (kind === 'tar') add(untar(bytes));
  else {
    const content = gunzip(bytes);
    if (!Buffer.isBuffer(content)) {
      result.notes.push(content as Note);
      return;
    }
    if (contentKind(content) === 'tar') add(untar(content));
    else add({ members: [{ path: innerName(item.path), bytes: content }], notes: [] });
  }
}

function innerName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.gz$/iu, '') || 'content';
}
