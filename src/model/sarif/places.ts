import { isObject, type Json, textOf } from '../json/values.ts';
import type { Place } from '../location.ts';

export interface PlaceContext {
  /** `run.originalUriBaseIds`. */
  bases: Json;
  /** `run.artifacts`. */
  artifacts: readonly unknown[];
  /** Absolute path of the folder that was scanned, where the caller knows it. */
  root: string | undefined;
  /** `run.columnKind` says that columns count code points. */
  codePoints: boolean;
  lineAt: ((path: string, line: number) => string | undefined) | undefined;
  /** Old path to new path of files that are to be told under the names that they have now. */
  renames: Readonly<Record<string, string>> | undefined;
}

const MAX_BASES = 16;
/** A scheme with an authority, or one of those that are written without. Windows drives have one letter. */
const FOREIGN = /^(?:[a-z][a-z0-9+.-]+:\/\/|(?:pkg|urn|data|mailto|javascript|docker|oci|image):)/iu;
const FILE = /^file:/iu;
/** An empty part, `.` or `..`. */
const UNTIDY = /\/(?:\.{0,2})(?:\/|$)|^\.{1,2}(?:\/|$)/u;
const DRIVE = /^\/?[a-z]:\//iu;

/** Resolves the artifact locations of one run. */
export class PlaceReader {
  readonly #context: PlaceContext;
  #last: { uri: string; base: unknown; path: string | undefined } | undefined;

  constructor(context: PlaceContext) {
    this.#context = context;
  }

  /**
   * The place of a SARIF physicalLocation. Undefined where it names no file below the root: a finding with such a
   * location is kept without a place.
   */
  place(physical: unknown): Place | undefined {
    if (!isObject(physical)) return undefined;
    const path = this.path(physical.artifactLocation);
    if (path === undefined) return undefined;
    return this.#withRegion(path, physical.region);
  }

  /** The path below the root that an artifactLocation names. */
  path(location: unknown): string | undefined {
    if (!isObject(location)) return undefined;
    let { uri, uriBaseId } = location;
    if (typeof uri !== 'string' && typeof location.index === 'number') {
      const artifact = this.#context.artifacts[location.index];
      const target = isObject(artifact) ? artifact.location : undefined;
      if (!isObject(target)) return undefined;
      ({ uri, uriBaseId } = target);
    }
    if (typeof uri !== 'string') return undefined;
    // Results come file by file: only the last one is remembered.
    if (this.#last?.uri !== uri || this.#last.base !== uriBaseId) {
      this.#last = { uri, base: uriBaseId, path: this.#now(this.#resolve(uri, uriBaseId)) };
    }
    return this.#last.path;
  }

  #now(path: string | undefined): string | undefined {
    const { renames } = this.#context;
    return path !== undefined && renames !== undefined && Object.hasOwn(renames, path) ? renames[path] : path;
  }

  #resolve(uri: string, baseId: unknown): string | undefined {
    if (isForeign(uri)) return undefined;
    let text = uri;
    let base = baseId;
    // Each base is a prefix; the outermost one may be absolute (SARIF 2.1.0, section 3.14.14).
    for (let i = 0; typeof base === 'string' && !isAbsolute(text); i++) {
      if (i === MAX_BASES) return undefined;
      const entry = Object.hasOwn(this.#context.bases, base) ? this.#context.bases[base] : undefined;
      if (!isObject(entry)) break;
      const prefix = textOf(entry.uri) ?? '';
      if (isForeign(prefix)) return relative(text);
      if (isAbsolute(prefix)) {
        // A base elsewhere is another machine's name for the folder that was scanned; trivy writes `file:///`.
        return this.#belowRoot(join(prefix, text)) ?? (this.#isRelated(prefix) ? undefined : relative(text));
      }
      text = join(prefix, text);
      base = entry.uriBaseId;
    }
    return isAbsolute(text) ? this.#belowRoot(text) : relative(text);
  }

  /** The prefix contains the root or lies in it: what is joined to it must end up inside. */
  #isRelated(prefix: string): boolean {
    const root = normalRoot(this.#context.root);
    const folder = localPath(prefix);
    if (root === undefined || folder === undefined || folder === '/') return false;
    return `${root}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${root}/`);
  }

  #belowRoot(uri: string): string | undefined {
    const root = normalRoot(this.#context.root);
    const path = localPath(uri);
    if (root === undefined || path === undefined) return undefined;
    const drive = DRIVE.test(path);
    const fits = drive
      ? path.toLowerCase().startsWith(`${root.toLowerCase()}/`)
      : path.startsWith(`${root}/`);
    const below = path.slice(root.length + 1);
    return fits && below !== '' && !below.includes('\0') ? below : undefined;
  }

  #withRegion(path: string, region: unknown): Place {
    if (!isObject(region)) return { path };
    const line = position(region.startLine);
    if (line === undefined) return { path };
    const endLine = position(region.endLine);
    // One literal with every member: a hundred thousand of these are smaller and quicker in one shape.
    return {
      path,
      line,
      column: this.#column(path, line, position(region.startColumn)),
      endLine,
      endColumn: this.#column(path, endLine ?? line, position(region.endColumn)),
    };
  }

  /** Columns in UTF-16 units. Where the line cannot be read the number stays: the two differ only after astral characters. */
  #column(path: string, line: number, column: number | undefined): number | undefined {
    const { codePoints, lineAt } = this.#context;
    if (column === undefined || !codePoints || lineAt === undefined) return column;
    const text = lineAt(path, line);
    if (text === undefined) return column;
    let units = 0;
    let points = 1;
    for (const character of text) {
      if (points === column) break;
      units += character.length;
      points++;
    }
    return units + 1 + (column - points);
  }
}

function position(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
}

/** Percent-decoded, with `/` between the parts. Text that is no valid encoding is a name as it stands. */
function decoded(uri: string): string {
  const slashed = uri.includes('\\') ? uri.replaceAll('\\', '/') : uri;
  if (!slashed.includes('%')) return slashed;
  try {
    return decodeURIComponent(slashed);
  } catch {
    return slashed;
  }
}

/** Of another kind than a file. */
function isForeign(uri: string): boolean {
  return FOREIGN.test(uri) && !FILE.test(uri);
}

/** Judged before decoding, so that an encoded `:` or `/` stays a part of a name. */
function isAbsolute(uri: string): boolean {
  return uri.startsWith('/') || uri.startsWith('\\') || DRIVE.test(uri) || FILE.test(uri);
}

function join(prefix: string, text: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix + text : `${prefix}/${text}`;
}

/** The path of a `file:` URI or an absolute path, from `/` or a drive; undefined for another host. */
function localPath(uri: string): string | undefined {
  let path = decoded(uri);
  if (FILE.test(uri)) {
    const rest = path.replace(/^file:/iu, '');
    const host = rest.startsWith('//') ? rest.slice(2).split('/', 1)[0] : '';
    if (host !== '' && host?.toLowerCase() !== 'localhost') return undefined;
    path = rest.startsWith('//') ? rest.slice(2 + host.length) : rest;
  }
  if (DRIVE.test(path)) return normalised(path);
  const parts = normalised(path);
  return parts === undefined ? undefined : `/${parts}`;
}

function normalRoot(root: string | undefined): string | undefined {
  if (root === undefined) return undefined;
  const slashed = root.replaceAll('\\', '/');
  const parts = normalised(slashed);
  if (parts === undefined) return undefined;
  return DRIVE.test(slashed) ? parts : parts === '' ? '' : `/${parts}`;
}

function relative(uri: string): string | undefined {
  const text = decoded(uri);
  if (text.includes('\0')) return undefined;
  const path = normalised(text);
  return path === '' ? undefined : path;
}

/** Without `.`, `..` and empty parts; undefined where `..` leads out. */
function normalised(text: string): string | undefined {
  if (!UNTIDY.test(text)) {
    return text.startsWith('/') ? text.slice(1) : text;
  }
  const parts: string[] = [];
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}
