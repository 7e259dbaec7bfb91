import { SallyportError } from '../model/error.ts';
import { verifications } from '../model/finding.ts';
import { isObject } from '../model/json/values.ts';
import { severities } from '../model/severity.ts';
import type { EngineOutput } from './engine.ts';

/** Whether a value has a form. By hand, since there may be a hundred thousand hits. */
type Form = (value: unknown) => boolean;

const text: Form = (value) => typeof value === 'string';
const named: Form = (value) => typeof value === 'string' && value !== '';
const flag: Form = (value) => typeof value === 'boolean';
const number: Form = (value) => Number.isFinite(value);
const position: Form = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const count: Form = (value) => value === null || (Number.isFinite(value) && (value as number) >= 0);
const bytes: Form = (value) => value instanceof Uint8Array;

function oneOf(values: readonly string[]): Form {
  return (value) => typeof value === 'string' && values.includes(value);
}
function optional(form: Form): Form {
  return (value) => value === undefined || form(value);
}
function listOf(form: Form): Form {
  return (value) => Array.isArray(value) && value.every(form);
}
function members(forms: Readonly<Record<string, Form>>): Form {
  const entries = Object.entries(forms);
  return (value) => isObject(value) && entries.every(([name, form]) => form(value[name]));
}

const place = members({
  path: text,
  line: optional(position),
  column: optional(position),
  endLine: optional(position),
  endColumn: optional(position),
});
const hit = members({
  rule: named,
  message: text,
  places: listOf(place),
  context: text,
  severity: optional(oneOf(severities)),
  score: optional((value) => value === null || number(value)),
  suppressions: optional(listOf(members({ kind: oneOf(['inSource', 'external']), justification: text }))),
  tags: optional(listOf(text)),
  verification: optional(oneOf(verifications)),
});
const output: Readonly<Record<string, Form>> = {
  hits: listOf(hit),
  looked: members({
    files: count,
    bytes: count,
    commits: count,
    rules: count,
    skipped: listOf(members({ path: text, reason: text, blocking: flag })),
    complete: flag,
  }),
  problems: listOf(members({ code: text, message: text })),
  data: optional(members({ source: text, updated: text })),
  idle: optional(members({ code: text, message: text })),
  bom: (value) => value === undefined,
  document: optional(listOf(bytes)),
};

/**
 * Holds what came over a thread's border against its shape: an engine that writes rubbish has failed, whatever its
 * rubbish looks like.
 */
export function checkOutput(value: unknown): EngineOutput {
  const wrong = isObject(value)
    ? Object.entries(output).find(([name, form]) => !form(value[name]))?.[0]
    : 'the answer';
  if (wrong === undefined) return value as EngineOutput;
  throw new SallyportError({
    code: 'SP-ENGINE-OUTPUT',
    message: 'the engine answered with something that is no report',
    expected: 'hits, looked and problems',
    found: `${wrong} in another form`,
  });
}
