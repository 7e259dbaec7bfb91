import { isObject } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { mavenPurl } from './maven/pom.ts';
import { readToml } from './read-toml.ts';
import { linesOf, textOf } from './text.ts';
import { own, ownObject, ownText } from './values.ts';

/** https://docs.gradle.org/current/userguide/version_catalogs.html: what a build may use, where nothing is locked. */
export const gradleCatalog: LockFormat = {
  name: 'libs.versions.toml',
  summary: 'Gradle: version catalogues (gradle/*.versions.toml), where no gradle.lockfile is below it',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readToml(text, path);
  const builder = new LockBuilder(path, 'libs.versions.toml');
  const folder = fileName(folderName(path)) === 'gradle' ? folderName(folderName(path)) : folderName(path);
  const prefix = folder === '' ? '' : `${folder}/`;
  const isLocked = source
    .paths()
    .some(
      (one) =>
        one.startsWith(prefix) &&
        (one.endsWith('gradle.lockfile') || one.includes('gradle/dependency-locks/')),
    );
  if (isLocked) return builder.finish();
  builder.root(undefined, { place: { path, line: 1 } }, folder);
  const lines = linesOf(text);
  const versions = ownObject(document, 'versions');
  for (const [alias, entry] of Object.entries(ownObject(document, 'libraries'))) {
    const found = lines.findIndex((one) => one.trimStart().startsWith(alias));
    const place = { path, line: found + 1 || 1 };
    const [group, name, short] = typeof entry === 'string' ? entry.split(':') : coordinates(entry);
    if (group === undefined || name === undefined) {
      builder.problem('a library has no module', place, 'GROUP:NAME:VERSION, or module and version', alias);
      continue;
    }
    const version = short ?? versionOf(own(entry, 'version'), versions);
    builder.component({
      purl: mavenPurl(group, name, version),
      place,
      ...(version === undefined ? { unresolved: 'the catalogue names no single version' } : {}),
    });
  }
  return builder.finish();
}

function coordinates(entry: unknown): (string | undefined)[] {
  const module = ownText(entry, 'module');
  return module === undefined ? [ownText(entry, 'group'), ownText(entry, 'name')] : module.split(':');
}

/** A text, `{ref}` to the table `versions`, or a rich version, of which only `strictly` is one version. */
function versionOf(stated: unknown, versions: Record<string, unknown>): string | undefined {
  const reference = ownText(stated, 'ref');
  const version = reference === undefined ? stated : own(versions, reference);
  const text = isObject(version) ? (ownText(version, 'strictly') ?? ownText(version, 'prefer')) : version;
  return typeof text === 'string' && text !== '' && !/[[\](),+]/u.test(text) ? text : undefined;
}
