import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/model/error.ts';
import { openTree } from '../../../src/platform/open-tree.ts';
import { runProcess } from '../../../src/platform/process.ts';
import type { EngineOutput } from '../../../src/scan/engine.ts';
import { finishedReport } from '../../../src/scan/frame.ts';
import { secrets } from '../../../src/scan/secrets/engine.ts';
import { parseIgnoreFile } from '../../../src/scan/secrets/ignore-file.ts';
import type { SecretRule } from '../../../src/scan/secrets/rules/rule.ts';
import {
  type Batch,
  BatchBuilder,
  type BatchResult,
  type TextBatch,
} from '../../../src/scan/secrets/threads/batch.ts';
import { Pool } from '../../../src/scan/secrets/threads/pool.ts';
import { positives } from './examples/labelled.ts';
import { Random } from './examples/random.ts';
import { fill } from './examples/template.ts';

const random = new Random(31);
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function folder(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(join(tmpdir(), 'secrets-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

async function look(root: string, options: Record<string, unknown> = {}) {
  const tree = await openTree({ root }, runProcess, { PATH: process.env.PATH ?? '', HOME: '/' });
  try {
    return await secrets.run({ tree, options: await secrets.parseOptions(options), excluded: () => false });
  } finally {
    await tree.close();
  }
}

function reportOf(output: EngineOutput) {
  const times = { startedAt: new Date(0), finishedAt: new Date(1) };
  const engine = { name: secrets.name, version: '0', publisher: 'sallyport', how: 'in-process' } as const;
  return finishedReport('secrets', engine, secrets.rules, output, times);
}

describe('the engine', () => {
  it('lets nothing of three hundred secrets out', async () => {
    const items = positives(3, 404).slice(0, 320);
    const files: Record<string, string> = {};
    for (const [index, { path, text }] of items.entries()) files[`s${index}/${path}`] = text;
    const output = await look(folder(files));
    const { hits, looked } = output;
    expect(looked.files).toBe(320);
    expect(hits.length).toBeGreaterThan(290);
    const { findings } = reportOf(output);
    const report = JSON.stringify({ hits, looked, findings });
    for (const { text } of items) {
      // Twelve characters in a row of any random part would be too much.
      for (const word of text.match(/[A-Za-z0-9+/_-]{24,}/gu) ?? []) {
        if (!/\d.*\d/u.test(word)) continue;
        expect(report).not.toContain(word.slice(6, 18));
      }
    }
  });

  it('gives a new key at the place of an old one another fingerprint, and a moved one the same', async () => {
    const [first, second] = [fill('npm_<crc62:30>', random), fill('npm_<crc62:30>', random)];
    const fingerprint = async (text: string) => {
      return reportOf(await look(folder({ 'a.env': text }))).findings[0]?.fingerprint;
    };
    const before = await fingerprint(`T=${first}\n`);
    expect(await fingerprint(`\n\n\n  T=${first}\n`)).toBe(before);
    expect(await fingerprint(`T=${second}\n`)).not.toBe(before);
  });

  it('carries allow comments and ignore files as claims, and only where every place has one', async () => {
    const [one, two, three] = ['npm_<crc62:30>', 'npm_<crc62:30>', 'npm_<crc62:30>'].map((template) =>
      fill(template, random),
    );
    const { hits } = await look(
      folder({
        'a.env': `T=${one} # sallyport:allow npm-access-token made up\n`,
        'b.env': `T=${two} # gitleaks:allow\n`,
        'c.env': `T=${two}\n`,
        'd.env': `T=${three}\n`,
        '.gitleaksignore': '# ours\nd.env:npm-access-token:1\nrubbish\n',
      }),
    );
    const claims = Object.fromEntries(
      hits.map(({ places, suppressions }) => [places[0]?.path, suppressions]),
    );
    expect(claims).toEqual({
      'a.env': [
        { kind: 'inSource', justification: 'sallyport:allow: made up', place: { path: 'a.env', line: 1 } },
      ],
      'b.env': [],
      'd.env': [
        {
          kind: 'external',
          justification: '.gitleaksignore: d.env:npm-access-token:1',
          place: { path: '.gitleaksignore', line: 2 },
        },
      ],
    });
  });

  it('reads rules of the repository on the linear engine, which a bad pattern cannot hold up', async () => {
    const rules =
      "[[rules]]\nid = 'corp-token'\nregex = '''corp_([a-z]+)+!'''\nkeywords = ['corp_']\n[[rules]]\nid = 'corp-id'\nregex = '''CID-\\d{4}'''";
    const root = folder({
      'rules.toml': rules,
      'a.txt': `corp_${'a'.repeat(40_000)}\nCID-1234\n`,
      'b.txt': 'corp_abc!\n',
    });
    const { hits, problems } = await look(root, { rules: 'rules.toml' });
    expect(problems).toEqual([]);
    expect(hits.map(({ rule, places }) => `${rule} ${places[0]?.path}`).sort()).toEqual([
      'corp-id a.txt',
      'corp-token b.txt',
    ]);
  });

  it('lets a generic rule of another pack give way to one that knows the secret, wherever each begins', async () => {
    const rules = `[[rules]]
id = 'generic-api-key'
regex = '''(?i)token['" =]+([a-z0-9-]{20,})'''
keywords = ['token']
[[rules]]
id = 'corp'
regex = '''corp-[a-z0-9]{20}'''
keywords = ['corp-']
`;
    const text = `token='corp-${'a1b2'.repeat(5)}'\ntoken=${'c3d4'.repeat(6)}\n`;
    const { hits } = await look(folder({ 'rules.toml': rules, 'a.env': text }), { rules: 'rules.toml' });
    expect(hits.map(({ rule, places }) => `${rule} ${places[0]?.line}`).sort()).toEqual([
      'corp 1',
      'generic-api-key 2',
    ]);
  });

  it('refuses options that it does not understand', async () => {
    await expect(secrets.parseOptions({ history: 'some' })).rejects.toThrow(/history/u);
    await expect(secrets.parseOptions({ history: 'range' })).rejects.toThrow(/base/u);
    await expect(secrets.parseOptions({ base: 'main', history: 'range' })).rejects.toThrow(/base/u);
    expect(await secrets.parseOptions({ somebodyElses: 1 })).toMatchObject({
      history: 'auto',
      staged: false,
    });
  });

  it('names what it does not read', async () => {
    const root = folder({ 'a.bin': Buffer.from([0, 1, 2]), 'b.txt': 'text\n' });
    execFileSync('ln', ['-s', '/etc/passwd', join(root, 'link')]);
    const { looked } = await look(root);
    expect(looked.skipped).toEqual([
      { path: 'a.bin', reason: 'binary', blocking: false },
      { path: 'link', reason: 'symbolic link leads outside', blocking: false },
    ]);
  });
});

describe('threads', () => {
  const evil: SecretRule = {
    id: 'evil',
    description: 'x',
    severity: 'high',
    tags: [],
    regex: '(?:a+)+b',
    entropy: 0,
    secretGroup: 0,
    keywords: [],
    allowlists: [],
    required: [],
    skipReport: false,
    trusted: true,
    confidence: 'token',
  };

  it('that hang are given up, with the rule and the file, and the rest is still looked at', async () => {
    const problems: Problem[] = [];
    const results = new Map<Batch, BatchResult['result']>();
    const pool = new Pool(
      {
        entry: new URL('../../../src/scan/secrets/threads/thread.ts', import.meta.url),
        rules: { rules: [evil], allowlists: [] },
        ruleIds: ['evil'],
        key: Buffer.alloc(32),
        threads: 1,
        itemLimit: 3000,
      },
      {
        result: (batch, { result }) => results.set(batch, result),
        searched: () => undefined,
        done: () => undefined,
        problem: (problem) => problems.push(problem),
      },
    );
    const batch = (path: string, text: string) => {
      const builder = new BatchBuilder();
      builder.add(path, Buffer.from(text));
      return builder.flush() as TextBatch;
    };
    const good = batch('good.txt', 'aab');
    await pool.submit(batch('bad.txt', 'a'.repeat(60)));
    await pool.submit(good);
    await pool.finish();
    expect(problems).toEqual([
      expect.objectContaining({ code: 'SP-SECRETS-TIMEOUT', found: 'rule evil', place: { path: 'bad.txt' } }),
    ]);
    expect(results.get(good)).toMatchObject({ findings: [{ rule: 0 }] });
  });
});

describe('ignore files', () => {
  it('are read line by line', () => {
    expect(
      parseIgnoreFile('a/b.ts:rule:7\n\n# note\nABC:c\\d.ts:rule:9\nx:y\n', 'f').map(
        ({ commit, path, rule, line }) => [commit, path, rule, line],
      ),
    ).toEqual([
      [null, 'a/b.ts', 'rule', 7],
      ['abc', 'c/d.ts', 'rule', 9],
    ]);
  });
});
