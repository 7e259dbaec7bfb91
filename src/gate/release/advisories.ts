import { advisoriesFolder } from '../../advisories/folder.ts';
import type { Bom } from '../../model/component.ts';
import type { ScanReport } from '../../model/report.ts';
import type { Context } from '../../platform/context.ts';
import type { Policy } from '../../policy/merge.ts';
import { lookUpBoms } from '../look-up.ts';

/**
 * Holds the components of bills of materials against the advisories that are known today: the gate does so itself,
 * whatever the stages said (trust-model rule 1). Null where there is no database at all.
 */
export async function matchAdvisories(
  boms: readonly Bom[],
  folder: string | undefined,
  policy: Policy,
  context: Context,
): Promise<ScanReport | null> {
  const report = await lookUpBoms(boms, folder ?? advisoriesFolder(context.env), policy, context);
  return report.state === 'nothing-scanned' || report.problems[0]?.code === 'SP-ADVISORIES-MISSING'
    ? null
    : report;
}
