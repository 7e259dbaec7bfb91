import type { ChartPoint } from './canary.ts';
import { renderCanaryCharts } from './canary-mermaid.ts';
import { markdownCode, markdownText } from './markdown-text.ts';

/** What the summary tells of a promotion; the record of the canary has more. */
export interface CanarySummary {
  service: string;
  environment: string;
  subject: string;
  outcome: string;
  reason: string;
  startedAt: string;
  endedAt: string;
  requests: { canary: number; baseline: number };
  errors: { canary: number; baseline: number };
  dora: { leadTimeSeconds: number | null; changeFailed: boolean; recoverySeconds: number | null };
}

const SIGNS: Record<string, string> = { promoted: '✅', 'rolled-back': '⏪', held: '⚠️', 'taken-over': '⚠️' };

/** The job summary of a canary, in Markdown: the reason, the course as charts, the counts, the fields for DORA. */
export function* renderCanarySummary(
  record: CanarySummary,
  points: readonly ChartPoint[],
): Generator<string> {
  yield `## ${SIGNS[record.outcome] ?? ''} Canary of ${markdownText(record.service)} in ${markdownText(record.environment)}: ${markdownText(record.outcome)}\n\n`;
  yield `${markdownText(record.reason)}\n\n`;
  yield `${markdownCode(record.subject)}\n\n`;
  if (record.outcome === 'rolled-back')
    yield 'What was compared is two versions where they run: with a single canary pod, a bad node looks like a bad version.\n\n';
  yield* renderCanaryCharts(points);
  yield '| | canary | baseline |\n| --- | ---: | ---: |\n';
  yield `| requests | ${record.requests.canary} | ${record.requests.baseline} |\n`;
  yield `| errors | ${record.errors.canary} | ${record.errors.baseline} |\n\n`;
  const seconds = (value: number | null) => (value === null ? 'not known' : `${value} s`);
  yield '| DORA | |\n| --- | --- |\n';
  yield `| deployment | ${markdownText(record.startedAt)} to ${markdownText(record.endedAt)} |\n`;
  yield `| lead time for changes | ${seconds(record.dora.leadTimeSeconds)} |\n`;
  yield `| change failed | ${record.dora.changeFailed ? 'yes' : 'no'} |\n`;
  yield `| time to recovery | ${record.dora.changeFailed ? seconds(record.dora.recoverySeconds) : 'nothing to recover'} |\n`;
}
