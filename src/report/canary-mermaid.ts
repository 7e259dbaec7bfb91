import type { ChartPoint } from './canary.ts';

/** Values a line: more would not be told apart in the width of a summary. */
const STEPS = 40;
/** High enough that the numbers beside the axis do not touch. */
const HEIGHT = 360;
const RED = '#d1242f';
const PALE_RED = '#f0a5aa';
const BLUE = '#0969da';
const PALE_BLUE = '#9cc7f2';
const VIOLET = '#8250df';
const GREY = '#8b97a6';

/**
 * The course of a canary as three charts that GitHub draws in a job summary (Mermaid, xychart); it takes no SVG there,
 * neither inline nor as an address with the data in it. Paler lines are the bounds of the 95 % intervals. Nothing of the
 * text comes from outside.
 */
export function* renderCanaryCharts(points: readonly ChartPoint[]): Generator<string> {
  const last = points.at(-1);
  if (last === undefined || last.at <= 0) return;
  const seconds = Math.max(1, Math.round(last.at / 1000));
  const times = Array.from({ length: STEPS }, (_, index) => (last.at * index) / (STEPS - 1));
  const shown = times.map((time) => points.find((point) => point.at >= time) ?? last);
  const rates = (arm: 'canary' | 'baseline', part: 'rate' | 'low' | 'high') => filled(shown, arm, part);
  const percent = [
    rates('canary', 'low'),
    rates('canary', 'high'),
    rates('baseline', 'low'),
    rates('baseline', 'high'),
    rates('canary', 'rate'),
    rates('baseline', 'rate'),
  ];
  yield chart(
    'Error rate: canary red, baseline blue, bounds of the 95 % intervals pale',
    seconds,
    'percent',
    [0, ceiling(Math.max(1, ...percent.flat()))],
    percent.map((values) => `line ${list(values)}`),
    [PALE_RED, PALE_RED, PALE_BLUE, PALE_BLUE, RED, BLUE],
  );
  const evidence = shown.map((point) => Math.min(point.evidence, 12));
  const threshold = shown.map((point) => point.threshold);
  yield chart(
    'E-value as a power of ten, violet; red is where it rolls back',
    seconds,
    'log10',
    [Math.floor(Math.min(-1, ...evidence)), Math.ceil(Math.max(...evidence, ...threshold)) + 1],
    [`line ${list(evidence)}`, `line ${list(threshold)}`],
    [VIOLET, RED],
  );
  yield chart(
    'Weight of the canary',
    seconds,
    'percent',
    [0, 100],
    [`bar ${list(shown.map((point) => point.weight))}`],
    [GREY],
  );
}

/** Percent; where an arm had no requests, what was known before. */
function filled(
  points: readonly ChartPoint[],
  arm: 'canary' | 'baseline',
  part: 'rate' | 'low' | 'high',
): number[] {
  let known = points.find((point) => point[arm] !== null)?.[arm]?.[part] ?? 0;
  return points.map((point) => {
    known = point[arm]?.[part] ?? known;
    return 100 * known;
  });
}

function chart(
  title: string,
  seconds: number,
  unit: string,
  [low, high]: readonly [number, number],
  rows: readonly string[],
  palette: readonly string[],
): string {
  const theme = {
    xyChart: { height: HEIGHT },
    themeVariables: { xyChart: { plotColorPalette: palette.join(', ') } },
  };
  return [
    '```mermaid',
    `%%{init: ${JSON.stringify(theme)}}%%`,
    'xychart-beta',
    `    title "${title}"`,
    `    x-axis "seconds" 0 --> ${seconds}`,
    `    y-axis "${unit}" ${low} --> ${high}`,
    ...rows.map((row) => `    ${row}`),
    '```',
    '\n',
  ].join('\n');
}

function list(values: readonly number[]): string {
  return `[${values.map((value) => String(Math.round(value * 100) / 100)).join(', ')}]`;
}

function ceiling(value: number): number {
  return value > 10 ? Math.min(100, Math.ceil(value / 10) * 10) : Math.ceil(value);
}
