import { problemOf } from '../../model/error.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource, within } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { PythonIndex } from './pyproject.ts';
import { exactVersion, normalized, pypiPurl, scopeOfGroup } from './python-names.ts';
import { parseRequirements, type RequirementsLine } from './requirements-lines.ts';
import { textOf } from './text.ts';

/** https://pip.pypa.io/en/stable/reference/requirements-file-format/, and what pip-compile and uv write into comments. */
export const requirements: LockFormat = {
  name: 'requirements.txt',
  summary: 'pip: requirements.txt with hashes, includes and constraints; comments of pip-compile and uv',
  read,
};

const MAX_INCLUDES = 100;

interface Placed extends RequirementsLine {
  path: string;
}

async function read(source: LockSource): Promise<Locked> {
  const builder = new LockBuilder(source.path, 'requirements.txt');
  const found: Placed[] = [];
  const constraints = new Map<string, string>();
  const waiting = [{ path: source.path, bytes: source.bytes, constrains: false }];
  const seen = new Set([source.path]);
  for (const file of waiting) {
    const parsed = parseRequirements(textOf(file.bytes, file.path), file.path);
    for (const problem of parsed.unreadable)
      builder.problem(
        'a line is no requirement',
        { path: file.path, line: problem.line },
        'NAME==VERSION or an option of pip',
        problem.text,
      );
    for (const one of parsed.requirements) {
      const version = exactVersion(one.specifier);
      if (!file.constrains) found.push({ ...one, path: file.path });
      else if (version !== undefined) constraints.set(normalized(one.name), version);
    }
    for (const { target, constrains, line } of parsed.includes) {
      const path = within(folderName(file.path), target);
      const place = { path: file.path, line };
      if (path === null || !source.exists(path)) {
        builder.problem('an included file is not in the tree', place, 'a file of this repository', target);
      } else if (!seen.has(path)) {
        seen.add(path);
        if (seen.size > MAX_INCLUDES) {
          builder.problem('too many included files', place, `at most ${MAX_INCLUDES}`);
          continue;
        }
        try {
          waiting.push({ path, bytes: await source.read(path), constrains: constrains || file.constrains });
        } catch (thrown) {
          builder.problem(
            'an included file cannot be read',
            place,
            'a readable file',
            problemOf(thrown).message,
          );
        }
      }
    }
  }
  addAll(builder, found, constraints, source.path);
  return builder.finish();
}

function addAll(
  builder: LockBuilder,
  found: readonly Placed[],
  constraints: ReadonlyMap<string, string>,
  path: string,
): void {
  const scope = /dev|test|lint|docs?\b/iu.test(fileName(path)) ? scopeOfGroup(fileName(path)) : 'runtime';
  const root = builder.root(undefined, { place: { path, line: 1 } });
  const index = new PythonIndex();
  // Digests are asked for as soon as one line has one: pip then refuses every line without.
  const hashed = found.some((one) => one.hashes.length > 0);
  const refs = found.map((one) => {
    const version = exactVersion(one.specifier) ?? constraints.get(normalized(one.name));
    const isGit = one.address?.startsWith('git+') === true;
    const ref = builder.component({
      purl: pypiPurl(one.name, version, isGit ? { vcs_url: one.address ?? '' } : undefined),
      place: { path: one.path, line: one.line },
      hashes: one.hashes.flatMap((hash) => prefixedHash(hash)),
      source: one.address,
      pinned: (hashed || version !== undefined) && one.address === undefined,
      ...(version === undefined && one.address === undefined
        ? { unresolved: `no exact version is locked${one.specifier === '' ? '' : ` (${one.specifier})`}` }
        : {}),
    });
    index.add(one.name, version, ref);
    return ref;
  });
  // With comments that say who needs what, the rest of the graph is told, too.
  const annotated = found.some((one) => one.via.length > 0);
  builder.needs(root);
  for (const [at, one] of found.entries()) {
    const ref = refs[at] ?? null;
    if (annotated) builder.needs(ref);
    const packages = one.via.filter((via) => !isFile(via));
    if (packages.length === 0 || packages.length < one.via.length) builder.needs(root, ref, scope);
    for (const via of packages) {
      const parents = index.find(via);
      if (parents.length === 0) builder.needs(root, ref, scope);
      for (const parent of parents) builder.needs(parent, ref);
    }
  }
}

/** `-r requirements.in`, `shop (pyproject.toml)`. */
function isFile(via: string): boolean {
  return via.startsWith('-') || via.includes('(') || via.includes(' ');
}
