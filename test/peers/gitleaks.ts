/**
 * Compares the secrets engine with gitleaks, both with gitleaks' own rules, on the tree and the history of repositories.
 *
 *   node test/peers/gitleaks.ts --gitleaks FILE --rules gitleaks.toml [--history] [--list] REPOSITORY...
 *
 * Counted are secrets: in the tree by rule, file and text, in the history by rule and text, each once. One line for each
 * repository: ours, theirs, only ours, only theirs; with --list each difference, without the secret. The exit code is 0
 * unless something could not be run.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Git } from '../../src/platform/git.ts';
import { openTree } from '../../src/platform/open-tree.ts';
import { runProcess, toolEnvironment } from '../../src/platform/process.ts';
import { readObjects } from '../../src/scan/secrets/git/blobs.ts';
import { FileVersions } from '../../src/scan/secrets/git/changed.ts';
import { listHistory } from '../../src/scan/secrets/git/history.ts';
import { inspectItem } from '../../src/scan/secrets/inspect/item.ts';
import { contentKind } from '../../src/scan/secrets/inspect/kind.ts';
import { runDigest } from '../../src/scan/secrets/inspect/redact.ts';
import type { TextScan } from '../../src/scan/secrets/inspect/text.ts';
import { compileRules } from '../../src/scan/secrets/match/compile.ts';
import { Scanner } from '../../src/scan/secrets/match/scanner.ts';
import { loadRules } from '../../src/scan/secrets/rules/extend.ts';

const MAX_FILE = 128 * 1024 * 1024;
const tools = toolEnvironment(process.env);
const key = randomBytes(32);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gitleaks: { type: 'string', default: 'gitleaks' },
    rules: { type: 'string', default: 'gitleaks.toml' },
    history: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

/** What was found, by a key that both sides can make, with what is told of it. */
type Found = Map<string, string>;

const noMore = async (): Promise<string> => {
  throw new Error('the rule file extends another');
};
const rules = await loadRules(readFileSync(values.rules, 'utf8'), 'gitleaks.toml', {
  read: noMore,
  defaults: { rules: [], allowlists: [] },
});
const compiled = compileRules(rules);
const scan: TextScan = { scanner: new Scanner(compiled), compiled, key, judged: false, decode: true };

for (const repository of positionals) {
  const root = resolve(repository);
  const [ours, theirs] = values.history
    ? [await ourHistory(root), theirFindings('git', root)]
    : [await ourTree(root), theirFindings('dir', root)];
  const onlyOurs = [...ours.keys()].filter((one) => !theirs.has(one));
  const onlyTheirs = [...theirs.keys()].filter((one) => !ours.has(one));
  process.stdout.write(
    `${basename(root)}: ours ${ours.size}, gitleaks ${theirs.size}, only ours ${onlyOurs.length}, only gitleaks ${onlyTheirs.length}\n`,
  );
  if (!values.list) continue;
  for (const one of onlyOurs) process.stdout.write(`  only ours      ${ours.get(one)}\n`);
  for (const one of onlyTheirs) process.stdout.write(`  only gitleaks  ${theirs.get(one)}\n`);
}

async function ourTree(root: string): Promise<Found> {
  const found: Found = new Map();
  const tree = await openTree({ root }, runProcess, tools);
  for (const { path, kind } of tree.entries) {
    if (kind !== 'file') continue;
    const bytes = await tree.read(path, MAX_FILE);
    look(found, { path, commit: '', firstLine: 1, tags: [] }, bytes);
  }
  await tree.close();
  return found;
}

async function ourHistory(root: string): Promise<Found> {
  const found: Found = new Map();
  const { blobs } = await listHistory(new Git(root, runProcess, tools), { kind: 'all' });
  let versions = new FileVersions();
  let path = '';
  const ids = blobs.map(({ id }) => id);
  await readObjects(root, tools, ids, MAX_FILE, (index, object) => {
    const blob = blobs[index];
    if (blob === undefined) return;
    if (path !== blob.path) versions = new FileVersions();
    path = blob.path;
    if (typeof object === 'string' || contentKind(object) !== 'text') {
      versions.leaveOut();
      return;
    }
    for (const { from, to, firstLine } of versions.add(object)) {
      const item = { path: blob.path, commit: blob.commit, firstLine, tags: [] };
      look(found, item, object.subarray(from, to));
    }
  });
  return found;
}

function look(found: Found, item: Parameters<typeof inspectItem>[1], bytes: Buffer): void {
  for (const { rule, line, digest, inner } of inspectItem(scan, item, bytes).findings) {
    const id = compiled.rules[rule]?.rule.id ?? '';
    // gitleaks is not told to look into archives.
    if (inner !== '') continue;
    put(found, id, item.path, line, digest, item.commit);
  }
}

function put(found: Found, rule: string, path: string, line: number, digest: string, commit: string): void {
  const told = `${rule} ${path}:${line}${commit === '' ? '' : ` ${commit.slice(0, 10)}`}`;
  // Of what goes over several lines gitleaks names the line of its beginning, and we that of the secret.
  const place = values.history ? '' : path;
  const name = digest === '' ? `${rule} ${path}:${line}` : `${rule} ${place} ${digest}`;
  if (!found.has(name)) found.set(name, told);
}

interface TheirFinding {
  RuleID: string;
  File: string;
  StartLine: number;
  Secret: string;
  Commit: string;
}

function theirFindings(command: 'dir' | 'git', root: string): Found {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  const report = join(folder, 'report.json');
  try {
    const child = spawnSync(
      values.gitleaks,
      [command, '.', '--config', resolve(values.rules), '-f', 'json', '-r', report].concat(
        '--ignore-gitleaks-allow --no-banner --exit-code 0 -l error --gitleaks-ignore-path'.split(' '),
        folder,
      ),
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (child.status !== 0) throw new Error(`gitleaks ended with ${child.status}`);
    const found: Found = new Map();
    for (const { RuleID, File, StartLine, Secret, Commit } of JSON.parse(
      readFileSync(report, 'utf8'),
    ) as TheirFinding[]) {
      if (/^\.(?:git|sallyport)\//u.test(File)) continue;
      const secret = Buffer.from(Secret, 'utf8').toString('latin1');
      put(found, RuleID, File, StartLine, secret === '' ? '' : runDigest(secret, key), Commit);
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
