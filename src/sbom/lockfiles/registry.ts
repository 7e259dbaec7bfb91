import { fileName, folderName, type LockFormat } from './format.ts';

/** A format and the files that are of it. The reader is loaded for the first such file only. */
export interface LockKind {
  /** As it stands in `Component.origin`: `package-lock.json`, `go.mod`. */
  name: string;
  wants(path: string): boolean;
  load(): Promise<LockFormat>;
  /**
   * Written by a build and no source: what lies in the tree could have been written by anybody, so it is read only where
   * it is handed in (trust-model rule 2).
   */
  built?: boolean;
}

/** Files by their names, wherever they lie. */
function named(...names: readonly string[]): (path: string) => boolean {
  return (path) => names.includes(fileName(path));
}

/** Every lockfile format. A new one is a file and an entry here. */
export const lockKinds: readonly LockKind[] = [
  {
    name: 'package-lock.json',
    wants: named('package-lock.json', 'npm-shrinkwrap.json'),
    load: async () => (await import('./npm.ts')).npm,
  },
  { name: 'yarn.lock', wants: named('yarn.lock'), load: async () => (await import('./yarn.ts')).yarn },
  {
    name: 'pnpm-lock.yaml',
    wants: named('pnpm-lock.yaml'),
    load: async () => (await import('./pnpm.ts')).pnpm,
  },
  { name: 'bun.lock', wants: named('bun.lock'), load: async () => (await import('./bun.ts')).bun },
  {
    name: 'requirements.txt',
    wants: isRequirements,
    load: async () => (await import('./requirements.ts')).requirements,
  },
  {
    name: 'poetry.lock',
    wants: named('poetry.lock'),
    load: async () => (await import('./poetry.ts')).poetry,
  },
  { name: 'uv.lock', wants: named('uv.lock'), load: async () => (await import('./uv.ts')).uv },
  {
    name: 'Pipfile.lock',
    wants: named('Pipfile.lock'),
    load: async () => (await import('./pipfile.ts')).pipfile,
  },
  { name: 'pdm.lock', wants: named('pdm.lock'), load: async () => (await import('./pdm.ts')).pdm },
  {
    name: 'pom.xml',
    wants: (path) => fileName(path) === 'pom.xml' && !`/${path}`.includes('/target/'),
    load: async () => (await import('./maven/pom.ts')).pomFormat,
  },
  {
    name: 'dependency-tree.json',
    wants: (path) => /^(?:[\w-]+[.-])?dependency-tree\.json$/u.test(fileName(path)),
    load: async () => (await import('./maven/dependency-tree.ts')).dependencyTree,
    built: true,
  },
  {
    name: 'bom.json',
    wants: (path) =>
      /(?:^|\/)target\/(?:[\w.-]+-)?(?:bom|cyclonedx)\.json$/u.test(path) ||
      /(?:^|\/)build\/reports\/(?:cyclonedx\/|cyclonedx-direct\/)?bom\.json$/u.test(path),
    load: async () => (await import('./maven/plugin-bom.ts')).pluginBom,
    built: true,
  },
  {
    name: 'gradle.lockfile',
    wants: (path) =>
      ['gradle.lockfile', 'buildscript-gradle.lockfile'].includes(fileName(path)) ||
      /(?:^|\/)gradle\/dependency-locks\/[^/]+\.lockfile$/u.test(path),
    load: async () => (await import('./gradle.ts')).gradle,
  },
  {
    name: 'libs.versions.toml',
    wants: (path) => path.endsWith('.versions.toml'),
    load: async () => (await import('./gradle-catalog.ts')).gradleCatalog,
  },
  { name: 'go.mod', wants: named('go.mod'), load: async () => (await import('./go-mod.ts')).goMod },
  { name: 'Cargo.lock', wants: named('Cargo.lock'), load: async () => (await import('./cargo.ts')).cargo },
  {
    name: 'Gemfile.lock',
    wants: named('Gemfile.lock', 'gems.locked'),
    load: async () => (await import('./gemfile.ts')).gemfile,
  },
  {
    name: 'composer.lock',
    wants: named('composer.lock'),
    load: async () => (await import('./composer.ts')).composer,
  },
  {
    name: 'packages.lock.json',
    wants: (path) => /^packages(?:\.[\w.-]+)?\.lock\.json$/u.test(fileName(path)),
    load: async () => (await import('./nuget.ts')).nuget,
  },
  { name: 'pubspec.lock', wants: named('pubspec.lock'), load: async () => (await import('./pub.ts')).pub },
  { name: 'mix.lock', wants: named('mix.lock'), load: async () => (await import('./mix.ts')).mix },
  {
    name: 'github-actions',
    wants: (path) =>
      /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/u.test(path) || /^action\.ya?ml$/u.test(fileName(path)),
    load: async () => (await import('./github-actions.ts')).githubActions,
  },
];

/** `requirements.txt`, `dev-requirements.txt`, `requirements/prod.txt`; constraints are read with what names them. */
function isRequirements(path: string): boolean {
  const name = fileName(path).toLowerCase();
  if (!name.endsWith('.txt') || name.includes('constraint')) return false;
  return name.includes('requirements') || /(?:^|\/)requirements$/u.test(folderName(path).toLowerCase());
}
