import type { CellResult, Reached } from './cells.ts';
import type { ScenarioResult } from './scenarios.ts';

export interface Kept {
  what: string;
  found: string;
  kept: boolean;
}

const percent = (value: number, digits = 1) => `${(value * 100).toFixed(digits)} %`;
const shareAndTime = ({ share, median }: Reached) =>
  share === 0 ? '0' : `${percent(share, share < 0.1 ? 2 : 1)}${median === null ? '' : `, ${median} s`}`;

/** Padded as the formatter pads, so that a renewed page needs no second step. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** docs/figures-canary.md. */
export function figuresPage(
  cells: readonly CellResult[],
  scenarios: readonly ScenarioResult[],
  promises: readonly Kept[],
): string {
  const runs = cells[0]?.runs ?? 0;
  return [
    '# Canary: measured figures',
    `Written by \`node bench/canary.ts --write\` (part of \`npm run bench\`) from simulations with fixed seeds: ${runs.toLocaleString('en-US')} runs a cell, 50 requests a second, a look every 10 s for 30 min, alpha = beta = 1 %, R = 2, p_floor = 0.5 %, no lag of the metrics. The code that is measured is \`src/deliver/statistics/\`.`,
    '## What is promised, and what was found',
    table(
      ['', 'promise', 'found'],
      promises.map(({ what, found, kept }) => [kept ? 'kept' : '**broken**', what, found]),
    ),
    '## Every cell',
    'A share is of all runs; a time is the median over all runs, and is missing where fewer than half got there. _Rolled back_: the rollback test alone, watched for the whole half hour, even after a promotion would have ended it. _Promoted_: the controller’s outcome with rho = 1, whichever came first. The peers are rules of the kind that those projects document (bench/canary/peers.ts), on the same streams: Flagger and Argo with one check a minute that fails above 1 % errors, Kayenta with an analysis every five minutes.',
    table(
      [
        'weight',
        'baseline',
        'canary',
        'rolled back, rho 1',
        'rolled back, rho 1.25',
        'promoted',
        'neither',
        'Flagger-like',
        'Argo-like',
        'Kayenta-like',
      ],
      cells.map((cell) => [
        percent(cell.weight, 0),
        percent(cell.baseline, 2),
        cell.canary === cell.baseline ? 'equal' : percent(cell.canary, 0),
        shareAndTime(cell.rho1),
        shareAndTime(cell.rho125),
        shareAndTime(cell.promoted),
        percent(Math.max(0, cell.inconclusive)),
        shareAndTime(cell.flagger),
        shareAndTime(cell.argo),
        shareAndTime(cell.kayenta),
      ]),
    ),
    '## Situations in which nothing is wrong with the canary',
    'Share of runs that roll back a canary that is exactly as good as the baseline; at most 1 % where the guarantee holds.',
    table(
      ['situation', 'what happens', 'guaranteed', 'false rollbacks'],
      scenarios.map(({ name, what, guaranteed, falseRollbacks }) => [
        name,
        what,
        guaranteed ? 'yes' : 'no',
        percent(falseRollbacks, 2),
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}
