import type { Purl } from '../../versions/purl.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { type GoMod, parseGoMod, parseGoSum } from './go-text.ts';
import { pseudoVersionTime } from './release-facts.ts';
import { textOf } from './text.ts';

/** https://go.dev/ref/mod: go.mod names every module since Go 1.17; before, go.sum tells the rest. */
export const goMod: LockFormat = {
  name: 'go.mod',
  summary: 'Go: go.mod with go.sum',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const builder = new LockBuilder(path, 'go.mod');
  const mod = parseGoMod(textOf(source.bytes, path), path);
  for (const { line, text } of mod.unreadable)
    builder.problem('a line of go.mod is not known', { path, line }, 'a directive', text);
  const folder = folderName(path);
  const sumPath = folder === '' ? 'go.sum' : `${folder}/go.sum`;
  const hasSum = source.exists(sumPath);
  const sums = hasSum
    ? parseGoSum(textOf(await source.read(sumPath), sumPath), sumPath)
    : new Map<string, string>();
  const root = builder.root(mod.module, {
    purl: mod.module?.includes('/') === true ? golangPurl(mod.module) : undefined,
    place: { path, line: mod.moduleLine },
  });
  builder.needs(root);
  const go = mod.toolchain ?? exactGo(mod.go);
  if (go !== undefined) {
    const ref = builder.component({
      purl: { type: 'golang', name: 'stdlib', version: go },
      place: { path, line: mod.goLine },
      direct: true,
    });
    builder.needs(root, ref);
  }
  for (const one of mod.requires) {
    const replaced = replacementOf(mod, one.module, one.version);
    const isLocal = replaced !== undefined && replaced.version === undefined;
    const module = isLocal || replaced === undefined ? one.module : replaced.module;
    const version = isLocal ? one.version : (replaced?.version ?? one.version);
    const sum = sums.get(`${module} ${version}`);
    const ref = builder.component({
      purl: golangPurl(module, version),
      place: { path, line: one.line },
      hashes: sum === undefined ? [] : [{ algorithm: 'golang-h1', content: sum }],
      pinned: hasSum && !isLocal && (sums.get(`${module} ${version}/go.mod`) === undefined || !one.indirect),
      direct: !one.indirect,
      released: pseudoVersionTime(version),
    });
    // go mod graph, too, has an edge from the main module to each that its go.mod names.
    builder.needs(root, ref);
  }
  if (!isPruned(mod.go)) addFromSum(builder, mod, sums, sumPath);
  return builder.finish();
}

/**
 * `go 1.26.5` asks for that very release (since Go 1.21, https://go.dev/doc/toolchain); `go 1.17` names the language, and
 * says nothing of the standard library that is built in.
 */
function exactGo(go: string | undefined): string | undefined {
  return go !== undefined && /^1\.\d+\.\d+$/u.test(go) ? go : undefined;
}

function golangPurl(module: string, version?: string): Purl {
  const slash = module.lastIndexOf('/');
  return {
    type: 'golang',
    ...(slash === -1 ? {} : { namespace: module.slice(0, slash) }),
    name: module.slice(slash + 1),
    version,
  };
}

function replacementOf(
  mod: GoMod,
  module: string,
  version: string,
): GoMod['replaces'][number]['by'] | undefined {
  const meant = mod.replaces.filter(
    (one) => one.module === module && (one.version === undefined || one.version === version),
  );
  return (meant.find((one) => one.version !== undefined) ?? meant[0])?.by;
}

/** From 1.17 on, go.mod names every module that is built. */
function isPruned(go: string | undefined): boolean {
  const [major = '0', minor = '0'] = (go ?? '1.0').split('.');
  return Number(major) > 1 || Number.parseInt(minor, 10) >= 17;
}

/** Modules whose content is checked and that go.mod does not name. */
function addFromSum(builder: LockBuilder, mod: GoMod, sums: ReadonlyMap<string, string>, path: string): void {
  const named = new Set(mod.requires.map((one) => one.module));
  for (const [key, sum] of sums) {
    const [module = '', version = ''] = key.split(' ');
    if (version.endsWith('/go.mod') || named.has(module)) continue;
    builder.component({
      purl: golangPurl(module, version),
      place: { path },
      hashes: [{ algorithm: 'golang-h1', content: sum }],
      direct: false,
      released: pseudoVersionTime(version),
    });
  }
}
