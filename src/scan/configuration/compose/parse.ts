import type { SourceText, Span } from '../text.ts';
import type { Build, ComposeComment, ComposeFile, Reference, Service } from './model.ts';
import { entryOf, parseYaml, scalarsOf, textOf, type YamlMap, type YamlNode } from './yaml.ts';

const MAX_SERVICES = 2000;

/**
 * A compose file (compose-spec, and the old form without `services:`). What it names elsewhere by `include`,
 * `extends` and `env_file` stands in `references`; the engine decides what of it is in the tree.
 */
export function parseCompose(source: SourceText): ComposeFile {
  const { node, problems } = parseYaml(source);
  const file: ComposeFile = { source, services: [], references: [], comments: commentsOf(source), problems };
  if (node === null || (node.kind === 'scalar' && node.text === null)) return file;
  if (node.kind !== 'map') {
    problems.push({
      code: 'SP-CONFIGURATION-SYNTAX',
      message: `${source.path} is no compose file`,
      expected: 'a mapping with services',
      found: node.kind,
      place: source.place({ start: node.start, end: node.start + 1 }),
      next: 'leave the file out with stages.configuration.exclude in the policy if it is none',
    });
    return file;
  }
  readIncludes(node, file);
  for (const { key, keySpan, value } of servicesOf(node)) {
    if (file.services.length >= MAX_SERVICES) {
      problems.push({
        code: 'SP-CONFIGURATION-LIMIT',
        message: `more than ${MAX_SERVICES} services`,
        place: source.place(keySpan),
        next: 'split the file',
      });
      break;
    }
    if (value.kind === 'map') file.services.push(readService(key, keySpan, value, file));
  }
  return file;
}

function servicesOf(node: YamlMap): YamlMap['entries'] {
  const services = entryOf(node, 'services');
  if (services !== null) return services.value.kind === 'map' ? services.value.entries : [];
  if (
    ['version', 'include', 'volumes', 'networks', 'name', 'configs', 'secrets'].some((key) =>
      entryOf(node, key),
    )
  )
    return [];
  const old = node.entries.filter(({ value }) => entryOf(value, 'image') ?? entryOf(value, 'build'));
  return old.length > 0 && old.length === node.entries.length ? old : [];
}

function readIncludes(node: YamlMap, file: ComposeFile): void {
  const include = entryOf(node, 'include');
  if (include?.value.kind !== 'sequence') return;
  for (const item of include.value.items) {
    const paths = item.kind === 'map' ? scalarsOf(entryOf(item, 'path')?.value) : scalarsOf(item);
    for (const { text, start, end } of paths)
      if (text !== null) file.references.push({ kind: 'include', path: text, start, end });
  }
}

function readService(name: string, nameSpan: Span, node: YamlMap, file: ComposeFile): Service {
  const image = entryOf(node, 'image');
  const build = readBuild(entryOf(node, 'build')?.value ?? null);
  const parent = entryOf(node, 'extends');
  const parentFile = entryOf(parent?.value, 'file')?.value;
  addReference(file, 'extends', parentFile);
  const environment = entryOf(node, 'env_file')?.value;
  for (const item of environment?.kind === 'sequence' ? environment.items : [environment])
    addReference(file, 'env_file', item?.kind === 'map' ? entryOf(item, 'path')?.value : item);
  return {
    name,
    nameSpan,
    node,
    image: image !== null && textOf(image.value) !== null ? image : null,
    build,
    extends: parent !== null,
    partial: image === null && build === null,
  };
}

function addReference(file: ComposeFile, kind: Reference['kind'], node: YamlNode | undefined): void {
  if (node?.kind === 'scalar' && node.text !== null)
    file.references.push({ kind, path: node.text, start: node.start, end: node.end });
}

function readBuild(node: YamlNode | null): Build | null {
  if (node === null) return null;
  const { start, end } = node;
  if (node.kind === 'scalar') {
    if (node.text === null) return null;
    return { context: node.text, dockerfile: null, target: null, args: null, inline: null, start, end };
  }
  if (node.kind !== 'map') return null;
  const inline = entryOf(node, 'dockerfile_inline')?.value;
  const inlineText = textOf(inline);
  return {
    start,
    end,
    context: textOf(entryOf(node, 'context')?.value) ?? '.',
    dockerfile: textOf(entryOf(node, 'dockerfile')?.value),
    target: textOf(entryOf(node, 'target')?.value),
    args: entryOf(node, 'args')?.value ?? null,
    inline: inline !== undefined && inlineText !== null ? { text: inlineText, node: inline } : null,
  };
}

/** Comments that could be allow-comments. Only lines that hold the words are looked at: most files have none. */
function commentsOf(source: SourceText): ComposeComment[] {
  const comments: ComposeComment[] = [];
  for (
    let at = source.text.indexOf('sallyport:allow');
    at !== -1;
    at = source.text.indexOf('sallyport:allow', at + 1)
  ) {
    const line = source.lineAt(at);
    const span = source.lineSpan(line);
    const before = source.text.slice(span.start, at);
    const hash = before.lastIndexOf('#');
    if (hash === -1 || before.slice(hash + 1).trim() !== '') continue;
    if (hash > 0 && !/\s/u.test(before[hash - 1] ?? '')) continue;
    comments.push({
      line,
      start: span.start + hash,
      end: span.end,
      text: source.text.slice(at, span.end).trim(),
      trailing: before.slice(0, hash).trim() !== '',
    });
  }
  return comments;
}
