import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Decision } from '../model/decision.ts';
import { formatPlace, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import { RUNS_FOLDER } from '../platform/worktree.ts';
import { readReportDocument } from '../report/document.ts';

const MAX_DOCUMENT = 256 * 1024 * 1024;

/** How the last run in a folder judged a finding, and by which lines of which layer. */
export async function explainFinding(path: string, fingerprint: string, context: Context): Promise<string> {
  const runs = join(resolve(context.cwd, path), RUNS_FOLDER, 'runs');
  const last = (await readdir(runs).catch(() => [])).sort().at(-1);
  if (last === undefined) {
    throw new SallyportError({
      code: 'SP-RUN-MISSING',
      message: 'no run is kept here',
      place: { path: runs },
      next: 'sallyport gate',
    });
  }
  const file = join(runs, last, 'report.json');
  const { decision } = readReportDocument(await context.files.read(file, MAX_DOCUMENT), file);
  const judged = decision.findings.find(
    ({ finding, alsoBy }) =>
      finding.fingerprint === fingerprint || alsoBy?.some((said) => said.fingerprint === fingerprint),
  );
  if (judged === undefined) {
    throw new SallyportError({
      code: 'SP-FINDING-UNKNOWN',
      message: `the last run (${last}) has no finding ${fingerprint}`,
      expected: 'a fingerprint as its report shows it',
    });
  }
  return explain(decision, judged);
}

function explain(decision: Decision, judged: Decision['findings'][number]): string {
  const { finding } = judged;
  const place = finding.places[0];
  return [
    `${finding.rule} (${finding.severity}, ${finding.engine}): ${visible(finding.message)}`,
    ...(place === undefined ? [] : [`  at         ${visible(formatPlace(place))}`]),
    `  introduced ${judged.introduced === null ? 'unknown: there was no base to compare with' : judged.introduced ? 'yes, by the change' : 'no, it was there at the merge-base'}`,
    `  outcome    ${judged.outcome} (the decision is ${decision.verdict})`,
    ...judged.violations.map(
      (v) => `  ${v.action.padEnd(10)} ${v.rule}: ${v.message}  (${v.layer}, ${formatPlace(v.place)})`,
    ),
    ...(judged.violations.length === 0 ? ['  no rule of the policy is violated by it'] : []),
    ...(judged.alsoBy ?? []).map(
      ({ engine, rule, severity, message }) =>
        `  also       ${visible(engine)}: ${visible(rule)} (${severity}): ${visible(message)}`,
    ),
    ...(judged.waiver === undefined
      ? []
      : [
          `  waived     by ${visible(judged.waiver.owner)} until ${judged.waiver.expires}: ${visible(judged.waiver.reason)}  (${judged.waiver.layer}, ${formatPlace(judged.waiver.place)})`,
        ]),
    ...(judged.suppressedBy === undefined
      ? []
      : [`  suppressed by a comment that the base has too: ${visible(judged.suppressedBy)}`]),
    ...(judged.refusedSuppression === undefined
      ? []
      : [
          `  a suppression that the change itself brings does not count: ${visible(judged.refusedSuppression)}`,
        ]),
    '',
  ].join('\n');
}
