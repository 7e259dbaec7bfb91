import { isObject, type Json, textOf } from '../../json/values.ts';
import type { Severity } from '../../severity.ts';

/** What is special about one tool's SARIF. Everything else is read as the standard says. */
export interface SarifTool {
  /** Our name for it: the name of the engine. */
  name: string;
  publisher: string;
  /** `tool.driver.name` in lower case. */
  drivers: readonly string[];
  /** What the tool says in a property or text of its own. Undefined: nothing. */
  severity?(result: Json, rule: Json | undefined): Severity | undefined;
  /** The severity of a result about which nothing is said, as the tool documents it. */
  fallback: Severity;
  /** The rule's one-line summary, where `shortDescription` does not hold it. */
  summary?(rule: Json): string | undefined;
  /** How many files it looked at, where the run says so in a place of the tool's own. */
  files?(run: Json): number | undefined;
}

/** A property of the result, else of the rule. */
export function property(name: string, result: Json, rule: Json | undefined): unknown {
  for (const holder of [result, rule]) {
    const properties = holder?.properties;
    if (isObject(properties) && Object.hasOwn(properties, name)) return properties[name];
  }
  return undefined;
}

const words: Record<string, Severity> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  error: 'high',
  medium: 'medium',
  moderate: 'medium',
  warning: 'medium',
  low: 'low',
  negligible: 'low',
  note: 'low',
  info: 'info',
  informational: 'info',
};

/** A severity written as a word, in any case. `unknown` and everything else is no statement. */
export function severityOfWord(value: unknown): Severity | undefined {
  const word = textOf(value)?.toLowerCase();
  return word !== undefined && Object.hasOwn(words, word) ? words[word] : undefined;
}

/** The word after `Severity:` at the start of a line, as grype writes it into its help. */
export function severityLine(value: unknown): Severity | undefined {
  const text = isObject(value) ? textOf(value.text) : undefined;
  return severityOfWord(text === undefined ? undefined : /^Severity: ?([A-Za-z]{1,20})\b/mu.exec(text)?.[1]);
}
