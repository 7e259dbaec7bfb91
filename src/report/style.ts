/**
 * Colours of the page and of the picture. The states differ in lightness as well as in hue, and no meaning hangs on
 * a colour alone: every state has its sign and its word.
 */
const light = {
  page: '#f6f7f9',
  card: '#ffffff',
  line: '#d9dee5',
  text: '#17202b',
  dim: '#5a6675',
  passed: '#1a7f4b',
  warned: '#9a6200',
  failed: '#c4232f',
  error: '#7a3fb5',
  idle: '#8b97a6',
  passedSoft: '#e2f4ea',
  warnedSoft: '#fdf1d8',
  failedSoft: '#fce6e7',
  errorSoft: '#f0e6fa',
  idleSoft: '#eceff3',
  critical: '#8f1020',
  high: '#d43d2f',
  medium: '#d98a00',
  low: '#3b7dd8',
  info: '#8b97a6',
  code: '#eef1f5',
};

const dark: typeof light = {
  page: '#10151c',
  card: '#18202a',
  line: '#2c3745',
  text: '#e7edf4',
  dim: '#9aa8b8',
  passed: '#4cc38a',
  warned: '#f0b74a',
  failed: '#ff6b6f',
  error: '#c39af0',
  idle: '#738295',
  passedSoft: '#15312a',
  warnedSoft: '#382c14',
  failedSoft: '#3b1c22',
  errorSoft: '#2c2140',
  idleSoft: '#222c38',
  critical: '#ff4d6a',
  high: '#ff7d5c',
  medium: '#f0b74a',
  low: '#6aa8ff',
  info: '#8494a7',
  code: '#222c38',
};

const variables = (colours: typeof light): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}:${value}`)
    .join(';');

/** The colours as custom properties of `selector`, for light and dark. */
export function palette(selector: string): string {
  return `${selector}{${variables(light)}}@media (prefers-color-scheme:dark){${selector}{${variables(dark)}}}`;
}

export const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif';
export const MONO = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace';

const states = ['passed', 'warned', 'failed', 'error', 'idle'];
const levels = ['critical', 'high', 'medium', 'low', 'info'];

/** Rules for the drawings (picture.ts), in a page or in a file of their own. */
export const pictureStyle = [
  `.pic text{font-family:${FONT};fill:var(--text)}`,
  '.pic .dim{fill:var(--dim)}',
  '.pic .b{font-weight:650}',
  `.pic .mono{font-family:${MONO}}`,
  '.pic .road{stroke:var(--line);stroke-width:10;stroke-linecap:round}',
  '.pic .walked{stroke-width:3;stroke-linecap:round;stroke-dasharray:1 8}',
  '.pic .post{fill:var(--dim)}',
  '.pic .node{fill:var(--card);stroke:var(--dim);stroke-width:2}',
  ...states.flatMap((state) => [
    `.pic .f-${state}{fill:var(--${state})}`,
    `.pic .s-${state}{stroke:var(--${state})}`,
    `.pic .soft-${state}{fill:var(--${state}-soft);stroke:var(--${state})}`,
    `.pic text.t-${state}{fill:var(--${state})}`,
  ]),
  ...levels.map((level) => `.pic .l-${level}{fill:var(--${level})}`),
].join('');
