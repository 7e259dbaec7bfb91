import type { Rule } from '../finding.ts';
import { beyond } from '../json/lossless.ts';
import { isObject, type Json, objectsOf, stringsOf, textOf } from '../json/values.ts';
import { readText } from './message.ts';
import { renderRule } from './render.ts';
import { type SarifRun, withoutOurs } from './schema.ts';
import { ownSeverity, severityOf } from './severity.ts';
import type { SarifTool } from './tools/tool.ts';

/** The rules of one run: as the model has them, and the SARIF descriptors to look results up in. */
export class RuleBook {
  readonly rules: Rule[] = [];
  readonly #driver: Json[];
  readonly #extensions: { name: string | undefined; guid: string | undefined; rules: Json[] }[];
  readonly #byId = new Map<string, Json>();

  constructor(run: SarifRun, tool: SarifTool, own: boolean) {
    const { driver } = run.tool;
    this.#driver = objectsOf(driver.rules);
    this.#extensions = objectsOf(run.tool.extensions).map((extension) => ({
      name: textOf(extension.name),
      guid: textOf(extension.guid),
      rules: objectsOf(extension.rules),
    }));
    for (const descriptor of [...this.#driver, ...this.#extensions.flatMap((extension) => extension.rules)]) {
      const id = descriptor.id as string;
      if (this.#byId.has(id)) continue;
      this.#byId.set(id, descriptor);
      this.rules.push(readRule(descriptor, tool, own));
    }
  }

  /**
   * The rule of a result, by `rule.index` in its component, `ruleIndex`, or id; `a/b` is a finer form of the rule
   * `a` (SARIF 2.1.0, section 3.27.5). An index that contradicts the id loses.
   */
  find(result: Json): { id: string; descriptor: Json | undefined } {
    const reference = isObject(result.rule) ? result.rule : {};
    const id = textOf(result.ruleId) ?? textOf(reference.id);
    const indexed = this.#at(reference.toolComponent, reference.index ?? result.ruleIndex);
    const indexedId = indexed === undefined ? undefined : (indexed.id as string);
    if (id === undefined) return { id: indexedId ?? 'unknown', descriptor: indexed };
    if (indexedId !== undefined && isWithin(id, indexedId)) return { id, descriptor: indexed };
    for (let name = id; ; ) {
      const descriptor = this.#byId.get(name);
      if (descriptor !== undefined) return { id, descriptor };
      const slash = name.lastIndexOf('/');
      if (slash <= 0) return { id, descriptor: undefined };
      name = name.slice(0, slash);
    }
  }

  #at(component: unknown, index: unknown): Json | undefined {
    if (typeof index !== 'number' || index < 0) return undefined;
    if (!isObject(component)) return this.#driver[index];
    const { index: at, name, guid } = component;
    const extension =
      typeof at === 'number' && at >= 0
        ? this.#extensions[at]
        : this.#extensions.find(
            (entry) => (name ?? guid) !== undefined && (entry.name === name || entry.guid === guid),
          );
    return extension?.rules[index] ?? (at === undefined || at === -1 ? this.#driver[index] : undefined);
  }
}

function isWithin(id: string, ruleId: string): boolean {
  return id === ruleId || id.startsWith(`${ruleId}/`);
}

function readRule(descriptor: Json, tool: SarifTool, own: boolean): Rule {
  const id = descriptor.id as string;
  const severity = (own ? ownSeverity(descriptor) : undefined) ?? severityOf(tool, {}, descriptor).severity;
  const properties = isObject(descriptor.properties) ? descriptor.properties : {};
  const name = textOf(descriptor.name);
  const full = readText(descriptor.fullDescription);
  const summary = tool.summary?.(descriptor) ?? readText(descriptor.shortDescription) ?? full ?? name ?? id;
  const help = readText(descriptor.help);
  const helpUri = textOf(descriptor.helpUri);
  const rule: Rule = {
    id,
    ...(name === undefined ? {} : { name }),
    summary,
    ...(full === undefined ? {} : { why: full }),
    ...(help === undefined ? {} : { help }),
    ...(helpUri === undefined ? {} : { helpUri }),
    severity,
    tags: stringsOf(properties.tags),
  };
  withoutOurs(descriptor, 'properties');
  const rest = beyond(descriptor, renderRule(rule));
  if (rest !== undefined) rule.source = rest as Json;
  return rule;
}

/** The rule of a finding in a report: its own, or the one of which its id is a finer form. */
export function ruleFor(rules: ReadonlyMap<string, Rule>, id: string): Rule | undefined {
  for (let name = id; ; ) {
    const rule = rules.get(name);
    if (rule !== undefined) return rule;
    const slash = name.lastIndexOf('/');
    if (slash <= 0) return undefined;
    name = name.slice(0, slash);
  }
}
