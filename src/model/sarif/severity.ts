import { isObject, type Json } from '../json/values.ts';
import { type Severity, severities, severityOfScore, severityRank } from '../severity.ts';
import { SEVERITY } from './schema.ts';
import type { SarifTool } from './tools/tool.ts';

export interface Judged {
  severity: Severity;
  /** As the tool gives it, 0 to 10; null where it gives none. */
  score: number | null;
}

/** SARIF's three levels that say something; `none` says that the notion does not apply, so it is not in here. */
const ofLevel: Record<string, Severity> = { error: 'high', warning: 'medium', note: 'low' };

/** GitHub's property for results and rules: a CVSS-like number, mostly as text. Undefined where it is no such number. */
export function securitySeverity(holder: Json | undefined): number | undefined {
  const properties = holder?.properties;
  const value = isObject(properties) ? properties['security-severity'] : undefined;
  const score =
    typeof value === 'string' && /^[0-9]{1,2}(?:\.[0-9]{1,6})?$/u.test(value.trim()) ? Number(value) : value;
  return typeof score === 'number' && score >= 0 && score <= 10 ? score : undefined;
}

const scores = new WeakMap<Json, number | null>();

/** Of a rule it is asked once, however many results it has. */
function scoreOfRule(rule: Json): number | null {
  let score = scores.get(rule);
  if (score === undefined) {
    score = securitySeverity(rule) ?? null;
    scores.set(rule, score);
  }
  return score;
}

/**
 * How bad a result is. In this order: `security-severity` of the result, then of the rule; the tool's own property;
 * the result's level; the rule's default level; what the tool documents as its default. A score of 0 stands only if
 * nothing else says more: several tools write it for "unknown". Never undefined: an unknown severity is not dropped.
 */
export function severityOf(tool: SarifTool, result: Json, rule: Json | undefined, override?: Json): Judged {
  const score = securitySeverity(result) ?? (rule === undefined ? null : scoreOfRule(rule));
  const said =
    tool.severity?.(result, rule) ??
    levelOf(result.level) ??
    levelOf(override?.level) ??
    levelOf(isObject(rule?.defaultConfiguration) ? rule.defaultConfiguration.level : undefined);
  if (score !== null && (score > 0 || said === undefined)) return { severity: severityOfScore(score), score };
  return { severity: said ?? tool.fallback, score: null };
}

/** The exact severity that we wrote into a result or a rule ourselves. */
export function ownSeverity(holder: Json): Severity | undefined {
  const properties = holder.properties;
  const value = isObject(properties) ? properties[SEVERITY] : undefined;
  return severities.find((severity) => severity === value);
}

function levelOf(level: unknown): Severity | undefined {
  return typeof level === 'string' && Object.hasOwn(ofLevel, level) ? ofLevel[level] : undefined;
}

/** The SARIF level to write. `none` would say that the severity does not apply, so `info` is a note. */
export function levelFor(severity: Severity): 'error' | 'warning' | 'note' {
  if (severityRank(severity) <= severityRank('high')) return 'error';
  return severity === 'medium' ? 'warning' : 'note';
}
