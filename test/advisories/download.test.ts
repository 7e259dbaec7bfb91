import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadArchive } from '../../src/advisories/download.ts';
import { importAdvisories } from '../../src/advisories/import.ts';
import type { Http, HttpRequest, HttpResponse } from '../../src/platform/http.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import { temporaryFolder } from '../gate/support.ts';
import { record, zip } from './make.ts';

const archive = zip([{ name: 'A-1.json', content: JSON.stringify(record('A-1')) }]);

/** A server of one archive that knows its ETag. */
function server(body: Buffer, status = 200): Http & { asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    get: offlineHttp.get,
    request: async (request): Promise<HttpResponse> => {
      asked.push(request);
      const same = request.headers?.['If-None-Match'] === '"1"';
      return {
        status: same ? 304 : status,
        url: request.url,
        header: (name) => (name === 'etag' ? '"1"' : null),
        body: same ? Buffer.alloc(0) : body,
      };
    },
  };
}

describe('fetching an archive', () => {
  it('asks once, and then only whether it has changed', async () => {
    const [folder, http] = [temporaryFolder(), server(archive)];
    const first = await downloadArchive('PyPI', 'https://osv.example/', folder, http);
    expect(first.fresh).toBe(true);
    expect((await importAdvisories([first.path], join(folder, 'index'))).records).toBe(1);
    expect((await downloadArchive('PyPI', 'https://osv.example', folder, http)).fresh).toBe(false);
    expect(http.asked.map(({ url }) => url)).toEqual(Array(2).fill('https://osv.example/PyPI/all.zip'));
    // What has been changed on disk is not what the tag speaks of.
    writeFileSync(first.path, 'PK');
    expect((await downloadArchive('PyPI', 'https://osv.example', folder, http)).fresh).toBe(true);
    expect(readFileSync(first.path)).toEqual(archive);
    await downloadArchive('PyPI', 'https://other.example', folder, http);
    expect(http.asked.at(-1)?.headers).toBeUndefined();
  });

  it.each([
    ['a refusal', server(Buffer.alloc(0), 404)],
    ['a page instead of an archive', server(Buffer.from('<html>'))],
  ])('refuses %s and leaves nothing behind', async (_name, http) => {
    const folder = temporaryFolder();
    await expect(downloadArchive('npm', 'https://osv.example', folder, http)).rejects.toMatchObject({
      code: 'SP-OSV-SOURCE',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a name that leads elsewhere, and any network when there is to be none', async () => {
    const folder = temporaryFolder();
    await expect(
      downloadArchive('../x', 'https://osv.example', folder, server(archive)),
    ).rejects.toMatchObject({
      code: 'SP-OSV-INVALID',
    });
    await expect(downloadArchive('npm', 'https://osv.example', folder, offlineHttp)).rejects.toMatchObject({
      code: 'SP-OFFLINE',
    });
  });
});
