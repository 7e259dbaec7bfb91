import { createHash } from 'node:crypto';
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';
import { type PolicyFile, policyFile } from './schema.ts';

export const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 32;

export type KeyPath = readonly (string | number)[];

/** One policy file as it was read, able to say where each of its parts stands. */
export interface Layer {
  name: string;
  uri: string;
  sha256: string;
  file: PolicyFile;
  /** A pack that comes with this program: what it leaves unset is open. */
  builtIn: boolean;
  place(path: KeyPath): Place;
}

/** Throws SP-POLICY-SYNTAX or SP-POLICY-INVALID with file, line, column and what was expected. */
export function parseLayer(name: string, uri: string, text: string, builtIn = false): Layer {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
    throw new SallyportError({
      code: 'SP-POLICY-SYNTAX',
      message: 'the policy file is too large',
      place: { path: uri },
      expected: `at most ${MAX_POLICY_BYTES} bytes`,
    });
  }
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    merge: false,
    strict: true,
    uniqueKeys: true,
  });
  const at = (path: KeyPath) => placeOf(document, counter, uri, path);
  refuseSyntax(document, counter, uri);
  refuseDepth(document, uri);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-POLICY-SYNTAX',
        message: 'the policy file cannot be read',
        place: { path: uri },
        expected: `at most ${MAX_ALIASES} uses of aliases`,
        found: (cause as Error).message.slice(0, 200),
      },
      { cause },
    );
  }
  const result = policyFile.safeParse(value);
  if (!result.success) throw invalid(result.error.issues, at, uri);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name, uri, sha256, file: result.data, builtIn, place: at };
}

function refuseSyntax(document: Document.Parsed, counter: LineCounter, uri: string): void {
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const { line, col } = counter.linePos(fault.pos[0]);
    throw new SallyportError({
      code: 'SP-POLICY-SYNTAX',
      message: 'the policy file is not valid YAML',
      place: { path: uri, line, column: col },
      expected: 'YAML 1.2 with one document, no duplicate keys and no tags of its own',
      found: (fault.message.split('\n')[0] ?? '').slice(0, 300),
    });
  }
  const refuse = (message: string, expected: string, offset: number) => {
    const { line, col } = counter.linePos(offset);
    return new SallyportError({
      code: 'SP-POLICY-SYNTAX',
      message,
      place: { path: uri, line, column: col },
      expected,
    });
  };
  if (document.directives.yaml.version !== '1.2')
    throw refuse('this version of YAML is not read', 'YAML 1.2, without a directive', 0);
  visit(document, {
    Pair: (_key, { key }) => {
      // A key that is written as `*name` is not seen as the duplicate that it may be: the last one would hold.
      if (isScalar(key) && typeof key.value === 'string') return;
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      throw refuse('a key of the policy file is not plain text', 'keys that are written out as text', offset);
    },
  });
}

function refuseDepth(document: Document.Parsed, uri: string): void {
  visit(document, {
    Node: (_key, _node, path) => {
      if (path.length / 2 > MAX_DEPTH) {
        throw new SallyportError({
          code: 'SP-POLICY-SYNTAX',
          message: 'the policy file is nested too deeply',
          place: { path: uri },
          expected: `at most ${MAX_DEPTH} levels`,
        });
      }
    },
  });
}

interface Issue {
  code?: string | undefined;
  path: PropertyKey[];
  message: string;
  keys?: string[];
}

function invalid(issues: readonly Issue[], at: (path: KeyPath) => Place, uri: string): SallyportError {
  // A misspelt key also leaves the right one missing: the misspelling is what to say first.
  const issue = issues.find((i) => i.code === 'unrecognized_keys') ?? issues[0];
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)));
  const unknown = issue?.keys?.[0];
  const named = unknown === undefined ? path : [...path, unknown];
  return new SallyportError({
    code: 'SP-POLICY-INVALID',
    message: `the policy file is not valid: ${named.length === 0 ? uri : named.join('.')}`,
    place: at(named),
    expected:
      unknown === undefined ? (issue?.message ?? 'a valid policy') : 'a key that the policy schema knows',
    found: unknown === undefined ? undefined : `unknown key ${JSON.stringify(unknown)}`,
    next: `${issues.length > 1 ? `${issues.length - 1} more after this one; ` : ''}docs/reference/policy.md describes every key`,
  });
}

/** The place of a key where the path ends in one, else of the value, else of the nearest thing around it. */
function placeOf(document: Document.Parsed, counter: LineCounter, uri: string, path: KeyPath): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset === null) continue;
    const { line, col } = counter.linePos(offset);
    return { path: uri, line, column: col };
  }
  return { path: uri, line: 1, column: 1 };
}

function offsetOf(document: Document.Parsed, path: KeyPath): number | null {
  const last = path.at(-1);
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent) && typeof last === 'string') {
    const pair = (parent as YAMLMap).items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === last,
    );
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0] ?? null;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
