import type { Problem } from '../model/error.ts';
import type { ScanReport } from '../model/report.ts';
import { failedReport } from '../scan/frame.ts';
import type { HandedIn } from './handed-in.ts';

/** What is known of a file that could not be used: nothing, and why. `digest` where its bytes were seen. */
export function failedHandedIn(
  { stage, file }: HandedIn,
  problem: Problem,
  now: Date,
  digest?: string,
): ScanReport {
  const engine = {
    name: file,
    version: 'unknown',
    publisher: 'unknown',
    how: 'handed-in' as const,
    ...(digest === undefined ? {} : { digest }),
  };
  return failedReport(stage, engine, problem, { startedAt: now, finishedAt: now });
}
