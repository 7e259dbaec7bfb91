import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_SUBJECTS, readChecksums } from '../../src/attest/checksums.ts';
import { SallyportError } from '../../src/model/error.ts';

const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const A = hash('sha256', 'a');
const B = hash('sha256', 'b');

const read = (text: string | Uint8Array) =>
  readChecksums(typeof text === 'string' ? Buffer.from(text) : text, 'SUMS');

/** Code, line and what was found of a refusal. */
function refusal(text: string | Uint8Array): string {
  try {
    return JSON.stringify(read(text));
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    const { code, place, expected, found } = thrown.problem;
    expect(place?.path).toBe('SUMS');
    expect(expected).toBeTruthy();
    return `${code} ${place?.line ?? '-'} ${found}`;
  }
}

/** Names of files as they come, odd ones among them; none that is refused. */
const part = fc
  .stringMatching(/^[ -.0-~äß€😀]{1,12}$/u)
  .filter(
    (name) => name !== '.' && name !== '..' && !/^[A-Za-z]:\\|^\\|(?:^|\\)\.\.(?:\\|$)|^-$/u.test(name),
  );
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

describe('what sha256sum and its like write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-checksums-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const names = [
    ...new Set([
      ...['plain.tgz', ' lead', 'trail ', '*star', 'x) = y', 'SHA256 (a)', 'back\\slash', 'a\\n', 'é.txt'],
      ...fc.sample(part, { numRuns: 300, seed: 7 }),
    ]),
  ].filter((name) => !name.startsWith('-'));
  for (const name of names) writeFileSync(join(folder, name), `content of ${name}`);
  const forms = ['sha256', 'sha384', 'sha512'].flatMap((algorithm) =>
    [[], ['--binary'], ['--tag']].map((options) => [algorithm, options] as const),
  );

  it.each(forms)('is read as it was meant: %s %s', (algorithm, options) => {
    const written = execFileSync(`${algorithm}sum`, [...options, '--', ...names], { cwd: folder });
    expect(read(written)).toEqual(
      names.map((name) => ({ name, digest: { [algorithm]: hash(algorithm, `content of ${name}`) } })),
    );
  });

  it('names control characters in an escaped name', () => {
    writeFileSync(join(folder, 'two\nlines'), '');
    const written = execFileSync('sha256sum', ['--', 'plain.tgz', 'two\nlines'], { cwd: folder });
    expect(refusal(written)).toBe('SP-CHECKSUMS-NAME 2 control characters in "two\\nlines"');
  });
});

describe('the subjects of a checksum file', () => {
  it('come in the order of the file, each once', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(path, fc.boolean(), fc.boolean(), fc.string()), {
          minLength: 1,
          maxLength: 30,
          selector: ([name]) => name,
        }),
        (entries) => {
          const lines = entries.map(([name, tagged, binary, content]) => {
            const escaped = name.replaceAll('\\', '\\\\');
            const lead = escaped === name ? '' : '\\';
            const hex = hash('sha512', content);
            return tagged
              ? `${lead}SHA512 (${escaped}) = ${hex}\n`
              : `${lead}${hex} ${binary ? '*' : ' '}${escaped}\n`;
          });
          expect(read(lines.join(''))).toEqual(
            entries.map(([name, , , content]) => ({ name, digest: { sha512: hash('sha512', content) } })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('have the digests of all algorithms that name them', () => {
    const long = hash('sha512', 'a');
    expect(read(`${A}  app\nSHA512 (./app) = ${long}\n${B}  lib\n${A.toUpperCase()} *app\n`)).toEqual([
      { name: 'app', digest: { sha256: A, sha512: long } },
      { name: 'lib', digest: { sha256: B } },
    ]);
  });

  it('are never half of what was written, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(refusal(bytes)).toMatch(/^SP-CHECKSUMS-/u);
      }),
    );
    const good = Buffer.from(`${A}  app\n\\SHA256 (b\\\\c) = ${B}\n`);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        fc.pre(good[at] !== 0x0a);
        const changed = Buffer.from(good);
        changed[at] = byte;
        const said = refusal(changed);
        if (said.startsWith('SP-CHECKSUMS-')) return;
        // What is still read says each of its lines: nothing was stepped over.
        expect((JSON.parse(said) as unknown[]).length).toBe(2);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be as many as one statement takes', () => {
    const lines = Array.from({ length: MAX_SUBJECTS + 1 }, (_, index) => `${A}  file-${index}\n`);
    expect(read(lines.slice(1).join('')).length).toBe(MAX_SUBJECTS);
    expect(refusal(lines.join(''))).toBe('SP-CHECKSUMS-LIMIT 1025 more than that in 1025 lines');
  });
});

describe('a checksum file is refused', () => {
  const cases: [string, string | Uint8Array, string][] = [
    ['that is empty', '', 'SP-CHECKSUMS-EMPTY - 0 bytes'],
    ['with an empty line', `${A}  a\n\n`, 'SP-CHECKSUMS-FORMAT 2 an empty line'],
    ['with a comment', `# of today\n${A}  a\n`, 'SP-CHECKSUMS-FORMAT 1 "# of today"'],
    ['that is cut off', `${A}  a\n${B}  ap`, 'SP-CHECKSUMS-FORMAT 2 none: the file may have been cut off'],
    ['with one space', `${A} a\n`, `SP-CHECKSUMS-FORMAT 1 ${JSON.stringify(`${A} a`)}`],
    ['that is signed inline', `-----BEGIN PGP SIGNED MESSAGE-----\n`, 'SP-CHECKSUMS-FORMAT 1 "-----BEGIN'],
    ['with a byte order mark', `\ufeff${A}  a\n`, 'SP-CHECKSUMS-FORMAT 1'],
    ['with Windows line breaks', `${A}  a\r\n`, 'SP-CHECKSUMS-NAME 1 control characters in "a\\r"'],
    ['of openssl', `SHA2-256(a)= ${A}\n`, 'SP-CHECKSUMS-FORMAT 1'],
    ['of MD5', `${'a'.repeat(32)}  a\n`, 'SP-CHECKSUMS-ALGORITHM 1 MD5'],
    ['of SHA-1', `${'a'.repeat(40)}  a\n`, 'SP-CHECKSUMS-ALGORITHM 1 SHA-1'],
    ['of SHA-224', `${'a'.repeat(56)}  a\n`, 'SP-CHECKSUMS-ALGORITHM 1 SHA-224'],
    ['of a digest that is cut', `${A.slice(1)}  a\n`, 'SP-CHECKSUMS-ALGORITHM 1 63 hex digits'],
    ['of MD5 by tag', `MD5 (a) = ${'a'.repeat(32)}\n`, 'SP-CHECKSUMS-ALGORITHM 1 MD5'],
    ['of BLAKE2 by tag', `BLAKE2b-256 (a) = ${A}\n`, 'SP-CHECKSUMS-ALGORITHM 1 BLAKE2b-256'],
    ['of no algorithm', `constructor (a) = ${A}\n`, 'SP-CHECKSUMS-ALGORITHM 1 constructor'],
    ['with a tag of another length', `SHA512 (a) = ${A}\n`, `SP-CHECKSUMS-FORMAT 1 "${A}"`],
    ['in base64', `SHA256 (a) = ${'Zm9v'.repeat(16)}\n`, 'SP-CHECKSUMS-FORMAT 1 "Zm9v'],
    ['with an unknown escape', `\\${A}  a\\tb\n`, 'SP-CHECKSUMS-FORMAT 1 "\\\\t"'],
    ['with an escape that ends', `\\${A}  a\\\n`, 'SP-CHECKSUMS-FORMAT 1 "\\\\"'],
    ['with two digests of a name', `${A}  a\n${B}  a\n`, `SP-CHECKSUMS-DUPLICATE 2 sha256:${B}`],
    ['with two digests of a path', `${A}  d/a\n${B}  ./d//a\n`, `SP-CHECKSUMS-DUPLICATE 2 sha256:${B}`],
    ['with an absolute path', `${A}  /etc/passwd\n`, 'SP-CHECKSUMS-NAME 1 the absolute path "/etc/passwd"'],
    ['with a drive', `${A}  C:\\app.exe\n`, 'SP-CHECKSUMS-NAME 1 the absolute path "C:\\\\app.exe"'],
    ['with a share', `${A}  \\\\host\\app.exe\n`, 'SP-CHECKSUMS-NAME 1 the absolute path'],
    ['with a way out', `${A}  dist/../../app\n`, 'SP-CHECKSUMS-NAME 1 a way out of its folder'],
    ['with a way out on Windows', `${A}  dist\\..\\app\n`, 'SP-CHECKSUMS-NAME 1 a way out of its folder'],
    ['of a folder', `${A}  ./\n`, 'SP-CHECKSUMS-NAME 1 no name'],
    ['of a pipe', `${A}  -\n`, 'SP-CHECKSUMS-NAME 1 what was read from a pipe has no name'],
    ['with an escape sequence', `${A}  a\u001b[2J\n`, 'SP-CHECKSUMS-NAME 1 control characters in'],
    ['with a turned name', `${A}  a\u202egpj.exe\n`, 'SP-CHECKSUMS-NAME 1 control characters in'],
    ['with a long name', `${A}  ${'a'.repeat(4097)}\n`, 'SP-CHECKSUMS-NAME 1 4097 characters'],
    [
      'with a name in Latin-1',
      Buffer.from(`${A}  a\n${B}  \xe9\n`, 'latin1'),
      'SP-CHECKSUMS-NAME 2 other bytes',
    ],
  ];
  it.each(cases)('%s', (_name, text, expected) => {
    expect(refusal(text).startsWith(expected), refusal(text)).toBe(true);
  });

  it('of any size in no time', () => {
    const started = performance.now();
    for (const text of [') = a', '\\\\', ' (', `SHA256 (${') = '.repeat(50_000)}`, 'a ', `\\${A}  \\\\`])
      expect(refusal(`${text.repeat(Math.floor(500_000 / text.length))}\n`)).toMatch(/^SP-/u);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
