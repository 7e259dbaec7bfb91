import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Random } from '../scan/secrets/examples/random.ts';
import { fill } from '../scan/secrets/examples/template.ts';
import { git, project, run, temporaryFolder, write } from './support.ts';

const random = new Random(404);
const secret = () => fill('npm_<crc62:30>', random);
const entry = join(project, 'bin', 'sallyport.cjs');
const env = { PATH: process.env.PATH, HOME: temporaryFolder() };

interface Told {
  code: number | null;
  stderr: string;
  seconds: number;
  state: string;
  reason: string;
  problems: { code: string; place?: { path: string } }[];
  skipped: { path: string; reason: string; blocking: boolean }[];
  found: { rule: string; path: string; tags: string[] }[];
  files: number;
}

function scan(root: string, ...more: string[]): Told {
  const started = performance.now();
  const args = [entry, 'scan', 'secrets', ...more, '--report', 'json'];
  const { code, stdout, stderr } = run(process.execPath, args, { cwd: root, env, timeout: 300_000 });
  const seconds = (performance.now() - started) / 1000;
  if (stdout === '') return { code, stderr, seconds } as Told;
  const { decision } = JSON.parse(stdout);
  const [stage] = decision.stages;
  const [{ looked, problems }] = stage.runs;
  return {
    code,
    stderr,
    seconds,
    state: stage.state,
    reason: stage.reason,
    problems,
    skipped: looked.skipped,
    files: looked.files,
    found: decision.findings.map(
      ({ finding }: { finding: { rule: string; places: { path: string }[]; tags: string[] } }) => ({
        rule: finding.rule,
        path: finding.places[0]?.path,
        tags: finding.tags,
      }),
    ),
  };
}

function repository(files: Record<string, string>): string {
  const root = temporaryFolder();
  git(root, 'init', '--quiet', '--initial-branch=main');
  write(root, files);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'base');
  return root;
}

describe('what is too much', () => {
  it('a file of two gigabytes is named, and the rest is looked at', () => {
    const root = repository({ 'a.env': `T=${secret()}\n` });
    const file = openSync(join(root, 'dump.sql'), 'w');
    ftruncateSync(file, 2 * 1024 ** 3);
    closeSync(file);
    const told = scan(root);
    expect(told).toMatchObject({ code: 2, state: 'error', reason: expect.stringContaining('dump.sql') });
    expect(told.skipped).toContainEqual({
      path: 'dump.sql',
      reason: expect.stringContaining('larger than'),
      blocking: true,
    });
    expect(told.found).toMatchObject([{ path: 'a.env' }]);
    expect(told.seconds).toBeLessThan(60);
  });

  it('a line of 500 MB is named, and one of 100 MB is read to its end', () => {
    const root = temporaryFolder();
    const piece = Buffer.alloc(25 * 1024 * 1024, 'const value = load(options, index); ');
    for (let index = 0; index < 20; index++) appendFileSync(join(root, 'huge.js'), piece);
    for (let index = 0; index < 4; index++) appendFileSync(join(root, 'large.js'), piece);
    appendFileSync(join(root, 'large.js'), `T="${secret()}"`);
    const told = scan(root);
    expect(told).toMatchObject({ code: 2, state: 'error', reason: expect.stringContaining('huge.js') });
    expect(told.found).toMatchObject([{ path: 'large.js' }]);
    expect(told.seconds).toBeLessThan(120);
  });

  it('a hundred thousand files are looked at, each of them', () => {
    const root = temporaryFolder();
    for (let folder = 0; folder < 100; folder++) {
      mkdirSync(join(root, `d${folder}`));
      for (let index = 0; index < 1000; index++)
        writeFileSync(join(root, `d${folder}`, `f${index}.txt`), `${folder} ${index}\n`);
    }
    writeFileSync(join(root, 'd99', 'f999.txt'), `T=${secret()}\n`);
    const told = scan(root);
    expect(told).toMatchObject({ code: 1, files: 100_000, found: [{ path: 'd99/f999.txt' }] });
    expect(told.seconds).toBeLessThan(180);
  });

  it('archives that unpack to more than they should are named', () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    const root = temporaryFolder();
    for (let index = 0; index < 8; index++) writeFileSync(join(root, `bomb${index}.gz`), bomb);
    writeFileSync(join(root, 'bomb.gz.gz'), gzipSync(bomb));
    writeFileSync(join(root, 'a.env'), `T=${secret()}\n`);
    const told = scan(root);
    expect(told).toMatchObject({ code: 2, state: 'error' });
    expect(told.skipped.filter(({ blocking }) => blocking).map(({ path }) => path)).toEqual(
      Array.from({ length: 8 }, (_, index) => `bomb${index}.gz`),
    );
    expect(told.skipped.map(({ path }) => path)).toContain('bomb.gz.gz!/bomb.gz');
    expect(told.found).toMatchObject([{ path: 'a.env' }]);
    expect(told.seconds).toBeLessThan(60);
  });
});

describe('what is not as it should be', () => {
  it('links are not followed out of the repository, and are named', () => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'key.env'), `T=${secret()}\n`);
    const root = repository({ 'a/b.txt': 'b\n' });
    symlinkSync(join(outside, 'key.env'), join(root, 'out.env'));
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('a', join(root, 'again'));
    const told = scan(root);
    expect(told).toMatchObject({ code: 0, found: [] });
    expect(told.skipped.map(({ path }) => path).sort()).toEqual(['again', 'folder', 'loop', 'out.env']);
  });

  it('a corrupt object of Git is an error that names it', () => {
    const root = repository({ 'a.txt': 'first\n' });
    const blob = git(root, 'rev-parse', 'HEAD:a.txt');
    write(root, { 'a.txt': 'second\n' });
    git(root, 'commit', '--quiet', '--all', '--message', 'second');
    const file = join(root, '.git/objects', blob.slice(0, 2), blob.slice(2));
    rmSync(file);
    writeFileSync(file, 'this is no object');
    const told = scan(root);
    expect(told.code).toBe(2);
    expect(JSON.stringify([told.problems, told.skipped, told.reason])).toMatch(
      new RegExp(`${blob.slice(0, 12)}|a\\.txt`, 'u'),
    );
  });

  it('a shallow clone without the base is an error that says what to add', () => {
    const root = repository({ 'a.txt': 'a\n' });
    const base = git(root, 'rev-parse', 'HEAD');
    write(root, { 'b.env': `T=${secret()}\n` });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message', 'second');
    const clone = join(temporaryFolder(), 'clone');
    git(root, 'clone', '--quiet', '--depth', '1', `file://${root}`, clone);
    const told = scan(clone, '--base', base);
    expect(told.code).toBe(2);
    expect(told.stderr).toMatch(/SP-BASE-MISSING[\s\S]*fetch-depth: 0/u);
    const whole = scan(clone);
    expect(whole.code).toBe(1);
    expect(whole.skipped).toContainEqual(
      expect.objectContaining({ path: '.git', reason: expect.stringContaining('shallow') }),
    );
  });

  it('a repository that is written to meanwhile ends in a verdict, or names what was gone', () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`d${index % 50}/f${index}.txt`, `${'x'.repeat(4000)}\n`]),
    );
    const root = repository({ ...files, 'z.env': `T=${secret()}\n` });
    const busy = spawn(
      process.execPath,
      [
        '-e',
        `const fs = require('node:fs');
        for (let i = 0; ; i = (i + 7) % 3000) {
          const file = \`${root}/d\${i % 50}/f\${i}.txt\`;
          fs.rmSync(file, { force: true });
          if (i % 3 !== 0) fs.writeFileSync(file, 'y'.repeat((i * 13) % 9000));
        }`,
      ],
      { stdio: 'ignore' },
    );
    try {
      const told = scan(root);
      expect([1, 2]).toContain(told.code);
      expect(told.stderr).not.toMatch(/SP-INTERNAL|TypeError/u);
      expect(told.found).toMatchObject([{ path: 'z.env' }]);
      for (const problem of told.problems) {
        expect(problem.code).toMatch(/^SP-FILE-/u);
        expect(problem.place?.path).toMatch(/f\d+\.txt$/u);
      }
      if (told.code === 1) expect(told.problems).toEqual([]);
    } finally {
      busy.kill('SIGKILL');
    }
  });
});

describe('rules of the repository', () => {
  const policy = (file: string) =>
    `version: 1\nstages: { secrets: { options: { rules: ${file} } } }\ngates: { pull-request: { stages: { secrets: always } } }\n`;

  it.each([
    ['no TOML', '[[rules]]\nid = "a"\nregex = \n', 3],
    ['a pattern that is none', "[[rules]]\nid = 'a'\n\nregex = '''a(b'''\n", 4],
    ['a key that nobody knows', "[[rules]]\nid = 'a'\nregex = '''abc'''\nsecretgroup2 = 1\n", 4],
    [
      'a required rule that is not there',
      "[[rules]]\nid = 'a'\nregex = '''abc'''\n[[rules.required]]\nid = 'b'\n",
      5,
    ],
  ])('%s: an error with its line', (_what, rules, line) => {
    const root = repository({
      '.sallyport.yml': policy('rules.toml'),
      'rules.toml': rules,
      'a.txt': 'abc\n',
    });
    const told = scan(root);
    expect(told.code).toBe(2);
    expect(told.problems[0]?.place).toMatchObject({ path: 'rules.toml', line });
  });

  it('composite ones are read, and patterns that would never end, end', () => {
    const rules = `[[rules]]
id = "pair"
regex = '''user-[0-9]{4}'''
[[rules.required]]
id = "half"
withinLines = 2
[[rules]]
id = "half"
regex = '''pass-[0-9]{4}'''
skipReport = true
[[rules]]
id = "evil"
regex = '''(a+)+(a+)+(a|aa)+b!'''
`;
    const root = repository({
      '.sallyport.yml': policy('rules.toml'),
      'rules.toml': rules,
      'near.txt': 'user-1234\npass-1234\n',
      'far.txt': `user-1234\n${'\n'.repeat(9)}pass-1234\n`,
      'evil.txt': `${'a'.repeat(200_000)}\n`,
    });
    const told = scan(root);
    expect(told.problems).toEqual([]);
    expect(told.found.map(({ rule, path }) => `${rule} ${path}`)).toEqual(['pair near.txt']);
    expect(told.seconds).toBeLessThan(60);
  });
});
