import { createHash } from 'node:crypto';
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { SallyportError } from '../../model/error.ts';
import type { Place } from '../../model/location.ts';
import { type CanaryPlan, canaryFile } from './schema.ts';

export const MAX_PLAN_BYTES = 256 * 1024;
const MAX_DEPTH = 16;

export interface LoadedPlan {
  plan: CanaryPlan;
  /** Of the file's text: a state that was begun under another plan is not taken up. */
  sha256: string;
  uri: string;
  place(path: readonly (string | number)[]): Place;
}

/** Throws SP-CANARY-SYNTAX or SP-CANARY-PLAN with file, line and column. Nothing is touched before this has passed. */
export function readPlan(uri: string, text: string): LoadedPlan {
  const fail = (code: string, message: string, place: Place, expected: string, found?: string) =>
    new SallyportError({
      code,
      message,
      place,
      expected,
      found,
      next: 'docs/reference/canary.md describes every key',
    });
  if (Buffer.byteLength(text) > MAX_PLAN_BYTES)
    throw fail('SP-CANARY-SYNTAX', 'the plan is too large', { path: uri }, `at most ${MAX_PLAN_BYTES} bytes`);
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    merge: false,
    strict: true,
    uniqueKeys: true,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const { line, col } = counter.linePos(fault.pos[0]);
    const place = { path: uri, line, column: col };
    const found = (fault.message.split('\n')[0] ?? '').slice(0, 300);
    throw fail('SP-CANARY-SYNTAX', 'the plan is not valid YAML', place, 'YAML 1.2, one document', found);
  }
  visit(document, {
    Alias: () => {
      throw fail(
        'SP-CANARY-SYNTAX',
        'the plan uses an alias',
        { path: uri },
        'every value written where it counts',
      );
    },
    Node: (_key, _node, path) => {
      if (path.length / 2 > MAX_DEPTH)
        throw fail(
          'SP-CANARY-SYNTAX',
          'the plan is nested too deeply',
          { path: uri },
          `at most ${MAX_DEPTH} levels`,
        );
    },
  });
  const result = canaryFile.safeParse(document.toJS());
  const place = (path: readonly (string | number)[]) => placeOf(document, counter, uri, path);
  if (result.success) {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { plan: result.data, sha256, uri, place };
  }
  const { issues } = result.error;
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)));
  const named = unknown === undefined ? path : [...path, unknown];
  throw fail(
    'SP-CANARY-PLAN',
    `the plan is not valid: ${named.length === 0 ? uri : named.join('.')}`,
    place(named),
    unknown === undefined
      ? (issue?.message ?? 'a valid plan').replace(/^expected /u, '')
      : 'a key that the schema knows',
    unknown === undefined ? undefined : `unknown key ${JSON.stringify(unknown)}`,
  );
}

/** The place of a key, else of the nearest thing around it. */
function placeOf(
  document: Document,
  counter: LineCounter,
  uri: string,
  path: readonly (string | number)[],
): Place {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset === null) continue;
    const { line, col } = counter.linePos(offset);
    return { path: uri, line, column: col };
  }
  return { path: uri, line: 1, column: 1 };
}

function offsetOf(document: Document, path: readonly (string | number)[]): number | null {
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
