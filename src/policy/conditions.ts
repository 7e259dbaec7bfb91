import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';
import { type Severity, severities, severityRank } from '../model/severity.ts';
import { type FactField, type Facts, factFields } from './facts.ts';
import { allowedLicenses, deniedLicenses } from './licenses.ts';
import { remember } from './remember.ts';
import type { RuleSubject } from './schema.ts';
import { children, fieldsRead, method, walk } from './syntax.ts';

const LIMITS = {
  maxAstNodes: 2000,
  maxDepth: 64,
  maxListElements: 1000,
  maxMapEntries: 100,
  maxCallArguments: 16,
};
/** Comprehensions inside comprehensions multiply: two levels over lists of a hundred stay small. */
const MAX_COMPREHENSIONS = 2;
const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const MAX_PATTERN = 1000;
const MAX_MATCHED = 100_000;

/** A condition that is ready to run. Throws SP-CONDITION-FAILED where it cannot be evaluated: never a pass. */
export type Condition = (facts: Facts, gate: Facts) => boolean;

/**
 * Compiles and type-checks a CEL expression over one subject. Throws SP-CONDITION-INVALID before anything runs.
 * Regular expressions run on RE2 (linear time): CEL's own `matches` would hang on a hostile one.
 */
export function compileCondition(over: RuleSubject, expression: string, place: Place): Condition {
  const refuse = (found: string, cause?: unknown) =>
    new SallyportError(
      {
        code: 'SP-CONDITION-INVALID',
        message: `the condition over a ${over} cannot be used: ${expression.slice(0, 200)}`,
        place,
        expected: 'a CEL expression of type bool over the fields in docs/reference/conditions.md',
        found,
      },
      { cause },
    );
  // Each tree is changed in place: written out and read again, `-(a ? b : c)` would come back as `-a ? b : c`.
  const compile = (kind: 'strict' | 'total') => {
    try {
      const parsed = environment(over, kind).parse(expression);
      guardPatterns(parsed.ast);
      if (comprehensionDepth(parsed.ast) > MAX_COMPREHENSIONS) {
        throw refuse(`comprehensions nested more than ${MAX_COMPREHENSIONS} deep`);
      }
      linear(parsed.ast);
      return parsed;
    } catch (cause) {
      if (cause instanceof SallyportError) throw cause;
      throw refuse(firstLine(cause), cause);
    }
  };
  const check = compile('strict').check();
  if (!check.valid) throw refuse(firstLine(check.error), check.error);
  const type = String(check.type);
  if (type !== 'bool') throw refuse(`an expression of type ${type}`);
  const run = compile('total');
  const condition: Condition = (facts, gate) => {
    try {
      const value: unknown = run({ [over]: facts, gate });
      if (typeof value === 'boolean') return value;
      throw new Error(`the value is a ${typeof value}`);
    } catch (cause) {
      throw new SallyportError(
        {
          code: 'SP-CONDITION-FAILED',
          message: `the condition over a ${over} could not be evaluated: ${expression.slice(0, 200)}`,
          place,
          found: firstLine(cause),
          next: 'a field may be null where it is unknown: ask `!= null` first',
        },
        { cause },
      );
    }
  };
  const fields = fieldsRead(run.ast, over);
  return fields === null ? condition : remember(fields, condition);
}

const environments = new Map<string, Environment>();

/**
 * `strict` gives each field its own type, so that comparing a number with a text is an error before anything runs;
 * `total` lets a field be null, which the library has no type for.
 */
function environment(over: RuleSubject, kind: 'strict' | 'total'): Environment {
  const key = `${over} ${kind}`;
  const known = environments.get(key);
  if (known !== undefined) return known;
  const schema = (fields: Record<string, FactField>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, f]) => [name, kind === 'total' && f.nullable ? 'dyn' : f.type]),
    );
  const made = new Environment({ limits: LIMITS })
    .registerVariable({ name: over, schema: schema(factFields[over]) })
    .registerVariable({ name: 'gate', schema: schema(factFields.gate) })
    .registerFunction('atLeast(string, string): bool', (found: string, least: string) =>
      atLeast(found, least),
    )
    .registerFunction(
      'allowedLicenses(list<string>, list<string>): bool',
      (licenses: string[], allowed: string[]) => allowedLicenses(licenses, allowed),
    )
    .registerFunction(
      'deniedLicenses(list<string>, list<string>): bool',
      (licenses: string[], denied: string[]) => deniedLicenses(licenses, denied),
    )
    .registerFunction({
      name: LINEAR,
      receiverType: 'string',
      returnType: 'bool',
      params: [{ name: 'pattern', type: 'string' }],
      handler: matchesLinear,
    });
  if (kind === 'strict') {
    for (const type of ['string', 'int', 'double', 'bool'])
      made.registerOperator(`${type} == null`, (a) => a === null);
  }
  environments.set(key, made);
  return made;
}

function atLeast(found: string, least: string): boolean {
  for (const word of [found, least]) {
    if (!(severities as readonly string[]).includes(word))
      throw new Error(`${JSON.stringify(word)} is not a severity`);
  }
  return severityRank(found as Severity) <= severityRank(least as Severity);
}

const LINEAR = 're2Matches';
const patterns = new Map<string, RE2JS>();

function matchesLinear(text: string, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = compilePattern(pattern);
    if (patterns.size < 1000) patterns.set(pattern, compiled);
  }
  return compiled.matcher(text.slice(0, MAX_MATCHED)).find();
}

function compilePattern(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN) throw new Error(`a pattern of more than ${MAX_PATTERN} characters`);
  return RE2JS.compile(pattern);
}

/** A pattern that is written out is compiled now, so that a broken one is an error before anything runs. */
function guardPatterns(ast: ASTNode): void {
  walk(ast, (node) => {
    const call = method(node);
    if (call?.name === LINEAR) throw new Error(`no such function: ${LINEAR}`);
    if (call?.name !== 'matches') return;
    const pattern = call.args[0];
    if (pattern?.op === 'value' && typeof pattern.args === 'string') compilePattern(pattern.args);
  });
}

function comprehensionDepth(node: ASTNode): number {
  const inner = Math.max(0, ...children(node).map(comprehensionDepth));
  return COMPREHENSIONS.has(method(node)?.name ?? '') ? inner + 1 : inner;
}

/** Makes `matches` our linear one. */
function linear(ast: ASTNode): void {
  walk(ast, (node) => {
    if (method(node)?.name === 'matches') (node.args as unknown[])[0] = LINEAR;
  });
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]?.slice(0, 300) ?? '';
}
