import { createHash } from 'node:crypto';
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { SallyportError } from './error.ts';
import type { Place } from './location.ts';

export type KeyPath = readonly (string | number)[];

/** A file of settings as it was read, able to say where each of its parts stands. */
export interface YamlFile<T> {
  uri: string;
  /** Of the text, hex. */
  sha256: string;
  value: T;
  place(path: KeyPath): Place;
}

export interface YamlForm<T> {
  /** What the file is, in messages: `the policy file`. */
  what: string;
  schema: z.ZodType<T>;
  codes: { syntax: string; invalid: string };
  /** Where every key is described. */
  reference: string;
  /** Bytes, levels of nesting, and uses of aliases; 0 where there is no need for any. */
  limits: { bytes: number; depth: number; aliases: number };
}

/**
 * Reads a YAML 1.2 file that people write and a schema describes. Throws `codes.syntax` and `codes.invalid` with file,
 * line, column and what was expected, before anything is done with it.
 */
export function readYaml<T>(uri: string, text: string, form: YamlForm<T>): YamlFile<T> {
  const { what, codes, limits } = form;
  const refuse = (message: string, expected: string, place: Place, found?: string) =>
    new SallyportError({ code: codes.syntax, message, place, expected, found });
  if (Buffer.byteLength(text) > limits.bytes)
    throw refuse(`${what} is too large`, `at most ${limits.bytes} bytes`, { path: uri });
  const counter = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { path: uri, line, column: col };
  };
  const document = parseDocument(text, {
    lineCounter: counter,
    merge: false,
    strict: true,
    uniqueKeys: true,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const found = (fault.message.split('\n')[0] ?? '').slice(0, 300);
    const expected = 'YAML 1.2 with one document, no duplicate keys and no tags of its own';
    throw refuse(`${what} is not valid YAML`, expected, at(fault.pos[0]), found);
  }
  if (document.directives.yaml.version !== '1.2')
    throw refuse('this version of YAML is not read', 'YAML 1.2, without a directive', at(0));
  visit(document, {
    Pair: (_key, { key }) => {
      // A key that is written as `*name` is not seen as the duplicate that it may be: the last one would hold.
      if (isScalar(key) && typeof key.value === 'string') return;
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      throw refuse(`a key of ${what} is not plain text`, 'keys that are written out as text', at(offset));
    },
    Node: (_key, _node, path) => {
      if (path.length / 2 > limits.depth)
        throw refuse(`${what} is nested too deeply`, `at most ${limits.depth} levels`, { path: uri });
    },
  });
  const place = (path: KeyPath) => placeOf(document, at, uri, path);
  const result = form.schema.safeParse(plain(document, uri, limits.aliases, refuse, what));
  if (!result.success) throw invalid(result.error.issues, place, uri, form);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { uri, sha256, value: result.data, place };
}

function plain(
  document: Document.Parsed,
  uri: string,
  aliases: number,
  refuse: (message: string, expected: string, place: Place, found?: string) => SallyportError,
  what: string,
): unknown {
  try {
    return document.toJS({ maxAliasCount: aliases });
  } catch (cause) {
    const expected =
      aliases === 0 ? 'every value written where it counts' : `at most ${aliases} uses of aliases`;
    const found = (cause as Error).message.slice(0, 200);
    throw refuse(`${what} cannot be read`, expected, { path: uri }, found);
  }
}

function invalid<T>(
  issues: readonly z.core.$ZodIssue[],
  place: (path: KeyPath) => Place,
  uri: string,
  { what, codes, reference }: YamlForm<T>,
): SallyportError {
  // A misspelt key also leaves the right one missing: the misspelling is what to say first.
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)));
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const named = unknown === undefined ? path : [...path, unknown];
  return new SallyportError({
    code: codes.invalid,
    message: `${what} is not valid: ${named.length === 0 ? uri : named.join('.')}`,
    place: place(named),
    expected:
      unknown === undefined
        ? (issue?.message ?? 'what the schema says').replace(/^expected /u, '')
        : 'a key that the schema knows',
    found: unknown === undefined ? undefined : `unknown key ${JSON.stringify(unknown)}`,
    next: `${issues.length > 1 ? `${issues.length - 1} more after this one; ` : ''}${reference} describes every key`,
  });
}

/** The place of a key where the path ends in one, else of the value, else of the nearest thing around it. */
function placeOf(document: Document, at: (offset: number) => Place, uri: string, path: KeyPath): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== null) return at(offset);
  }
  return { path: uri, line: 1, column: 1 };
}

function offsetOf(document: Document, path: KeyPath): number | null {
  const last = path.at(-1);
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent) && typeof last === 'string') {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === last,
    );
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? null;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
