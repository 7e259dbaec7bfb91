/**
 * Writes src/policy/likeness/names/: well-known names of each kind of registry, from lists in packages of npm and
 * PyPI. Each argument is KIND=FILE:
 *
 *   npm=package/index.js               npm-high-impact of the npm registry (MIT)
 *   pypi=top_pypi_packages.json        guarddog 3.2.0 of PyPI (Apache-2.0), guarddog/analyzer/metadata/resources
 *   golang=top_go_packages.json        the same
 *   gem=top_rubygems_packages.json     the same
 *
 * A kind that is not named keeps its file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Names that are known are never suspected: the more of them, the fewer false alarms. */
const KEPT = 20_000;
const NAME = /^[A-Za-z0-9@][A-Za-z0-9@._~/+-]{0,213}$/u;
const folder = resolve(import.meta.dirname, '../src/policy/likeness/names');

interface Kind {
  source: string;
  read(file: string): Promise<string[]>;
}

/** The exports of npm-high-impact that are read. */
interface NpmLists {
  npmHighImpact: string[];
  npmTopDependents: string[];
  npmTopDownloads: string[];
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const packages = async (file: string) => (json(file) as { packages: string[] }).packages;

const kinds: Record<string, Kind> = {
  npm: {
    source: 'npm-high-impact of the npm registry (MIT)',
    // What people type in comes first: it is names of those that others are mistaken for.
    read: async (file) => {
      const lists = (await import(pathToFileURL(resolve(file)).href)) as NpmLists;
      const first = lists.npmTopDependents.flatMap((name, at) => [name, lists.npmTopDownloads[at] ?? name]);
      return [...first, ...lists.npmHighImpact];
    },
  },
  pypi: { source: 'guarddog of PyPI (Apache-2.0)', read: packages },
  golang: { source: 'guarddog of PyPI (Apache-2.0)', read: packages },
  gem: { source: 'guarddog of PyPI (Apache-2.0)', read: packages },
};

for (const argument of process.argv.slice(2)) {
  const [name = '', file = ''] = argument.split('=');
  const kind = kinds[name];
  if (kind === undefined || file === '') throw new Error(`expected KIND=FILE, found ${argument}`);
  // A few names in every registry are mere punctuation.
  const names = [...new Set(await kind.read(file))].filter((one) => NAME.test(one)).slice(0, KEPT);
  if (names.length < 100) throw new Error(`${file} is no list of names`);
  const text = `// Written by scripts/popular-names.ts from ${kind.source}. The most used first.\nexport const names =\n  '${names.join(' ')}';\n`;
  writeFileSync(resolve(folder, `${name}.generated.ts`), text);
  console.log(`${name}: ${names.length} names`);
}
