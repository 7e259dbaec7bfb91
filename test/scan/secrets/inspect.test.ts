import { randomBytes } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { untar, unzip } from '../../../src/scan/secrets/decode/archive.ts';
import { decodeRuns } from '../../../src/scan/secrets/decode/runs.ts';
import { findAllowComment } from '../../../src/scan/secrets/inspect/allow-comment.ts';
import { inspectItem } from '../../../src/scan/secrets/inspect/item.ts';
import { contentKind } from '../../../src/scan/secrets/inspect/kind.ts';
import { redact, twelveBits } from '../../../src/scan/secrets/inspect/redact.ts';
import { ownScan } from './examples/check-pack.ts';
import { Random } from './examples/random.ts';
import { fill } from './examples/template.ts';

const scan = ownScan();
const random = new Random(5);
const token = fill('ghp_<crc62:30>', random);
const look = (content: Buffer | string, path = 'src/app.txt') =>
  inspectItem(scan, { path, commit: '', firstLine: 1, tags: [] }, Buffer.from(content as string));
const ids = (content: Buffer | string, path?: string) =>
  look(content, path).findings.map(({ rule }) => scan.compiled.rules[rule]?.rule.id);

describe('where secrets are looked for', () => {
  it('tells line and column in UTF-16 units, and the end', () => {
    const [found] = look(`ä😀\n  é = "${token}"\n`).findings;
    expect(found).toMatchObject({ line: 2, column: 8, endLine: 2, endColumn: 8 + token.length });
  });

  it.each([
    ['base64', Buffer.from(`token: ${token}`).toString('base64')],
    ['base64url in a query', `?state=${Buffer.from(`{"t":"${token}"}`).toString('base64url')}&x=1`],
    ['hex', Buffer.from(`token=${token}`).toString('hex')],
    [
      'percent',
      `https://corp.dev/?q=a%3D${[...token].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('')}`,
    ],
  ])('%s is decoded one level', (how, text) => {
    const { findings } = look(`first\nsecond ${text} end\n`);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ line: 2 });
    expect(findings[0]?.tags).toContain(`decoded:${how.split(/[ u]/u)[0]}`);
  });

  it('UTF-16 is read with and without its mark', () => {
    const text = `[section]\nname=value\ntoken=${token}\n`;
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [
      Buffer.concat([Buffer.from([0xff, 0xfe]), little]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), big]),
      little,
      big,
    ]) {
      expect(look(bytes).findings).toMatchObject([{ line: 3, column: 7 }]);
    }
  });

  it('a line of several megabytes is read, and what stands across two pieces is found once', () => {
    for (const before of [3_000_000, 1024 * 1024 - 10, 1024 * 1024 - 20]) {
      const { findings } = look(`${'x '.repeat(before / 2)}${token} ${'y '.repeat(1000)}`);
      expect(findings).toHaveLength(1);
      expect(findings[0]?.line).toBe(1);
    }
  });

  it('line numbers go on over the pieces of a large file', () => {
    const { findings } = look(`${'some text\n'.repeat(300_000)}${token}\n`);
    expect(findings).toMatchObject([{ line: 300_001 }]);
  });

  it('notebooks are read through their JSON', () => {
    const notebook = { cells: [{ source: ['import os\n', `KEY = "${token}"\n`] }] };
    expect(ids(JSON.stringify(notebook), 'a.ipynb')).toContain('github-classic-token');
  });

  it('binary content is named', () => {
    expect(look(Buffer.concat([Buffer.from([0, 1, 2, 3]), randomBytes(100)]), 'a.bin').notes).toEqual([
      { inner: '', reason: 'binary', blocking: false },
    ]);
    expect(contentKind(Buffer.from('text'))).toBe('text');
  });

  it('a key store is found by its name', () => {
    expect(ids(Buffer.from([0, 1, 2]), 'certs/server.p12')).toEqual(['certificate-store-file']);
  });
});

const zip = (files: Record<string, Buffer | string>, claim?: number) => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const raw = Buffer.from(content as string);
    const data = deflateRawSync(raw);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    parts.push(local, Buffer.from(name), data);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(claim ?? raw.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
};
const tar = (name: string, content: string) => {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('ustar', 257);
  return Buffer.concat([
    header,
    Buffer.from(content),
    Buffer.alloc(512 - (content.length % 512)),
    Buffer.alloc(1024),
  ]);
};

describe('archives', () => {
  it.each([
    ['zip', zip({ 'conf/.env': `T=${token}\n`, 'logo.png': Buffer.from([0, 1, 2]) }), 'conf/.env'],
    ['tar', tar('conf/.env', `T=${token}\n`), 'conf/.env'],
    ['tar.gz', gzipSync(tar('conf/.env', `T=${token}\n`)), 'conf/.env'],
    ['gz', gzipSync(`T=${token}\n`), 'dump'],
  ])('%s is looked into one level deep', (_, bytes, inner) => {
    const { findings } = look(bytes, 'backup/dump.gz');
    expect(findings).toMatchObject([{ inner, line: 1 }]);
    expect(findings[0]?.tags).toContain('in-archive');
  });

  it('an archive inside an archive is named', () => {
    const { notes } = look(zip({ 'inner.zip': zip({ a: token }) }), 'a.zip');
    expect(notes).toEqual([{ inner: 'inner.zip', reason: 'archive inside an archive', blocking: false }]);
  });

  it('a bomb is not unpacked, and that is said', () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    expect(look(bomb, 'a.gz').notes).toEqual([
      { inner: '', reason: 'larger than is unpacked', blocking: true },
    ]);
    const zipped = look(zip({ big: Buffer.alloc(64 * 1024 * 1024) }), 'a.zip');
    expect(zipped.notes[0]).toMatchObject({ inner: 'big', blocking: true });
    const liar = look(zip({ big: Buffer.alloc(64 * 1024 * 1024) }, 10), 'a.zip');
    expect(liar.notes[0]).toMatchObject({ inner: 'big', reason: 'cannot be unpacked' });
  });

  it('broken ones end with a note, never with an exception', () => {
    const good = zip({ 'a.txt': `T=${token}` });
    const goodTar = tar('a', 'b');
    fc.assert(
      fc.property(
        fc.constantFrom(good, goodTar),
        fc.nat(),
        fc.nat(255),
        fc.nat(),
        (bytes, at, value, cut) => {
          const broken = Buffer.from(bytes);
          broken[at % broken.length] = value;
          const part = broken.subarray(0, cut % (broken.length + 1));
          unzip(part);
          untar(part);
          look(part, 'a.zip');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('decoding', () => {
  it('finds every run that a plain search finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'Z', '5', '+', '/'), minLength: 1, maxLength: 60 });
    const blank = fc.constantFrom(' ', '\n', '"', '=', ', ');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, blank), { maxLength: 12 }), (parts) => {
        const plain = parts
          .map(([text, end]) => Buffer.from(`k=${text}`).toString('base64url') + end)
          .join('');
        const found = decodeRuns(Buffer.from(plain)).map(({ start, end }) => plain.slice(start, end));
        const expected = (plain.match(/[A-Za-z0-9+/_-]{24,}/gu) ?? []).filter(
          (run) => !/^[0-9A-Fa-f]+$/u.test(run),
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is shown of a secret', () => {
  it('is a few characters of a long token and nothing of anything else', () => {
    expect(redact(token, 'token')).toBe(`ghp_***${token.slice(-2)} (40 characters)`);
    expect(redact('a'.repeat(30), 'named')).toBe('***aa (30 characters)');
    expect(redact('hunter2', 'token')).toBe('*** (7 characters)');
    expect(redact('correct horse battery staple', 'general')).toBe('*** (28 characters)');
    expect(twelveBits('x')).toMatch(/^[0-9a-f]{3}$/u);
  });

  it('holds no more of it in the context either', () => {
    const [found] = look(
      `deploy(key="${token}", user="anna", other="${fill('ghp_<crc62:30>', random)}")`,
    ).findings;
    expect(found?.context).toContain('deploy(key=');
    expect(JSON.stringify(found)).not.toContain(token.slice(4, 12));
    expect(found?.context).not.toMatch(/ghp_/u);
  });

  it('tells two secrets in one place apart', () => {
    const contexts = [token, fill('ghp_<crc62:30>', random)].map(
      (secret) => look(`key: ${secret}\n`).findings[0]?.context,
    );
    expect(contexts[0]).not.toBe(contexts[1]);
    expect(contexts[0]?.replace(/#\w+$/u, '')).toBe(contexts[1]?.replace(/#\w+$/u, ''));
  });
});

describe('allow comments', () => {
  it.each([
    ['key = x # sallyport:allow rule-a test key', '', { by: 'sallyport:allow', reason: 'test key', line: 0 }],
    [
      'key = x',
      '# sallyport:allow rule-a on the line above',
      { by: 'sallyport:allow', reason: 'on the line above', line: -1 },
    ],
    ['key = x', 'other = y # sallyport:allow rule-a of that line', null],
    ['key = x # sallyport:allow rule-b another rule', '', null],
    ['key = x // gitleaks:allow', '', { by: 'gitleaks:allow', reason: '', line: 0 }],
    [
      '/* sallyport:allow rule-a made up */ key',
      '',
      { by: 'sallyport:allow', reason: 'made up */ key', line: 0 },
    ],
    ['key = x', '', null],
  ])('%s', (line, above, expected) => {
    expect(findAllowComment(line, above, 'rule-a')).toEqual(expected);
  });
});
