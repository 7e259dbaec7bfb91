/**
 * Compares the embedded engine of stage configuration with hadolint, rule by rule, on the Dockerfiles of a folder.
 *
 *   node test/peers/hadolint.ts FOLDER [HADOLINT] [--list]
 *
 * One line for each rule that both have: how many instructions ours finds, theirs, only ours, only theirs; with
 * --list each of the differences. Suppressing comments are ignored on both sides. A file that hadolint cannot parse
 * is named and left out. Exit code 0 unless something could not be run.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDockerfile } from '../../src/scan/configuration/dockerfile/parse.ts';
import { configuration } from '../../src/scan/configuration/engine.ts';
import { kindOfFile } from '../../src/scan/configuration/files.ts';
import { decodeText } from '../../src/scan/configuration/text.ts';
import { folderTree } from './folder-tree.ts';

export interface RuleComparison {
  rule: string;
  ours: number;
  theirs: number;
  /** `path:line`, the line where the instruction begins. */
  onlyOurs: string[];
  onlyTheirs: string[];
}

export interface Comparison {
  files: number;
  rules: RuleComparison[];
  /** Files that hadolint gave up on (its own parse error). */
  unparsed: string[];
  /** Files that this engine gave up on. */
  problems: string[];
}

/** Runs both over every Dockerfile of `folder`. Throws where hadolint does not run or prints no report. */
export async function compareWithHadolint(folder: string, hadolint: string): Promise<Comparison> {
  const root = resolve(folder);
  const tree = folderTree(root);
  const options = await configuration.parseOptions({});
  const output = await configuration.run({
    tree,
    options,
    excluded: (path) => kindOfFile(path) === 'compose',
  });
  const paths = tree.entries.filter(({ path, kind }) => kind === 'file' && kindOfFile(path) === 'dockerfile');
  const files = paths.map(({ path }) => path);
  const shared = configuration.rules
    .map(({ id }) => id)
    .filter((id) => id.startsWith('DL') && id !== 'DL3026');
  const theirs = new Map<string, Set<string>>(shared.map((rule) => [rule, new Set()]));
  const unparsed = new Set<string>();
  for (let at = 0; at < files.length; at += 100) {
    for (const { file, line, code } of runHadolint(hadolint, root, files.slice(at, at + 100))) {
      if (code === 'DL1000') unparsed.add(file);
      theirs.get(code)?.add(`${file}:${line}`);
    }
  }
  const begins = new Map<string, number[]>();
  for (const path of files) {
    const parsed = parseDockerfile(decodeText(path, readFileSync(join(root, path))));
    const lines: number[] = [];
    for (const { startLine, endLine } of parsed.instructions)
      for (let line = startLine; line <= endLine; line++) lines[line] = startLine;
    begins.set(path, lines);
  }
  const ours = new Map<string, Set<string>>(shared.map((rule) => [rule, new Set()]));
  for (const { rule, places } of output.hits) {
    const [place] = places;
    if (place === undefined || unparsed.has(place.path)) continue;
    ours.get(rule)?.add(`${place.path}:${begins.get(place.path)?.[place.line ?? 0] ?? place.line}`);
  }
  const rules = shared.map((rule): RuleComparison => {
    const a = ours.get(rule) ?? new Set<string>();
    const b = theirs.get(rule) ?? new Set<string>();
    const onlyOurs = [...a].filter((key) => !b.has(key)).sort();
    const onlyTheirs = [...b].filter((key) => !a.has(key)).sort();
    return { rule, ours: a.size, theirs: b.size, onlyOurs, onlyTheirs };
  });
  const problems = output.problems.map(
    ({ message, place }) => `${place?.path}:${place?.line ?? 1} ${message}`,
  );
  return { files: files.length, rules, unparsed: [...unparsed].sort(), problems };
}

interface HadolintFinding {
  file: string;
  line: number;
  code: string;
}

function runHadolint(hadolint: string, root: string, files: string[]): HadolintFinding[] {
  const args = [
    '--no-fail',
    '--disable-ignore-pragma',
    '--format',
    'json',
    '--',
    ...files.map((file) => join(root, file)),
  ];
  // A folder of its own, so that no .hadolint.yaml of the compared repository takes part.
  const { status, stdout, stderr, error } = spawnSync(hadolint, args, {
    cwd: tmpdir(),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' },
  });
  if (error !== undefined || status !== 0)
    throw new Error(`hadolint did not run: ${error?.message ?? stderr}`);
  const findings: unknown = JSON.parse(stdout);
  if (!Array.isArray(findings)) throw new Error('hadolint printed no list');
  return (findings as HadolintFinding[]).map(({ file, line, code }) => ({
    file: file.slice(root.length + 1),
    line,
    code,
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder, hadolint = 'hadolint'] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  if (folder === undefined) throw new Error('usage: node test/peers/hadolint.ts FOLDER [HADOLINT] [--list]');
  const { files, rules, unparsed, problems } = await compareWithHadolint(folder, hadolint);
  const list = process.argv.includes('--list');
  console.log(
    `${files} Dockerfiles; hadolint could not parse ${unparsed.length}, this engine ${problems.length}`,
  );
  console.log('rule     ours  theirs  only ours  only theirs');
  for (const { rule, ours, theirs, onlyOurs, onlyTheirs } of rules) {
    const cells = [ours, theirs, onlyOurs.length, onlyTheirs.length].map((n, i) =>
      String(n).padStart([4, 6, 9, 11][i] ?? 0),
    );
    console.log(`${rule.padEnd(7)}  ${cells.join('  ')}`);
    if (list) for (const key of onlyOurs) console.log(`    only ours    ${key}`);
    if (list) for (const key of onlyTheirs) console.log(`    only theirs  ${key}`);
  }
  for (const path of unparsed) console.log(`not parsed by hadolint: ${path}`);
  for (const problem of problems) console.log(`problem here: ${problem}`);
}
