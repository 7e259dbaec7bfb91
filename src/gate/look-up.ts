import { AdvisoryDatabase } from '../advisories/database.ts';
import { readSignals } from '../advisories/signals.ts';
import type { Bom } from '../model/component.ts';
import { problemOf } from '../model/error.ts';
import { ascending } from '../model/order.ts';
import type { EngineInfo, Looked, ScanReport } from '../model/report.ts';
import { VERSION } from '../model/version.ts';
import type { Context } from '../platform/context.ts';
import type { Policy } from '../policy/merge.ts';
import { noDatabase } from '../scan/dependencies/advisories.ts';
import { matchBom } from '../scan/dependencies/match.ts';
import { parseAdvisoryOptions } from '../scan/dependencies/options.ts';
import { advisoryRules } from '../scan/dependencies/rules.ts';
import { failedReport, finishedReport } from '../scan/frame.ts';
import { optionsOf } from './plan.ts';

/**
 * Bills of materials that were handed over, looked up in the advisory database as the policy asks. Whatever goes wrong
 * ends as a report with the state `error`; without a database it is `nothing-scanned`, or an error where the policy
 * requires one.
 */
export async function lookUpBoms(
  boms: readonly Bom[],
  folder: string,
  policy: Policy,
  context: Context,
): Promise<ScanReport> {
  const info: EngineInfo = {
    name: 'sallyport-advisories',
    version: VERSION,
    publisher: 'sallyport',
    how: 'in-process',
  };
  const startedAt = context.clock.now();
  const looked: Looked = {
    files: boms.length,
    bytes: null,
    commits: null,
    rules: advisoryRules.length,
    skipped: [],
    complete: true,
  };
  const database = new AdvisoryDatabase(folder);
  try {
    const options = await parseAdvisoryOptions(optionsOf(policy, 'dependencies'));
    const times = () => ({ startedAt, finishedAt: context.clock.now() });
    if (database.isEmpty()) {
      const missing = noDatabase(folder);
      if (options.vulnerabilities === 'required') throw missing;
      const idle = {
        ...missing.problem,
        message: `${missing.message}: vulnerabilities were not looked for`,
      };
      const output = { hits: [], looked: { ...looked, files: 0 }, problems: [], idle };
      return finishedReport('dependencies', info, advisoryRules, output, times());
    }
    const matched = [];
    for (const bom of boms) {
      const asked = { accepted: options.indexDigests, signals: async () => await readSignals(folder) };
      matched.push(await matchBom(bom, database, asked));
    }
    const data = matched
      .flatMap((one) => one.data ?? [])
      .toSorted((a, b) => ascending(a.updated, b.updated))[0];
    const output = {
      hits: matched.flatMap(({ hits }) => hits),
      looked,
      problems: matched.flatMap(({ problems }) => problems),
      ...(data === undefined ? {} : { data }),
    };
    return finishedReport('dependencies', info, advisoryRules, output, times());
  } catch (thrown) {
    const times = { startedAt, finishedAt: context.clock.now() };
    return failedReport('dependencies', info, problemOf(thrown), times);
  } finally {
    database.close();
  }
}
