import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { isObject } from '../model/json/values.ts';
import { readBounded } from '../platform/files.ts';
import type { Http } from '../platform/http.ts';
import { fileNameOf } from './index-format.ts';

/** Where OSV publishes its data, an archive an ecosystem (https://google.github.io/osv.dev/data/#data-dumps). */
export const OSV_ARCHIVES = 'https://osv-vulnerabilities.storage.googleapis.com';

const LIMITS = { bytes: 1024 * 1024 * 1024, timeout: 600_000 } as const;
const MAX_NOTE = 64 * 1024;

export interface Downloaded {
  /** The archive on disk. */
  path: string;
  /** False: the server says that nothing has changed, and the archive of last time is still there. */
  fresh: boolean;
}

/**
 * Fetches the archive of an ecosystem from OSV or a mirror of the same layout, unless the server says by its ETag that the
 * one on disk is still current (RFC 9110, 13.1.2). The archive is put in place whole. Throws SP-HTTP, SP-OFFLINE,
 * SP-OSV-INVALID for a name that is no ecosystem, SP-OSV-SOURCE for an answer that is no archive.
 */
export async function downloadArchive(
  ecosystem: string,
  mirror: string,
  folder: string,
  http: Http,
): Promise<Downloaded> {
  fileNameOf(ecosystem, mirror);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${ecosystem.replaceAll(' ', '_')}.zip`);
  const note = `${path}.etag`;
  const url = `${mirror.replace(/\/+$/u, '')}/${encodeURIComponent(ecosystem)}/all.zip`;
  const known = await knownTag(path, note, url);
  const answer = await http.request({
    method: 'GET',
    url,
    ...(known === null ? {} : { headers: { 'If-None-Match': known } }),
    limits: LIMITS,
  });
  if (answer.status === 304 && known !== null) return { path, fresh: false };
  if (answer.status !== 200) throw refused(url, ecosystem, `HTTP ${answer.status}`);
  if (answer.body.subarray(0, 2).toString('latin1') !== 'PK')
    throw refused(url, ecosystem, 'an answer that is no archive');
  const part = `${path}.part`;
  try {
    await writeFile(part, answer.body);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  const etag = answer.header('etag');
  const sha256 = createHash('sha256').update(answer.body).digest('hex');
  if (etag === null) await rm(note, { force: true });
  else await writeFile(note, JSON.stringify({ url, etag, sha256 }));
  return { path, fresh: true };
}

/** The tag of the archive on disk, if it is still the one that the tag was given for. */
async function knownTag(path: string, note: string, url: string): Promise<string | null> {
  try {
    const said: unknown = JSON.parse((await readBounded(note, MAX_NOTE)).toString('utf8'));
    if (!isObject(said) || said.url !== url || typeof said.etag !== 'string') return null;
    const digest = createHash('sha256')
      .update(await readBounded(path, LIMITS.bytes))
      .digest('hex');
    return digest === said.sha256 ? said.etag : null;
  } catch {
    // Without a note that can be relied on the archive is fetched whole.
    return null;
  }
}

function refused(url: string, ecosystem: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-OSV-SOURCE',
    message: `there are no advisories for ${ecosystem} to be had there`,
    place: { path: url },
    expected: 'an archive all.zip of OSV records',
    found,
    next: 'check the name of the ecosystem (https://osv-vulnerabilities.storage.googleapis.com/ecosystems.txt) and the mirror',
  });
}
