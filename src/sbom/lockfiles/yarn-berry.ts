import type { Scope } from '../../model/component.ts';
import type { Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockSource, within } from './format.ts';
import { shown, unsupported } from './limits.ts';
import { declared, fetchedFrom, npmPurl, originQualifiers } from './npm-names.ts';
import { readYaml } from './read-yaml.ts';
import { objectEntries, own, ownObject, ownText, plainText, textEntries } from './values.ts';
import { type Manifest, manifestIn } from './workspaces.ts';
import { rootOf } from './yarn-classic.ts';

/** Reads yarn.lock of Yarn 2 and later (`__metadata.version` 4 to 9). */
export async function readYarnBerry(text: string, source: LockSource): Promise<Locked> {
  const { path } = source;
  const document = readYaml(text, path);
  const version = own(ownObject(document, '__metadata'), 'version');
  if (typeof version !== 'number' || version < 4 || version > 9)
    throw unsupported({ path, line: 1 }, `__metadata.version ${plainText(version)}`, '4 to 9');
  const builder = new LockBuilder(path, 'yarn.lock');
  const lines = topLines(text);
  const byDescriptor = new Map<string, string>();
  const entries: { ref: string; entry: Json; manifest: Manifest | null }[] = [];
  for (const [key, entry] of objectEntries(document)) {
    if (key === '__metadata') continue;
    const place = { path, line: lines.get(key) ?? 1 };
    const resolution = ownText(entry, 'resolution') ?? '';
    const at = resolution.indexOf('@', 1);
    if (at === -1) {
      builder.problem('an entry has no resolution', place, 'NAME@PROTOCOL:...', resolution);
      continue;
    }
    const [name, reference] = [resolution.slice(0, at), resolution.slice(at + 1)];
    const manifest = reference.startsWith('workspace:') ? await workspace(source, reference.slice(10)) : null;
    const ref = manifest !== null ? rootOf(builder, manifest) : add(builder, name, reference, entry, place);
    if (ref === null) continue;
    for (const descriptor of key.split(', ')) byDescriptor.set(descriptor, ref);
    entries.push({ ref, entry, manifest });
  }
  for (const { ref, entry, manifest } of entries) {
    builder.needs(ref);
    const scopes =
      manifest === null
        ? null
        : new Map(declared(manifest.value, true).map(([name, , scope]) => [name, scope]));
    for (const [name, range] of textEntries(own(entry, 'dependencies'))) {
      const target = byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`);
      builder.needs(ref, target, scopes?.get(name) ?? optionalIn(entry, name));
    }
  }
  return builder.finish();
}

async function workspace(source: LockSource, relative: string): Promise<Manifest | null> {
  const folder = within(folderName(source.path), relative);
  return folder === null ? null : await manifestIn(source, folder);
}

function optionalIn(entry: Json, name: string): Scope {
  return own(ownObject(ownObject(entry, 'dependenciesMeta'), name), 'optional') === true
    ? 'optional'
    : 'runtime';
}

function add(
  builder: LockBuilder,
  name: string,
  reference: string,
  entry: Json,
  place: { path: string; line: number },
): string | null {
  const version = ownText(entry, 'version') ?? numberText(own(entry, 'version'));
  const isLocal = /^(?:workspace|link|portal|file|exec):/u.test(reference);
  const address = reference.startsWith('npm:') || reference.startsWith('patch:') ? undefined : reference;
  const checksum = ownText(entry, 'checksum');
  return builder.component({
    purl: npmPurl(name, version === '0.0.0-use.local' ? undefined : version, originQualifiers(address)),
    place,
    // The digest is of Yarn's own archive of the package, not of what the registry serves.
    hashes: checksum === undefined ? [] : [{ algorithm: 'yarn-cache', content: checksum }],
    source: isLocal ? undefined : (archiveOf(reference) ?? address),
    // For other platforms than the writer's, Yarn keeps no digest.
    pinned: !isLocal && fetchedFrom(address) !== 'git' && own(entry, 'conditions') === undefined,
  });
}

/** A package from another registry carries its address behind `::__archiveUrl=`. */
function archiveOf(reference: string): string | undefined {
  const [, encoded] = reference.split('__archiveUrl=', 2);
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded.split('&', 1)[0] ?? '');
  } catch {
    return shown(encoded);
  }
}

/** YAML reads a version such as `1.0` as a number. */
function numberText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : undefined;
}

function topLines(text: string): Map<string, number> {
  const found = new Map<string, number>();
  let line = 0;
  for (const written of text.split('\n')) {
    line++;
    if (written === '' || written.startsWith(' ') || written.startsWith('#')) continue;
    const trimmed = written.trimEnd();
    if (!trimmed.endsWith(':')) continue;
    const key = trimmed.slice(0, -1);
    found.set(key.startsWith('"') && key.endsWith('"') ? key.slice(1, -1) : key, line);
  }
  return found;
}
