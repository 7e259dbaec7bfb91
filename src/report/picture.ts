import { grouped } from '../model/grouped.ts';
import { severities } from '../model/severity.ts';
import { type Counts, type Report, stageCounts, standing, total } from './report.ts';
import { exactly } from './text.ts';
import { stageWords, verdictWords } from './words.ts';
import { xml } from './xml.ts';

/** Height of `gateStrip`. */
export const STRIP_HEIGHT = 150;

type Stand = ReturnType<typeof standing> | 'idle';

/**
 * The road of a change: from its commit through one barrier for each stage to the decision. A barrier that is up let
 * it pass; one that is down did not; a broken one could not tell. An SVG group, `width` wide.
 */
export function gateStrip(report: Report, width: number): string {
  const { decision } = report;
  const stages = decision.stages.map((verdict) => {
    const how = standing(report, verdict);
    const stand: Stand = how === 'passed' && verdict.state === 'nothing-scanned' ? 'idle' : how;
    return { words: stageWords(report, verdict), stand, mend: stageCounts(report, verdict.stage).failed };
  });
  const start = 54;
  const end = width - 66;
  const slot = (end - start) / Math.max(1, stages.length);
  const verdict: Stand = decision.verdict === 'error' ? 'error' : decision.verdict;
  const y = 74;
  const stopped = stages.findIndex(({ stand }) => stand === 'failed' || stand === 'error');
  const reach = stopped === -1 ? end - 22 : start + slot * (stopped + 0.5) - 30;
  const parts = [
    `<line class="road" x1="${start}" y1="${y}" x2="${end}" y2="${y}"/>`,
    // The change walks as far as the first barrier that is not up.
    `<line class="walked s-${stopped === -1 ? verdict : 'passed'}" x1="${start + 16}" y1="${y}" x2="${round(reach)}" y2="${y}"/>`,
    `<circle class="node" cx="${start}" cy="${y}" r="11"/><circle class="post" cx="${start}" cy="${y}" r="4"/>`,
    label(start, y + 34, 'change', 'b', 13),
    label(
      start,
      y + 52,
      exactly(decision.subject.digest.gitCommit ?? Object.values(decision.subject.digest)[0] ?? '', 64).slice(
        0,
        7,
      ),
      'dim mono',
      11,
    ),
    ...stages.map(({ words, stand, mend }, index) => {
      const x = start + slot * (index + 0.5);
      const under = mend > 0 ? `${grouped(mend)} to mend` : words.state;
      return (
        barrier(x, y, stand) +
        label(x, y + 34, words.stage, 'b', slot < 90 ? 11 : 13) +
        label(x, y + 52, under, `t-${stand}`, slot < 90 ? 10 : 12)
      );
    }),
    decisionMark(end + 10, y, verdict),
    label(end + 10, y + 40, verdictWords[decision.verdict].toLowerCase(), `b t-${verdict}`, 13),
  ];
  return parts.join('');
}

function label(x: number, y: number, text: string, classes: string, size: number): string {
  return `<text class="${classes}" x="${round(x)}" y="${y}" font-size="${size}" text-anchor="middle">${xml(text)}</text>`;
}

/** A post with an arm: up, half up, down, or broken; dotted where there was nothing to look at. */
function barrier(x: number, y: number, stand: Stand): string {
  const turn = { passed: -68, idle: -68, warned: -34, failed: 0, error: 14 }[stand];
  const pivot = `${round(x - 22)} ${y - 16}`;
  const dotted = stand === 'idle' || stand === 'error' ? ' stroke-dasharray="7 6"' : '';
  const arm = `<line class="s-${stand}" x1="${round(x - 22)}" y1="${y - 16}" x2="${round(x + 28)}" y2="${y - 16}" stroke-width="6" stroke-linecap="round"${dotted} transform="rotate(${turn} ${pivot})"/>`;
  const foot = `<rect class="post" x="${round(x - 26)}" y="${y - 18}" width="8" height="25" rx="2"/>`;
  return `${arm}${foot}<circle class="f-${stand}" cx="${round(x - 22)}" cy="${y - 16}" r="5"/>`;
}

function decisionMark(x: number, y: number, verdict: Stand): string {
  const sign = {
    passed: 'M-8 0 L-2 6 L9 -7',
    warned: 'M0 -8 L0 3 M0 8 L0 8.5',
    failed: 'M-6 -6 L6 6 M6 -6 L-6 6',
    error: 'M-5 -4 Q-5 -9 0 -9 Q5 -9 5 -4 Q5 -1 0 2 L0 4 M0 9 L0 9.5',
    idle: '',
  }[verdict];
  return `<circle class="soft-${verdict}" cx="${x}" cy="${y}" r="21" stroke-width="2.5"/><path class="s-${verdict}" d="${sign}" transform="translate(${x} ${y})" fill="none" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** How many of each severity, as one bar. An SVG group of 12 in height. */
export function severityBar(counts: Counts, width: number): string {
  const sum = total(counts);
  if (sum === 0) return '';
  // Every severity that is there can be seen, however many there are of another.
  const present = severities.filter((severity) => counts[severity] > 0);
  const least = 8;
  const room = width - least * present.length - 2 * (present.length - 1);
  let x = 0;
  return present
    .map((severity) => {
      const wide = least + (room * counts[severity]) / sum;
      const bar = `<rect class="l-${severity}" x="${round(x)}" y="0" width="${round(wide)}" height="12" rx="3"><title>${counts[severity]} ${severity}</title></rect>`;
      x += wide + 2;
      return bar;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
