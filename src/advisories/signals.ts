import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SallyportError } from '../model/error.ts';
import { isObject, objectsOf, textOf } from '../model/json/values.ts';

/**
 * What is known of a vulnerability's use by attackers: the probability that it is used within thirty days
 * (EPSS, https://www.first.org/epss/data_stats) and whether it is known to have been (CISA KEV,
 * https://www.cisa.gov/known-exploited-vulnerabilities-catalog). By CVE id.
 */
export interface Signals {
  /** Null: no list was imported. */
  epss: ReadonlyMap<string, number> | null;
  kev: ReadonlySet<string> | null;
}

export const NO_SIGNALS: Signals = { epss: null, kev: null };

const FILE = 'exploitation.signals';
const MAGIC = 'sallyport-signals 1';
const MAX_BYTES = 128 * 1024 * 1024;
const MAX_ROWS = 2_000_000;
const CVE = /^CVE-\d{4}-\d{4,12}$/u;

export interface SignalsFile {
  name: string;
  content: string;
}

/** The file that `readSignals` reads: its first line holds the digest of the second. */
export function signalsFile(signals: Signals): SignalsFile {
  const body = JSON.stringify({
    epss: signals.epss === null ? null : [...signals.epss],
    kev: signals.kev === null ? null : [...signals.kev],
  });
  return { name: FILE, content: `${MAGIC} ${sha256(body)}\n${body}` };
}

/** The signals in a database's folder; none where there is no file. Throws SP-ADVISORIES-DAMAGED. */
export async function readSignals(folder: string): Promise<Signals> {
  const path = join(folder, FILE);
  let text: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw damaged(path, `at most ${MAX_BYTES} bytes`);
    text = await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return NO_SIGNALS;
    throw thrown;
  }
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (text.slice(0, Math.max(0, end)) !== `${MAGIC} ${sha256(body)}`)
    throw damaged(path, 'a first line with the digest of the rest');
  const value = JSON.parse(body) as { epss: [string, number][] | null; kev: string[] | null };
  return {
    epss: value.epss === null ? null : new Map(value.epss),
    kev: value.kev === null ? null : new Set(value.kev),
  };
}

/** Reads EPSS scores as FIRST publishes them: CSV, also packed with gzip. Throws SP-SIGNALS. */
export function parseEpss(content: Buffer, path: string): ReadonlyMap<string, number> {
  const text = unpacked(content, path).toString('utf8');
  const scores = new Map<string, number>();
  let [columns, line] = [null as string[] | null, 0];
  for (const row of text.split('\n')) {
    line += 1;
    if (line > MAX_ROWS) throw refused(path, line, `at most ${MAX_ROWS} lines`, 'more');
    const cells = row.trim().split(',');
    if (row.trim() === '' || row.startsWith('#')) continue;
    if (columns === null) {
      columns = cells;
      if (!columns.includes('cve') || !columns.includes('epss'))
        throw refused(path, line, 'columns cve and epss', row.slice(0, 100));
      continue;
    }
    const [id, score] = [cells[columns.indexOf('cve')] ?? '', Number(cells[columns.indexOf('epss')])];
    if (!CVE.test(id) || !(score >= 0 && score <= 1))
      throw refused(path, line, 'a CVE id and a number from 0 to 1', row.slice(0, 100));
    scores.set(id, score);
  }
  if (scores.size === 0) throw refused(path, line, 'at least one score', 'none');
  return scores;
}

/** Reads the catalogue of known exploited vulnerabilities as CISA publishes it: JSON. Throws SP-SIGNALS. */
export function parseKev(content: Buffer, path: string): ReadonlySet<string> {
  let value: unknown;
  try {
    value = JSON.parse(unpacked(content, path).toString('utf8'));
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw refused(path, 1, 'JSON', (cause as Error).message.slice(0, 200));
  }
  const ids = (isObject(value) ? objectsOf(value.vulnerabilities) : []).map((one) => textOf(one.cveID) ?? '');
  if (ids.length === 0 || !ids.every((id) => CVE.test(id)))
    throw refused(path, 1, 'vulnerabilities, each with its cveID', `${ids.length} entries`);
  return new Set(ids);
}

function unpacked(content: Buffer, path: string): Buffer {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return gunzipSync(content, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    throw refused(path, 1, `gzip of at most ${MAX_BYTES} bytes`, (cause as Error).message.slice(0, 200));
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function damaged(path: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-ADVISORIES-DAMAGED',
    message: 'the exploitation data are damaged',
    expected,
    place: { path },
    next: 'import them again: sallyport advisories import --epss FILE --kev FILE',
  });
}

function refused(path: string, line: number, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGNALS',
    message: 'this list of exploitation data cannot be read',
    place: { path, line },
    expected,
    found,
    next: 'fetch it again from its publisher',
  });
}
