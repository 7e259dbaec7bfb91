// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCompose } from '../../../src/scan/configuration/compose/parse.ts';
import { parseYaml } from '../../../src/scan/configuration/compose/yaml.ts';
import { parseDockerignore } from '../../../src/scan/configuration/dockerignore.ts';
import { imageMatches, imagePurl, parseImage } from '../../../src/scan/configuration/image.ts';
import { resolveInTree } from '../../../src/scan/configuration/paths.ts';
import { isSecretName, judgeSecretValue, maskUrls } from '../../../src/scan/configuration/secrets.ts';
import { decodeText, SourceText } from '../../../src/scan/configuration/text.ts';
import { wildcardMatch } from '../../../src/scan/configuration/wildcard.ts';

const HEX = 'ab'.repeat(32);

describe('parseImage', () => {
  it.each([
    ['node', 'docker.io', 'library/node', null, null, 'pkg:docker/node'],
    ['node:24-slim', 'docker.io', 'library/node', '24-slim', null, 'pkg:docker/node@24-slim'],
    ['bitnami/redis', 'docker.io', 'bitnami/redis', null, null, 'pkg:docker/bitnami/redis'],
    ['index.docker.io/library/node', 'docker.io', 'library/node', null, null, 'pkg:docker/node'],
    [
      'localhost:5000/a/b:1',
      'localhost:5000',
      'a/b',
      '1',
      null,
      'pkg:docker/a/b@1?repository_url=localhost%3A5000',
    ],
    ['gcr.io/x/y:1', 'gcr.io', 'x/y', '1', null, 'pkg:docker/x/y@1?repository_url=gcr.io'],
    [
      `node:24@sha256:${HEX}`,
      'docker.io',
      'library/node',
      '24',
      `sha256:${HEX}`,
      `pkg:oci/node@sha256%3A${HEX}?repository_url=docker.io%2Flibrary%2Fnode&tag=24`,
    ],
    [
      `a@sha256:${HEX}`,
      'docker.io',
      'library/a',
      null,
      `sha256:${HEX}`,
      `pkg:oci/a@sha256%3A${HEX}?repository_url=docker.io%2Flibrary%2Fa`,
    ],
  ])('reads %s', (raw, registry, repository, tag, digest, purl) => {
    const image = parseImage(raw);
    expect(image).toEqual({ raw, registry, repository, tag, digest });
    expect(image === null ? null : imagePurl(image)).toBe(purl);
  });

  it.each([
    '',
    'Node',
    'a b',
    'a:',
    'a@',
    'a@sha256:12',
    '/a',
    'a//b',
    '${X}',
    'a:b:c',
    `a@${HEX}`,
    'x'.repeat(2000),
  ])('refuses %j', (raw) => {
    expect(parseImage(raw)).toBeNull();
  });

  it('matches patterns with and without registry, tag and digest', () => {
    const image = parseImage(`node:24-slim@sha256:${HEX}`);
    const matches = (pattern: string): boolean => image !== null && imageMatches(image, pattern);
    for (const pattern of [
      'node',
      'node:*-slim',
      'docker.io/library/node',
      'docker.io/**',
      'node:24-slim@sha256:*',
    ])
      expect(matches(pattern), pattern).toBe(true);
    for (const pattern of ['node:24', 'nod', 'docker.io/*', 'library/node', 'ghcr.io/**'])
      expect(matches(pattern), pattern).toBe(false);
  });
});

describe('wildcardMatch', () => {
  it('agrees with a regular expression (property)', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        const source = p.replace(
          /\*\*|\*|\?/gu,
          (part) => ({ '**': '.*', '*': '[^/]*', '?': '[^/]' })[part] ?? '',
        );
        expect(wildcardMatch(p, t)).toBe(new RegExp(`^(?:${source})$`, 'su').test(t));
      }),
      { numRuns: 2000 },
    );
  });

  it('needs no more than pattern times text', () => {
    const start = performance.now();
    expect(wildcardMatch('*a'.repeat(120), 'a'.repeat(4000))).toBe(false || true);
    expect(wildcardMatch(`${'*a'.repeat(120)}b`, 'a'.repeat(4000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('parseDockerignore', () => {
  it.each([
    ['.env', '.env', true],
    ['.env', 'a/.env', false],
    ['**/.env', 'a/b/.env', true],
    ['**/.env', '.env', true],
    ['/.env', '.env', true],
    ['conf', 'conf/x/key', true],
    ['conf/', 'conf/x', true],
    ['*.pem', 'a.pem', true],
    ['*.pem', 'a/b.pem', false],
    ['*\n!keep', 'keep', false],
    ['*\n!keep', 'other/x', true],
    ['!x\nx', 'x', true],
    ['a\n!a/b', 'a/b', false],
    ['# x\n\n', 'x', false],
    ['a?c', 'abc', true],
    ['./a', 'a', true],
  ])('%j leaves out %s: %s', (text, path, expected) => {
    expect(parseDockerignore('.dockerignore', text).leavesOut(path)).toBe(expected);
  });
});

describe('secrets', () => {
  it.each([
    'DB_PASSWORD',
    'password',
    'apiKey',
    'API_KEY',
    'GITHUB_TOKEN',
    'clientSecret',
    'AWS_SECRET_ACCESS_KEY',
    'MYSQL_ROOT_PASSWORD',
    'PGPASSWORD',
    'ssh-private-key',
    'NPM_AUTH',
  ])('%s promises a secret', (name) => {
    expect(isSecretName(name)).toBe(true);
  });
  it.each([
    'PASSWORD_FILE',
    'TOKEN_URL',
    'KEY',
    'GPG_KEY',
    'AWS_ACCESS_KEY_ID',
    'SECRET_NAME',
    'TOKENIZERS_PARALLELISM',
    'MAX_TOKENS',
    'AUTHOR',
    'MYSQL_ALLOW_EMPTY_PASSWORD',
    'PUBLIC_KEY',
    'MONKEY',
    'PATH',
    'SECRETARY',
    'PASSTHROUGH',
    'disabled-password',
    'password-stdin',
  ])('%s does not', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
  it.each([
    ['', null],
    ['$X', null],
    ['${X}', null],
    ['/run/secrets/x', null],
    ['changeme', 'placeholder'],
    ['<your token>', 'placeholder'],
    ['hunter2pw', 'literal'],
    ['9f8a7b6c5d4e3f2a1b0c9d8e', 'random'],
    [`ghp_${'a1B2'.repeat(9)}`, 'known'],
    ['AKIAIOSFODNN7EXAMPLE', 'placeholder'],
  ])('%j is judged %s', (value, kind) => {
    expect(judgeSecretValue(value)?.kind ?? null).toBe(kind);
  });
  it('masks passwords in URLs', () => {
    expect(maskUrls('a https://me:pw@x/y redis://:pw@z')).toBe('a https://*:*@x/y redis://*:*@z');
  });
});

describe('parseYaml', () => {
  const problems = (text: string) => parseYaml(new SourceText('f', text)).problems;

  it.each([
    ['a: [1', /not valid YAML/u],
    ['a: 1\na: 2', /stands twice/u],
    ['a: *b', /no anchor|Unresolved alias/iu],
    ['a: &a [*a]', /contains itself/u],
    [`a: ${'['.repeat(300)}${']'.repeat(300)}`, /levels deep|not valid/u],
  ])('refuses %j with a place', (text, message) => {
    const [problem] = problems(text);
    expect(problem?.message).toMatch(message);
    expect(problem?.place?.line).toBeGreaterThan(0);
  });

  it('refuses an alias bomb in time', () => {
    const bomb = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x,x]',
      ...Array.from(
        { length: 12 },
        (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`,
      ),
    ].join('\n');
    const start = performance.now();
    expect(problems(bomb)[0]?.message).toMatch(/more than/u);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('takes many keys, deep nesting and long lines in time', () => {
    const start = performance.now();
    parseYaml(new SourceText('f', Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join('\n')));
    parseYaml(new SourceText('f', '['.repeat(100_000)));
    parseYaml(new SourceText('f', `a: ${'x'.repeat(1_000_000)}`));
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('reads hostile keys as keys', () => {
    const file = parseCompose(
      new SourceText('compose.yml', 'services:\n  __proto__:\n    privileged: true\n    image: x\n'),
    );
    expect(file.services.map(({ name }) => name)).toEqual(['__proto__']);
  });

  it('never throws, and every place lies in the text (property)', () => {
    const piece = fc.constantFrom(
      'services:\n',
      '  a:\n',
      '    image: ',
      'x',
      '\n',
      '- ',
      '&a ',
      '*a',
      '<<: ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      ': ',
      '|\n',
      '# c',
      '!t ',
      '? ',
      '---\n',
      '  ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const file = parseCompose(new SourceText('compose.yml', text));
        for (const { nameSpan, node } of file.services)
          for (const { start, end } of [nameSpan, node]) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeLessThanOrEqual(text.length);
            expect(start).toBeLessThanOrEqual(end);
          }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('paths and text', () => {
  it.each([
    ['a', 'b', 'a/b'],
    ['a', '../b', 'b'],
    ['', '.', ''],
    ['a/b', './../c/', 'a/c'],
    ['a', '../../b', null],
    ['a', '/b', null],
    ['a', 'https://x', null],
    ['a', '$X/b', null],
    ['a', '~/b', null],
  ])('from %j, %j is %j', (folder, relative, expected) => {
    expect(resolveInTree(folder, relative)).toBe(expected);
  });

  it('refuses what is not UTF-8', () => {
    for (const bytes of [
      [0xff, 0xfe, 0x46, 0],
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
    ])
      expect(() => decodeText('f', Buffer.from(bytes))).toThrow(
        expect.objectContaining({ code: 'SP-CONFIGURATION-ENCODING' }),
      );
  });

  it('finds the line and column of every offset (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '𝄞') }), (text) => {
        const source = new SourceText('f', text);
        for (let at = 0; at <= text.length; at++) {
          const { line = 0, column = 0 } = source.place({ start: at, end: at });
          const before = text.slice(0, at);
          expect([line, column]).toEqual([
            before.split('\n').length,
            at - (before.lastIndexOf('\n') + 1) + 1,
          ]);
        }
      }),
    );
  });
});
