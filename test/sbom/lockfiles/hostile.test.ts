import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../../src/model/error.ts';
import type { LockSource } from '../../../src/sbom/lockfiles/format.ts';
import { lockKinds } from '../../../src/sbom/lockfiles/registry.ts';
import { filesIn } from '../trees.ts';

/** A path that each format takes for its own. */
const PATHS: Record<string, string> = {
  'package-lock.json': 'package-lock.json',
  'yarn.lock': 'yarn.lock',
  'pnpm-lock.yaml': 'pnpm-lock.yaml',
  'bun.lock': 'bun.lock',
  'requirements.txt': 'requirements.txt',
  'poetry.lock': 'poetry.lock',
  'uv.lock': 'uv.lock',
  'Pipfile.lock': 'Pipfile.lock',
  'pdm.lock': 'pdm.lock',
  'pom.xml': 'pom.xml',
  'dependency-tree.json': 'dependency-tree.json',
  'bom.json': 'target/bom.json',
  'gradle.lockfile': 'gradle.lockfile',
  'libs.versions.toml': 'gradle/libs.versions.toml',
  'go.mod': 'go.mod',
  'Cargo.lock': 'Cargo.lock',
  'Gemfile.lock': 'Gemfile.lock',
  'composer.lock': 'composer.lock',
  'packages.lock.json': 'packages.lock.json',
  'pubspec.lock': 'pubspec.lock',
  'mix.lock': 'mix.lock',
  'github-actions': '.github/workflows/ci.yml',
};

/** Real files to cut and change, by format. */
const REAL: Record<string, Buffer[]> = {
  'package-lock.json': ['npm1', 'npm3'].map((one) => fileIn(`npm/${one}`, 'package-lock.json')),
  'yarn.lock': ['yarn1', 'yarn4'].map((one) => fileIn(`npm/${one}`, 'yarn.lock')),
  'pnpm-lock.yaml': ['pnpm6', 'pnpm9'].map((one) => fileIn(`npm/${one}`, 'pnpm-lock.yaml')),
  'bun.lock': [fileIn('npm/bun', 'bun.lock')],
  'requirements.txt': [fileIn('python/requirements', 'requirements.txt')],
  'poetry.lock': [firstPackages('python/poetry', 'poetry.lock')],
  'uv.lock': [firstPackages('python/uv', 'uv.lock')],
  'Pipfile.lock': [fileIn('python/pipenv', 'Pipfile.lock')],
  'pom.xml': [fileIn('maven', 'lib/pom.xml')],
  'dependency-tree.json': [fileIn('maven', 'app/dependency-tree.json')],
  'bom.json': [fileIn('documents', 'maven-plugin.json')],
  'go.mod': [fileIn('go', 'go.mod')],
  'Cargo.lock': [fileIn('cargo', 'Cargo.lock')],
  // In the form that each tool writes.
  'pdm.lock': [
    Buffer.from(
      '[metadata]\nlock_version = "4.5.0"\n\n[[package]]\nname = "anyio"\nversion = "4.4.0"\ndependencies = ["idna>=2.8"]\nfiles = [\n    {file = "anyio-4.4.0-py3-none-any.whl", hash = "sha256:aa"},\n]\n\n[[package]]\nname = "idna"\nversion = "3.7"\nfiles = []\n',
    ),
  ],
  'gradle.lockfile': [
    Buffer.from(
      '# This is a Gradle generated file\ncom.google.guava:guava:32.1.0-jre=compileClasspath,runtimeClasspath\njunit:junit:4.13=testRuntimeClasspath\nempty=annotationProcessor\n',
    ),
  ],
  'libs.versions.toml': [
    Buffer.from(
      '[versions]\nj = "2.15.0"\n\n[libraries]\njackson = { module = "a.b:c", version.ref = "j" }\n',
    ),
  ],
  'Gemfile.lock': [
    Buffer.from(
      'GEM\n  remote: https://rubygems.org/\n  specs:\n    rack (2.2.8)\n    rack-test (2.1.0)\n      rack (>= 1.3)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack-test\n\nBUNDLED WITH\n   2.4.0\n',
    ),
  ],
  'composer.lock': [
    Buffer.from(
      '{"packages":[{"name":"a/b","version":"v1.0.0","require":{"c/d":"^1"},"dist":{"type":"zip","url":"https://api.github.com/x","reference":"x","shasum":""},"time":"2026-01-01T00:00:00+00:00"},{"name":"c/d","version":"1.0.0"}],"packages-dev":[]}',
    ),
  ],
  'packages.lock.json': [
    Buffer.from(
      '{"version":1,"dependencies":{"net8.0":{"A.B":{"type":"Direct","requested":"[1.0.0, )","resolved":"1.0.0","contentHash":"eA==","dependencies":{"C.D":"2.0.0"}},"C.D":{"type":"Transitive","resolved":"2.0.0","contentHash":"eA=="}}}}',
    ),
  ],
  'pubspec.lock': [
    Buffer.from(
      'packages:\n  async:\n    dependency: "direct main"\n    description:\n      name: async\n      sha256: "aa"\n      url: "https://pub.dev"\n    source: hosted\n    version: "2.11.0"\n',
    ),
  ],
  'mix.lock': [
    Buffer.from(
      `%{\n  "plug": {:hex, :plug, "1.14.0", "aa", [:mix], [{:mime, "~> 1.0", [hex: :mime, repo: "hexpm", optional: false]}], "hexpm", "bb"},\n}\n`,
    ),
  ],
  'github-actions': [
    Buffer.from(
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          echo uses\n',
    ),
  ],
};

function fileIn(folder: string, path: string): Buffer {
  const found = filesIn(folder)[path];
  if (found === undefined) throw new Error(`no fixture ${folder}/${path}`);
  return found;
}

/** As many whole packages as fit into some kilobytes. */
function firstPackages(folder: string, path: string): Buffer {
  const whole = fileIn(folder, path);
  return whole.subarray(0, whole.lastIndexOf('[[package]]', 12_000));
}

function sourceOf(path: string, bytes: Uint8Array): LockSource {
  return {
    path,
    bytes,
    exists: (other) => other === path,
    paths: () => [path],
    read: async () => bytes,
    shared: new Map(),
  };
}

/** Reads, and fails the test for anything but a result or a SallyportError. */
async function readOrRefuse(name: string, content: string | Uint8Array): Promise<'read' | SallyportError> {
  const kind = lockKinds.find((one) => one.name === name);
  const path = PATHS[name] ?? '';
  if (kind?.wants(path) !== true) throw new Error(`${name} does not want ${path}`);
  const format = await kind.load();
  expect(format.name).toBe(name);
  try {
    const locked = await format.read(sourceOf(path, Buffer.from(content as Uint8Array)));
    for (const component of locked.components) expect(component.ref).not.toBe('');
    return 'read';
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SallyportError);
    return thrown as SallyportError;
  }
}

const hostileKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'packages',
  'dependencies',
  'node_modules/a',
  'a',
  'version',
  'resolved',
  '',
  '\u0000',
  'a@1',
  'package',
  'default',
  'lockfileVersion',
  'name',
  'importers',
  'snapshots',
  'dependsOn',
  'children',
  'groupId',
);
const hostileValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(
      null,
      true,
      3,
      2,
      1,
      '1.0.0',
      '',
      '../../..',
      'npm:a@1',
      'file:../x',
      '\u0000',
      'x'.repeat(600),
      'https://',
      '${{ x }}',
      'a@b@c',
      '==',
    ),
    fc.string({ maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(hostileKey, tie('value')), { maxLength: 5 }).map((pairs) => {
      const made: Record<string, unknown> = {};
      for (const [key, value] of pairs)
        Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
      return made;
    }),
  ),
})).value;

describe('every lockfile format, on hostile input', () => {
  it('is named here, so that a new one is tested, too', () => {
    expect(lockKinds.map((kind) => kind.name).sort()).toEqual(Object.keys(PATHS).sort());
    expect(Object.keys(REAL).sort()).toEqual(Object.keys(PATHS).sort());
  });

  it.each(Object.keys(PATHS))('%s: arbitrary text and bytes', async (name) => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
        async (text) => void (await readOrRefuse(name, text)),
      ),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 64 }),
        async (bytes) => void (await readOrRefuse(name, bytes)),
      ),
      { numRuns: 30 },
    );
  });

  it.each(Object.keys(PATHS))('%s: JSON (which is YAML, too) of hostile names and values', async (name) => {
    const heads = fc.constantFrom(
      {},
      { lockfileVersion: 3 },
      { lockfileVersion: 1 },
      { lockfileVersion: '9.0' },
      { version: 1 },
      { bomFormat: 'CycloneDX', specVersion: '1.6' },
      { __metadata: { version: 8 } },
    );
    await fc.assert(
      fc.asyncProperty(heads, hostileValue, async (head, value) => {
        await readOrRefuse(
          name,
          JSON.stringify({
            ...head,
            packages: value,
            dependencies: value,
            package: value,
            default: value,
            components: value,
            workspaces: value,
            importers: value,
            jobs: value,
          }),
        );
        await readOrRefuse(name, JSON.stringify(value) ?? '');
      }),
      { numRuns: 80 },
    );
    expect(Object.hasOwn(Object.prototype, 'packages')).toBe(false);
  });

  it.each(Object.keys(REAL))('%s: real files, cut anywhere and with bytes changed', async (name) => {
    for (const real of REAL[name] ?? []) {
      expect(await readOrRefuse(name, real)).toBe('read');
      await fc.assert(
        fc.asyncProperty(
          fc.nat(real.length),
          fc.array(fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
          async (end, changes) => {
            const bytes = Buffer.from(real);
            for (const [at, byte] of changes) bytes[at] = byte;
            await readOrRefuse(name, bytes.subarray(0, end));
            await readOrRefuse(name, bytes);
          },
        ),
        { numRuns: 15 },
      );
    }
  });

  it.each(['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'mix.lock', 'pom.xml', 'uv.lock'])(
    '%s: 300 and 100,000 levels',
    async (name) => {
      for (const depth of [300, 100_000]) {
        for (const [open, close] of [
          ['[', ']'],
          ['{"a":', '}'],
          ['{', '}'],
          ['<a>', '</a>'],
          ['a = [', ']'],
        ] as const)
          expect(await readOrRefuse(name, `${open.repeat(depth)}${close.repeat(depth)}`)).toBeInstanceOf(
            SallyportError,
          );
      }
    },
  );

  it('refuses more than 200,000 entries, in bounded time', async () => {
    const packages = Object.fromEntries(
      Array.from({ length: 200_001 }, (_, at) => [`node_modules/p${at}`, { version: '1.0.0' }]),
    );
    const answer = await readOrRefuse('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }));
    expect(answer).toBeInstanceOf(SallyportError);
    expect((answer as SallyportError).code).toBe('SP-LOCK-LIMIT');
  }, 20_000);

  it('says file and line', async () => {
    const answer = await readOrRefuse('uv.lock', 'version = 1\n[[package]]\nname = \n');
    expect((answer as SallyportError).problem.place).toMatchObject({ path: 'uv.lock', line: 3 });
    const nul = await readOrRefuse('yarn.lock', 'a@1:\n  version "1\0"\n');
    expect((nul as SallyportError).problem.place).toEqual({ path: 'yarn.lock', line: 2 });
  });

  it('takes circles for what they are', async () => {
    const packages = {
      '': { name: 'a', version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/b': { version: '1.0.0', integrity: 'x', dependencies: { c: '1' } },
      'node_modules/c': { version: '1.0.0', integrity: 'x', dependencies: { b: '1' } },
    };
    expect(await readOrRefuse('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }))).toBe(
      'read',
    );
  });
});
