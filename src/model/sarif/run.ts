import { isObject, type Json, objectsOf, textOf } from '../json/values.ts';
import type { EngineInfo } from '../report.ts';
import type { RuleBook } from './rules.ts';
import type { SarifRun } from './schema.ts';
import { type OwnRun, ownTime } from './shape.ts';
import type { SarifTool } from './tools/tool.ts';

/** The time of a run that says none: as old as can be, so that nothing takes it for fresh. */
export const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

/** Who ran, by what we wrote ourselves, else by what the tool says and the table knows. */
export function engineOf(
  run: SarifRun,
  tool: SarifTool,
  claims: OwnRun | undefined,
  digest: string,
): EngineInfo {
  if (claims !== undefined) return claims.engine;
  const { driver } = run.tool;
  const version =
    textOf(driver.semanticVersion) ?? textOf(driver.version) ?? textOf(driver.dottedQuadFileVersion);
  const maker = tool.name === '' ? (textOf(driver.organization) ?? tool.publisher) : tool.publisher;
  return {
    name: tool.name === '' ? driver.name : tool.name,
    version: version ?? 'unknown',
    // Policies count publishers: nobody else may come in under our name.
    publisher: maker.toLowerCase().includes('sallyport') ? 'unknown' : maker,
    digest,
    how: 'handed-in',
  };
}

/** When it ran, in UTC. */
export function timesOf(run: SarifRun, claims: OwnRun | undefined, readAt = UNKNOWN_TIME) {
  if (claims !== undefined) return claims;
  const invocation = objectsOf(run.invocations)[0];
  const utc = (name: string): string | undefined => {
    const parsed = ownTime.safeParse(invocation?.[name]);
    return parsed.success ? new Date(parsed.data).toISOString() : undefined;
  };
  const startedAt = utc('startTimeUtc') ?? utc('endTimeUtc') ?? readAt;
  return { startedAt, finishedAt: utc('endTimeUtc') ?? startedAt };
}

/** Levels that the user of the tool set for its rules, by rule id (SARIF 2.1.0, section 3.20.5). */
export function overridesOf(run: SarifRun, book: RuleBook): Map<string, Json> {
  const levels = new Map<string, Json>();
  for (const invocation of objectsOf(run.invocations)) {
    for (const override of objectsOf(invocation.ruleConfigurationOverrides)) {
      if (!isObject(override.descriptor) || !isObject(override.configuration)) continue;
      levels.set(book.find({ rule: override.descriptor }).id, override.configuration);
    }
  }
  return levels;
}
