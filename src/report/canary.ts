import { FONT, palette } from './style.ts';
import { oneLine } from './text.ts';
import { xml } from './xml.ts';

/** One point of a canary's course; rates from 0 to 1 with their intervals, evidence as log10 of the e-value. */
export interface ChartPoint {
  /** Milliseconds since the beginning. */
  at: number;
  weight: number;
  canary: { rate: number; low: number; high: number } | null;
  baseline: { rate: number; low: number; high: number } | null;
  evidence: number;
  threshold: number;
}

export interface CanaryPicture {
  title: string;
  outcome: 'promoted' | 'rolled-back' | 'held' | 'taken-over';
  reason: string;
  points: readonly ChartPoint[];
}

const WIDTH = 960;
const LEFT = 84;
const RIGHT = WIDTH - 32;
const WORDS = {
  promoted: 'PROMOTED',
  'rolled-back': 'ROLLED BACK',
  held: 'NO DECISION',
  'taken-over': 'TAKEN OVER',
};
const STATES = { promoted: 'passed', 'rolled-back': 'failed', held: 'warned', 'taken-over': 'error' };

interface Panel {
  top: number;
  height: number;
  low: number;
  high: number;
  label: string;
  ticks: readonly [number, string][];
}

/** The course of a canary as one picture: error rates with 95 % intervals, evidence against its threshold, weight. */
export function* renderCanary(picture: CanaryPicture): Generator<string> {
  const { points, outcome } = picture;
  const span = Math.max(1, points.at(-1)?.at ?? 1);
  const x = (at: number) => LEFT + ((RIGHT - LEFT) * at) / span;
  const top = Math.max(0.01, ...points.map((p) => Math.max(p.canary?.high ?? 0, p.baseline?.high ?? 0)));
  const threshold = points[0]?.threshold ?? 2;
  const most = Math.max(threshold * 1.3, ...points.map((p) => Math.min(p.evidence, 12)));
  const percent = (value: number) => `${(value * 100).toPrecision(2)} %`;
  const panels = {
    rates: panel(
      118,
      170,
      0,
      top,
      'error rate',
      [0, top / 2, top].map((v) => [v, percent(v)]),
    ),
    evidence: panel(
      330,
      110,
      Math.max(-3, Math.min(-0.5, ...points.map((p) => p.evidence))),
      most,
      'e-value',
      [
        [0, '1'],
        [threshold, 10 ** threshold < 1e5 ? (10 ** threshold).toFixed(0) : `10^${threshold.toFixed(1)}`],
      ],
    ),
    weight: panel(
      482,
      60,
      0,
      100,
      'weight',
      [0, 50, 100].map((v) => [v, `${v} %`]),
    ),
  };
  const title = `${WORDS[outcome]}: ${oneLine(picture.reason, 300)}`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 590" width="${WIDTH}" height="590" role="img" aria-label="${xml(title)}" class="cnr">\n<title>${xml(title)}</title>\n`;
  yield `<style>${palette('.cnr')}.cnr{font-family:${FONT}}.cnr text{fill:var(--text)}.cnr .dim{fill:var(--dim)}.cnr .card{fill:var(--card);stroke:var(--line)}.cnr .grid{stroke:var(--line)}.cnr .c{stroke:var(--failed);fill:none;stroke-width:2.2}.cnr .b{stroke:var(--low);fill:none;stroke-width:2.2;stroke-dasharray:6 4}.cnr .cb{fill:var(--failed);opacity:.16}.cnr .bb{fill:var(--low);opacity:.16}.cnr .e{stroke:var(--error);fill:none;stroke-width:2.2}.cnr .t{stroke:var(--failed);stroke-dasharray:3 5;stroke-width:1.5}.cnr .w{stroke:var(--dim);fill:none;stroke-width:2.2}.cnr .s-${STATES[outcome]}{fill:var(--${STATES[outcome]}-soft);stroke:var(--${STATES[outcome]})}</style>\n`;
  yield `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="589" rx="14"/>\n`;
  const chip = WORDS[outcome].length * 10.5 + 30;
  yield `<rect class="s-${STATES[outcome]}" x="32" y="24" width="${chip}" height="34" rx="17" stroke-width="1.5"/><text x="${32 + chip / 2}" y="47" font-size="16" font-weight="650" text-anchor="middle">${WORDS[outcome]}</text>`;
  yield `<text class="dim" x="${RIGHT}" y="46" font-size="14" text-anchor="end">${xml(oneLine(picture.title, 80))}</text>\n`;
  yield `<text x="32" y="86" font-size="14">${xml(oneLine(picture.reason, 130))}</text>\n`;
  for (const one of Object.values(panels)) yield frame(one);
  yield arm(points, panels.rates, x, 'baseline', 'b');
  yield arm(points, panels.rates, x, 'canary', 'c');
  yield `<text x="${RIGHT}" y="112" font-size="12" text-anchor="end">canary: solid line · baseline: dashed line · bands: 95 %</text>\n`;
  const y = (one: Panel, value: number) => heightOf(one, Math.min(value, one.high));
  yield `<line class="t" x1="${LEFT}" x2="${RIGHT}" y1="${y(panels.evidence, threshold)}" y2="${y(panels.evidence, threshold)}"/><text class="dim" x="${LEFT + 6}" y="${y(panels.evidence, threshold) - 5}" font-size="11">rolls back here</text>\n`;
  yield `<path class="e" d="${line(points.map((p) => [x(p.at), y(panels.evidence, Math.max(p.evidence, panels.evidence.low))]))}"/>\n`;
  yield `<path class="w" d="${steps(points.map((p) => [x(p.at), y(panels.weight, p.weight)]))}"/>\n`;
  yield `<text class="dim" x="${LEFT}" y="568" font-size="12">0 s</text><text class="dim" x="${RIGHT}" y="568" font-size="12" text-anchor="end">${Math.round(span / 1000)} s</text>\n</svg>\n`;
}

function panel(
  top: number,
  height: number,
  low: number,
  high: number,
  label: string,
  ticks: [number, string][],
): Panel {
  return { top, height, low, high, label, ticks };
}

function heightOf(one: Panel, value: number): number {
  return round(one.top + one.height - ((value - one.low) / (one.high - one.low)) * one.height);
}

function frame(one: Panel): string {
  const lines = one.ticks.map(([value, text]) => {
    const y = heightOf(one, value);
    return `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/><text class="dim" x="${LEFT - 8}" y="${y + 4}" font-size="11" text-anchor="end">${xml(text)}</text>`;
  });
  return `<text x="32" y="${one.top - 8}" font-size="12" font-weight="650">${one.label}</text>${lines.join('')}\n`;
}

function arm(
  points: readonly ChartPoint[],
  one: Panel,
  x: (at: number) => number,
  which: 'canary' | 'baseline',
  style: string,
): string {
  const known = points.flatMap((p) => {
    const rate = p[which];
    return rate === null ? [] : [{ at: x(p.at), ...rate }];
  });
  if (known.length === 0) return '';
  const band = [
    ...known.map((p): [number, number] => [p.at, heightOf(one, p.high)]),
    ...[...known].reverse().map((p): [number, number] => [p.at, heightOf(one, p.low)]),
  ];
  return `<path class="${style}b" d="${line(band)} Z"/><path class="${style}" d="${line(known.map((p) => [p.at, heightOf(one, p.rate)]))}"/>\n`;
}

function line(at: readonly (readonly [number, number])[]): string {
  return at.map(([px, py], index) => `${index === 0 ? 'M' : 'L'}${round(px)} ${round(py)}`).join(' ');
}

/** A weight holds until the next one. */
function steps(at: readonly (readonly [number, number])[]): string {
  return at
    .map(([px, py], index) => (index === 0 ? `M${round(px)} ${round(py)}` : `H${round(px)} V${round(py)}`))
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
