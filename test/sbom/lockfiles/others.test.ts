import { describe, expect, it } from 'vitest';
import { Reverse } from '../../../src/sbom/paths.ts';
import { lockedIn, lockedOf, summary } from '../trees.ts';

const sha = 'c'.repeat(64);

describe('lockfiles of other languages', () => {
  it('Cargo.lock with the scopes of Cargo.toml', async () => {
    const tree = await lockedIn('cargo');
    const found = summary(tree);
    expect(tree.findings).toEqual([]);
    expect(found).toContain('pkg:cargo/shop@0.1.0 runtime false');
    expect(found).toContain('pkg:cargo/url@2.4.1 runtime true');
    expect(found).toContain('pkg:cargo/fastrand@2.0.1 development true');
    expect(found).toContain('pkg:cargo/cc@1.0.83 development true');
    expect(
      found.some((one) => one.startsWith('pkg:cargo/percent-encoding@') && one.endsWith('runtime false')),
    ).toBe(true);
    expect(tree.bom.components.find((one) => one.name === 'url')?.hashes[0]?.algorithm).toBe('SHA-256');
  });

  it('go.mod with go.sum: a replaced module, the standard library, what is indirect', async () => {
    const tree = await lockedIn('go');
    expect(tree.findings).toEqual([]);
    expect(summary(tree)).toEqual([
      'pkg:golang/example.com/shop runtime false',
      'pkg:golang/github.com/inconshreveable/mousetrap@v1.1.0 runtime false',
      'pkg:golang/github.com/pkg/errors@v0.9.0 runtime true',
      'pkg:golang/github.com/spf13/cobra@v1.8.0 runtime true',
      'pkg:golang/github.com/spf13/pflag@v1.0.5 runtime false',
    ]);
    expect(tree.bom.components.find((one) => one.name === 'cobra')?.hashes).toEqual([
      { algorithm: 'golang-h1', content: expect.stringMatching(/^h1:/u) },
    ]);
  });

  it('go.mod before 1.17: go.sum names the rest; a toolchain; no go.sum is a finding', async () => {
    const mod = 'module example.com/a\ngo 1.16\nrequire example.com/b/c v1.0.0\n';
    const sums = `example.com/b/c v1.0.0 h1:x=\nexample.com/d v2.0.0+incompatible h1:y=\nexample.com/e v1.0.0/go.mod h1:z=\n`;
    expect(summary(await lockedOf({ 'go.mod': mod, 'go.sum': sums }))).toEqual([
      'pkg:golang/example.com/a runtime false',
      'pkg:golang/example.com/b/c@v1.0.0 runtime true',
      'pkg:golang/example.com/d@v2.0.0%2Bincompatible unknown false',
    ]);
    const without = await lockedOf({ 'go.mod': `${mod.replace('1.16', '1.22')}toolchain go1.22.4\n` });
    expect(without.findings.map((one) => one.rule)).toEqual(['lockfile-missing']);
    expect(summary(without)).toContain('pkg:golang/stdlib@1.22.4 runtime true');
  });

  it('Gemfile.lock: sources, platforms, groups of the Gemfile, digests', async () => {
    const lock = `GIT\n  remote: https://github.com/o/r.git\n  revision: ${'a'.repeat(40)}\n  specs:\n    fromgit (1.0)\n      rack (>= 2)\n\nPATH\n  remote: engines/x\n  specs:\n    local (0.1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.15.4-x86_64-linux)\n      racc (~> 1.4)\n    racc (1.7.1)\n    rack (2.2.8)\n    rspec (3.12.0)\n\nPLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  fromgit!\n  local!\n  nokogiri\n  rspec (~> 3)\n\nCHECKSUMS\n  nokogiri (1.15.4-x86_64-linux) sha256=${sha}\n  rack (2.2.8) sha256=${sha}\n  racc (1.7.1) sha256=${sha}\n\nBUNDLED WITH\n   2.5.0\n`;
    const gemfile =
      "source 'https://rubygems.org'\ngem 'nokogiri'\ngroup :test do\n  if true\n    gem 'rspec', '~> 3'\n  end\nend\ngem 'fromgit', git: 'x', group: :development\n";
    const tree = await lockedOf({ 'Gemfile.lock': lock, Gemfile: gemfile });
    expect(summary(tree)).toEqual([
      'pkg:gem/fromgit@1.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fr.git%40' +
        'a'.repeat(40) +
        ' development true',
      'pkg:gem/local@0.1 runtime true',
      'pkg:gem/nokogiri@1.15.4?platform=x86_64-linux runtime true',
      'pkg:gem/racc@1.7.1 runtime false',
      'pkg:gem/rack@2.2.8 development false',
      'pkg:gem/rspec@3.12.0 test true',
      'pkg:generic/root runtime false',
    ]);
    expect(tree.findings.map((one) => one.component)).toEqual(['pkg:gem/rspec@3.12.0']);
  });

  it('composer.lock: sections, provided names, what composer.json names', async () => {
    const entry = (name: string, more: object = {}) => ({
      name,
      version: 'v1.0.0',
      license: ['MIT'],
      dist: {
        type: 'zip',
        url: `https://api.github.com/repos/${name}/zipball/x`,
        reference: 'x',
        shasum: '',
      },
      ...more,
    });
    const lock = {
      packages: [
        entry('a/b', { require: { php: '>=8', 'psr/log-implementation': '*' } }),
        entry('m/log', { provide: { 'psr/log-implementation': '1' } }),
      ],
      'packages-dev': [entry('p/unit', { dist: { type: 'zip', url: 'https://evil.example/x.zip' } })],
    };
    const tree = await lockedOf({
      'composer.lock': JSON.stringify(lock, null, 4),
      'composer.json': JSON.stringify({
        name: 'me/app',
        license: 'MIT',
        require: { 'a/b': '^1' },
        'require-dev': { 'p/unit': '*' },
      }),
    });
    expect(summary(tree)).toEqual([
      'pkg:composer/a/b@v1.0.0 runtime true',
      'pkg:composer/m/log@v1.0.0 runtime false',
      'pkg:composer/me/app runtime false',
      'pkg:composer/p/unit@v1.0.0 development true',
    ]);
    expect(tree.findings.map((one) => one.rule)).toEqual([
      'lock-entry-without-integrity',
      'lock-entry-foreign-host',
    ]);
    expect(new Reverse(tree.bom).shortest('pkg:composer/m/log@v1.0.0')).toHaveLength(3);
  });

  it('packages.lock.json: frameworks, projects, transitive entries', async () => {
    const lock = {
      version: 2,
      dependencies: {
        'net8.0': {
          'Newtonsoft.Json': {
            type: 'Direct',
            requested: '[13.0.1, )',
            resolved: '13.0.1',
            contentHash: 'abc',
            dependencies: { 'System.Text': '4.0' },
          },
          'System.Text': { type: 'Transitive', resolved: '4.0.0', contentHash: 'def' },
          lib: { type: 'Project' },
        },
      },
    };
    const tree = await lockedOf({
      'src/packages.lock.json': JSON.stringify(lock),
      'src/Shop.csproj': '<Project/>',
    });
    expect(summary(tree)).toEqual([
      'pkg:generic/Shop#src runtime false',
      'pkg:nuget/Newtonsoft.Json@13.0.1 runtime true',
      'pkg:nuget/System.Text@4.0.0 runtime false',
      'pkg:nuget/lib runtime true',
    ]);
    expect(tree.findings).toEqual([]);
  });

  it('pubspec.lock', async () => {
    const one = (kind: string, more: string) =>
      `    dependency: ${kind}\n    description:\n      name: x\n${more}    source: hosted\n    version: "1.0.0"\n`;
    const text = `packages:\n  http:\n${one('"direct main"', `      sha256: ${sha}\n      url: "https://pub.dev"\n`).replace('name: x', 'name: http')}  lints:\n${one('"direct dev"', '      url: "https://pub.dev"\n').replace('name: x', 'name: lints')}  meta:\n${one('transitive', `      sha256: ${sha}\n      url: "https://other.example"\n`).replace('name: x', 'name: meta')}sdks:\n  dart: ">=3.0.0"\n`;
    const tree = await lockedOf({ 'pubspec.lock': text, 'pubspec.yaml': 'name: shop\nversion: 1.2.3\n' });
    expect(summary(tree)).toEqual([
      'pkg:pub/http@1.0.0 runtime true',
      'pkg:pub/lints@1.0.0 development true',
      'pkg:pub/meta@1.0.0 unknown false',
      'pkg:pub/shop@1.2.3 runtime false',
    ]);
    expect(tree.findings.map((finding) => [finding.rule, finding.place.line])).toEqual([
      ['lock-entry-without-integrity', 10],
      ['lock-entry-foreign-host', 17],
    ]);
  });

  it('mix.lock', async () => {
    const text = `%{\n  "jason": {:hex, :jason, "1.4.1", "${sha}", [:mix], [{:decimal, "~> 1.0 or ~> 2.0", [hex: :decimal, repo: "hexpm", optional: true]}], "hexpm", "${sha}"},\n  "decimal": {:hex, :decimal, "2.1.1", "${sha}", [:mix], [], "hexpm", "${sha}"},\n  "tool": {:git, "https://github.com/o/tool.git", "abc", [branch: "main"]},\n}\n`;
    const exs =
      'def project do\n [\n  app: :shop,\n ]\nend\ndefp deps do\n[\n  {:jason, "~> 1.4"},\n  {:tool, git: "x", only: [:dev, :test]}\n]\nend\n';
    expect(summary(await lockedOf({ 'mix.lock': text, 'mix.exs': exs }))).toEqual([
      'pkg:hex/decimal@2.1.1 optional false',
      'pkg:hex/jason@1.4.1 runtime true',
      'pkg:hex/shop runtime false',
      'pkg:hex/tool?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Ftool.git%40abc development true',
    ]);
  });

  it('actions that workflows use; a script that looks like one is none', async () => {
    const commit = 'a'.repeat(40);
    const text = `on: push\njobs:\n  build:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n      - uses: 'o/r/sub@${commit}' # v1\n      - uses: ./local\n      - uses: docker://alpine:3.19\n      - run: |\n          uses: not/an-action@v1\n  call:\n    uses: o/w/.github/workflows/x.yml@main\n`;
    const tree = await lockedOf({ '.github/workflows/ci.yml': text });
    expect(summary(tree)).toEqual([
      'pkg:docker/alpine@3.19 development true',
      'pkg:generic/ci.yml#.github/workflows/ci.yml runtime false',
      'pkg:githubactions/actions/checkout@v4 development true',
      `pkg:githubactions/o/r@${commit}#sub development true`,
      'pkg:githubactions/o/w@main#.github/workflows/x.yml development true',
    ]);
    expect(tree.findings.map((one) => [one.rule, one.place.line])).toEqual([
      ['action-not-pinned', 6],
      ['action-not-pinned', 9],
      ['action-not-pinned', 13],
    ]);
  });

  it('a manifest without its lockfile; one in a folder above counts', async () => {
    const needs = '{"dependencies": {"a": "1"}}';
    const tree = await lockedOf({
      'a/package.json': needs,
      'b/package.json': needs,
      'b/package-lock.json': '{"lockfileVersion": 3, "packages": {}}',
      'b/packages/c/package.json': needs,
      'd/package.json': '{"name": "d"}',
      'e/Gemfile': "gem 'x'",
    });
    expect(tree.findings.map((one) => one.place.path)).toEqual(['a/package.json', 'e/Gemfile']);
  });
});
