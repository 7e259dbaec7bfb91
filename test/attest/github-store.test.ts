import { describe, expect, it } from 'vitest';
import { githubStore } from '../../src/attest/store/github.ts';
import { unsnappy } from '../../src/attest/store/snappy.ts';
import { SallyportError } from '../../src/model/error.ts';
import { type HttpRequest, offlineHttp } from '../../src/platform/http.ts';
import { testContext } from '../gate/support.ts';
import { fixture } from './fixtures.ts';

const json = fixture('private/provenance.sigstore.json').toString('utf8');
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A Snappy block of literals alone. */
function snappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest % 128) | 0x80);
  }
  for (let at = 0; at < bytes.length; at += 60) {
    const piece = bytes.subarray(at, at + 60);
    parts.push(Buffer.from([(piece.length - 1) << 2]), piece);
  }
  return Buffer.concat([Buffer.from(length), ...parts]);
}

interface Answer {
  status?: number;
  body: string | Buffer;
  link?: string;
}

function store(answers: Record<string, Answer>) {
  const asked: HttpRequest[] = [];
  const http = {
    ...offlineHttp,
    request: async (request: HttpRequest) => {
      asked.push(request);
      const { status = 200, body, link } = answers[request.url] ?? { status: 404, body: '{}' };
      return {
        status,
        url: request.url,
        header: (name: string) => (name === 'link' ? (link ?? null) : null),
        body: Buffer.from(body),
      };
    },
  };
  const context = testContext({ http, env: { GITHUB_TOKEN: 'the-token' } });
  return { store: githubStore('acme/app', context), asked };
}

const base = 'https://api.github.com/repos/acme/app/attestations';

describe('GitHub’s attestations', () => {
  it('reads bundles that are in the list, behind a link and on a further page; no token goes along to links', async () => {
    const { store: github, asked } = store({
      [`${base}/${DIGEST}?per_page=30`]: {
        body: JSON.stringify({
          attestations: [
            { bundle: JSON.parse(json) },
            { bundle: null, bundle_url: 'https://blobs.example/1' },
            { bundle: { mediaType: 'x' } },
          ],
        }),
        link: `<${base}/${DIGEST}?after=2>; rel="next"`,
      },
      [`${base}/${DIGEST}?after=2`]: {
        body: JSON.stringify({ attestations: [{ bundle: JSON.parse(json) }] }),
      },
      'https://blobs.example/1': { body: snappy(Buffer.from(json)) },
    });
    const found = await github.find(DIGEST);
    expect(found.map(({ bundle }) => bundle instanceof SallyportError)).toEqual([false, false, true, false]);
    const link = asked.find(({ url }) => url === 'https://blobs.example/1');
    expect(JSON.stringify(link?.headers ?? {})).not.toContain('the-token');
  });

  it('has none where GitHub says so, and fails where it cannot be asked', async () => {
    expect(await store({}).store.find(DIGEST)).toEqual([]);
    for (const status of [401, 403, 500]) {
      const { store: github } = store({ [`${base}/${DIGEST}?per_page=30`]: { status, body: '{}' } });
      await expect(github.find(DIGEST)).rejects.toMatchObject({ code: 'SP-GITHUB' });
    }
    const { store: elsewhere } = store({
      [`${base}/${DIGEST}?per_page=30`]: {
        body: '{"attestations":[]}',
        link: '<https://evil.example/>; rel="next"',
      },
    });
    await expect(elsewhere.find(DIGEST)).rejects.toMatchObject({ code: 'SP-GITHUB' });
  });

  it('writes one after the other', async () => {
    const { store: github, asked } = store({ [base]: { status: 201, body: '{"id":7}' } });
    const written = { json, predicateType: null, createdAt: new Date() };
    expect(await github.add(DIGEST, [written])).toEqual(['https://github.com/acme/app/attestations/7']);
    expect(JSON.parse(String(asked[0]?.body))).toEqual({ bundle: JSON.parse(json) });
  });
});

describe('a Snappy block', () => {
  it('is unpacked with literals, copies and copies of what is just written', () => {
    expect(unsnappy(snappy(Buffer.from(json)), 1 << 20)?.toString()).toBe(json);
    const copies = Buffer.from([10, 2 << 2, 97, 98, 99, (6 << 2) | 2, 3, 0]);
    expect(unsnappy(copies, 100)?.toString()).toBe('abcabcabca');
  });

  it.each([
    ['nothing', []],
    ['longer than allowed', [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a length without an end', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['a literal past the end', [3, 2 << 2, 97]],
    ['a copy of what is not there', [4, (3 << 2) | 2, 1, 0]],
    ['less than it says', [4, 0, 97]],
    ['more than it says', [1, 1 << 2, 97, 98]],
  ])('is refused: %s', (_name, bytes) => {
    expect(unsnappy(Buffer.from(bytes), 1000)).toBeNull();
  });
});
