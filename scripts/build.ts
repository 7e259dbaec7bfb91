/**
 * Packs the program into dist/: `tsc` to JavaScript, `ncc` to one CommonJS bundle whose heavy parts are chunks of their
 * own, and a stub for each action. Everything is written anew, so that two builds of one commit are the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifySync } from '@swc/core';
import { commands, loadCommand } from '../src/commands/registry.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const [build, dist] = [join(root, 'build'), join(root, 'dist')];

rmSync(build, { recursive: true, force: true });
rmSync(dist, { recursive: true, force: true });
execFileSync(bin('tsc'), ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
// ncc takes the kind of the bundle from the nearest package.json. Without a type it reads our modules and writes
// CommonJS, which keeps `__dirname` for libraries that need it.
writeFileSync(join(build, 'package.json'), '{}\n');
const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js');
execFileSync(
  process.execPath,
  [
    ncc,
    'build',
    join(build, 'bundle.js'),
    '--out',
    dist,
    '--license',
    'licenses.txt',
    '--target',
    'es2024',
    '--quiet',
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
// ncc would make the first file small and leave the chunks as they are. Names stay, for whoever reads a stack trace.
// Everything beyond ASCII is escaped: a single such character makes a source twice as large in memory, and slower to read.
for (const name of readdirSync(dist).filter((file) => file.endsWith('.js'))) {
  const { code } = minifySync(readFileSync(join(dist, name), 'utf8'), {
    compress: false,
    mangle: { keep_fnames: true, keep_classnames: true },
    format: { asciiOnly: true },
    module: false,
    ecma: 2022,
  });
  writeFileSync(join(dist, name), code);
}
writeFileSync(join(dist, 'package.json'), '{"type":"commonjs"}\n');
for (const name of Object.keys(commands)) {
  const { action } = await loadCommand(name);
  if (action !== undefined)
    writeFileSync(join(dist, `${action}.js`), `require('./index.js').action(${JSON.stringify(name)});\n`);
}
cpSync(join(root, 'action-policies'), join(dist, 'action-policies'), { recursive: true });
rmSync(build, { recursive: true, force: true });
