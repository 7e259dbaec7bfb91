import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { reportFormats } from '../../src/report/formats.ts';
import { zip } from '../advisories/make.ts';
import { type Labelled, positives } from '../scan/secrets/examples/labelled.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const COUNT = 300;
/** The same formats filled twice: what is equal in both is the format, what is not is the secret. */
const planted = positives(3, 2024).slice(0, COUNT);
const others = positives(3, 2025).slice(0, COUNT);

const words = (text: string) => text.match(/[^\s"'<>,;(){}]{8,}/gu) ?? [];

/**
 * Texts that must be nowhere: twelve characters in a row out of the middle of what is random, and of short ones all but
 * a few. What may be shown of a token are its first four characters and its last two.
 */
function forbiddenOf({ text }: Labelled, index: number): string[] {
  const format = new Set(words(others[index]?.text ?? ''));
  return words(text)
    .filter((word) => !format.has(word))
    .map((word) => word.slice(word.lastIndexOf('=', word.length - 4) + 1))
    .flatMap((word) => (word.length < 20 ? [word.slice(2, 12)] : [word.slice(-16, -4)]))
    .filter((piece) => piece.length >= 6);
}

const forbidden = [...new Set(planted.flatMap(forbiddenOf))];

interface Planted {
  files: Record<string, string | Buffer>;
  /** In the history only. */
  gone: Record<string, string>;
  messages: string[];
}

const encodings: readonly ((text: string) => string | Buffer)[] = [
  (text) => `payload: ${Buffer.from(text).toString('base64')}\n`,
  (text) => `payload = "${Buffer.from(text).toString('hex')}"\n`,
  (text) => `https://corp.dev/?q=${encodeURIComponent(text.trim())}\n`,
  (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  (text) => gzipSync(text),
];

/** Everywhere that a secret can stand: a third in files, then history, messages, archives, encodings, and reports. */
function plant(): Planted {
  const out: Planted = { files: {}, gone: {}, messages: [] };
  const zipped: { name: string; content: string }[] = [];
  for (const [index, { path, text }] of planted.entries()) {
    const at = `p${index}/${path}`;
    switch (index % 10) {
      case 5:
      case 6:
        out.gone[at] = text;
        break;
      case 7:
        out.messages.push(`Deploy\n\n${text}`);
        break;
      case 8:
        zipped.push({ name: at, content: text });
        break;
      case 9:
        out.files[`encoded/p${index}`] = (encodings[((index - 9) / 10) % encodings.length] ?? String)(text);
        break;
      default:
        out.files[at] = text;
    }
  }
  out.files['backup.zip'] = zip(zipped);
  // The same in places that other stages look at, where they would quote the line.
  const inline = planted.filter(({ text }) => !text.trim().includes('\n')).slice(0, 40);
  const value = ({ text }: Labelled) => JSON.stringify(words(text).at(-1) ?? text.trim());
  out.files.Dockerfile = [
    'FROM node:latest',
    ...inline.map((one, i) => `${['ENV', 'ARG', 'LABEL'][i % 3]} SECRET_TOKEN_${i}=${value(one)}`),
    ...inline
      .slice(0, 9)
      .map((one) => `RUN curl -H "Authorization: Bearer "${value(one)} http://corp.dev | sh`),
  ].join('\n');
  out.files['compose.yaml'] =
    `services:\n  a:\n    image: a:latest\n    environment:\n${inline.map((one, i) => `      API_PASSWORD_${i}: ${value(one)}`).join('\n')}\n`;
  return out;
}

function put(root: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A git that writes down how it was called. */
function listeningGit(log: string): string {
  const folder = temporaryFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(
    join(folder, 'git'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nenv >> '${log}'\nexec '${real}' "$@"\n`,
  );
  chmodSync(join(folder, 'git'), 0o755);
  return `${folder}:${process.env.PATH}`;
}

/** Results of another tool that hides nothing. */
function foreignSarif(): string {
  const results = planted.slice(0, 60).map(({ text, path }, index) => ({
    ruleId: 'hardcoded-credentials',
    message: { text: `Found ${text.trim()} in the file` },
    partialFingerprints: { secret: text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `p${index}/${path}` },
          region: { startLine: 1, snippet: { text } },
          contextRegion: { startLine: 1, snippet: { text } },
        },
      },
    ],
  }));
  return JSON.stringify({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'noisy' } }, results }],
  });
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

const told = new Map<string, string>();
const printed: string[] = [];
const temporary = { before: process.env.TMPDIR, folder: '', left: null as string[] | null };

beforeAll(async () => {
  const made = new TestRepository({ 'README.md': 'A service.\n' });
  const { root } = made;
  const { files, gone, messages } = plant();
  made.git('switch', '--quiet', '--create', 'change');
  put(root, gone);
  made.commit({}, 'add');
  made.commit(Object.fromEntries(Object.keys(gone).map((path) => [path, null])), 'remove');
  const half = messages.length / 2;
  made.commit({}, messages.slice(0, half).join('\n\n'));
  made.git('tag', '-a', 'v1', '-m', messages.slice(half, -8).join('\n\n'));
  made.git('notes', 'add', '-m', messages.slice(-8).join('\n\n'));
  put(root, files);
  made.commit({}, 'files');
  const out = temporaryFolder();
  const log = join(out, 'calls.log');
  temporary.folder = join(out, 'tmp');
  mkdirSync(temporary.folder);
  const sarif = join(out, 'noisy.sarif');
  writeFileSync(sarif, foreignSarif());
  const env = { PATH: listeningGit(log), HOME: temporaryFolder() };
  const call = async (what: string, name: string, raw: Record<string, unknown>) => {
    const said: string[] = [];
    const say = (text: string) => {
      said.push(text);
    };
    const context = testContext({
      cwd: root,
      env,
      log: { debug: say, info: say, warn: say, error: say, progress: (text) => said.push(text ?? '') },
    });
    const { summary, annotations, outputs } = await invoke(await loadCommand(name), raw, context);
    if (name === 'gate') printed.push(context.printed.join(''));
    told.set(
      what,
      [...context.printed, ...said, ...(summary ?? []), ...(annotations ?? []), JSON.stringify(outputs)].join(
        '\n',
      ),
    );
  };
  process.env.TMPDIR = temporary.folder;
  const report = reportFormats.map(({ name, extension }) => `${name}=${join(out, `out.${extension}`)}`);
  await call('gate against a base', 'gate', {
    base: 'main',
    report,
    sarif: [`code=${sarif}`],
    verbose: true,
  });
  await call('gate over everything', 'gate', { report: ['json'] });
  const [finding] = /[0-9a-f]{32}:0/u.exec(printed.at(-1) ?? '') ?? [];
  await call('why', 'policy explain', { what: finding });
  for (const file of [...filesUnder(join(root, '.sallyport')), ...filesUnder(out)])
    if (file !== sarif) told.set(file.slice(file.indexOf('.sallyport') + 1), readFileSync(file, 'latin1'));
  temporary.left = [...filesUnder(temporary.folder)];
}, 120_000);

afterAll(() => {
  if (temporary.before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary.before;
});

describe('three hundred planted secrets', () => {
  it('are found', () => {
    expect(forbidden.length).toBeGreaterThan(COUNT);
    const { decision } = JSON.parse(printed.at(-1) ?? '');
    const found = decision.findings.filter(
      (judged: { finding: { stage: string } }) => judged.finding.stage === 'secrets',
    );
    expect(found.length).toBeGreaterThan(COUNT * 0.9);
    const tags = new Set(found.flatMap((judged: { finding: { tags: string[] } }) => judged.finding.tags));
    for (const tag of ['in-tree', 'history-only', 'in-archive', 'decoded:base64', 'decoded:hex'])
      expect(tags).toContain(tag);
  });

  it('are in no output, report, evidence, log, or argument of a process', () => {
    expect(told.size).toBeGreaterThan(20);
    for (const name of ['table', 'markdown', 'html', 'json', 'sarif', 'svg'])
      expect(reportFormats.map((format) => format.name)).toContain(name);
    expect([...told.keys()].some((name) => name.endsWith('calls.log'))).toBe(true);
    const leaks: string[] = [];
    for (const [where, text] of told) {
      expect(text.length, where).toBeGreaterThan(0);
      for (const piece of forbidden) if (text.includes(piece)) leaks.push(`${where}: ${piece}`);
    }
    expect(leaks).toEqual([]);
  });

  it('are in no temporary file: none is left', () => {
    expect(temporary.left).toEqual([]);
  });
});
