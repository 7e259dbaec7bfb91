/**
 * Writes every file that is derived from the sources; with `--check` writes nothing and fails on a difference.
 * One entry a file: a path and what it must hold.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generated } from './generate/index.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
let stale = 0;

for (const { path, content } of await generated(root)) {
  const file = join(root, path);
  let before: string | null = null;
  try {
    before = readFileSync(file, 'utf8');
  } catch {
    before = null;
  }
  if (before === content) continue;
  stale += 1;
  process.stdout.write(`${check ? 'out of date' : 'written'}: ${path}\n`);
  if (check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
if (check && stale > 0) {
  process.stderr.write('run: npm run generate\n');
  process.exitCode = 1;
}
