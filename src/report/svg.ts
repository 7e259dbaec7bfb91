import { gateStrip, STRIP_HEIGHT, severityBar } from './picture.ts';
import { type Report, total } from './report.ts';
import { FONT, palette, pictureStyle } from './style.ts';
import { oneLine, plural } from './text.ts';
import { countsText, groundsOf, headline, issueWords, verdictWords } from './words.ts';
import { xml } from './xml.ts';

export interface SvgOptions {
  /** How many findings are named. */
  limit?: number | undefined;
}

const WIDTH = 960;
const ROW = 50;

/** The result of a gate as one picture: the road with its barriers, the worst findings, what it rests on. */
export function* renderSvg(report: Report, options: SvgOptions = {}): Generator<string> {
  const { decision, counts } = report;
  const open = [...report.byOutcome.failed, ...report.byOutcome.warned];
  const shown = open.slice(0, options.limit ?? 5);
  const rows = shown.length * ROW + (open.length > shown.length ? 26 : 0);
  const headlines = inLines(headline(decision), 112);
  const barAt = 86 + 22 * headlines.length + STRIP_HEIGHT;
  const listAt = barAt + (open.length > 0 ? 40 : 0);
  const height = listAt + rows + 62;
  const { verdict } = decision;
  const title = `${verdictWords[verdict]}: ${oneLine(decision.summary, 300)}`;
  yield `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${xml(title)}" class="pic">\n`;
  yield `<title>${xml(title)}</title>\n<style>${palette('.pic')}${pictureStyle}.pic{font-family:${FONT}}.pic .card{fill:var(--card);stroke:var(--line)}.pic .rule{stroke:var(--line)}.pic .chip{fill:#fff}</style>\n`;
  yield `<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="14"/>\n`;
  yield `<rect class="soft-${verdict}" x="32" y="28" width="${verdictWords[verdict].length * 10.5 + 30}" height="34" rx="17" stroke-width="1.5"/>`;
  yield `<text class="b t-${verdict}" x="${32 + (verdictWords[verdict].length * 10.5 + 30) / 2}" y="51" font-size="16" letter-spacing="0.6" text-anchor="middle">${verdictWords[verdict]}</text>`;
  yield `<text class="dim" x="${WIDTH - 32}" y="50" font-size="14" text-anchor="end">sallyport · ${decision.gate} gate</text>\n`;
  for (const [index, text] of headlines.entries())
    yield `<text x="32" y="${92 + 22 * index}" font-size="15">${xml(text)}</text>
`;
  yield `<g transform="translate(20 ${76 + 22 * headlines.length})">${gateStrip(report, WIDTH - 40)}</g>\n`;
  if (open.length > 0) {
    const both = { ...counts.failed };
    for (const severity of Object.keys(both) as (keyof typeof both)[])
      both[severity] += counts.warned[severity];
    yield `<g transform="translate(32 ${barAt})">${severityBar(both, 300)}<text class="dim" x="316" y="11" font-size="13">${xml(`${plural(total(both), 'finding')}: ${countsText(both)}`)}</text></g>\n`;
  }
  let y = listAt;
  for (const issue of shown) {
    const words = issueWords(issue);
    yield `<g transform="translate(32 ${y})"><line class="rule" x1="0" y1="-7" x2="${WIDTH - 64}" y2="-7"/><rect class="l-${words.severity}" x="0" y="3" width="4" height="30" rx="2"/>`;
    yield `<text class="mono b" x="16" y="15" font-size="13">${xml(clipped(words.where, 70))}</text>`;
    yield `<text class="dim" x="${WIDTH - 64}" y="15" font-size="12" text-anchor="end">${xml(clipped(`${words.severity} · ${words.rule} · ${words.engines}`, 62))}</text>`;
    yield `<text x="16" y="33" font-size="13.5">${xml(clipped(words.todo === null ? words.what : `${words.what} → ${words.todo}`, 128))}</text></g>\n`;
    y += ROW;
  }
  if (open.length > shown.length) {
    yield `<text class="dim" x="48" y="${y + 12}" font-size="13">and ${open.length - shown.length} more</text>\n`;
  }
  const grounds = groundsOf(decision)
    .filter(([name]) => name === 'subject' || name === 'policy')
    .map(([name, value]) => `${name} ${value}`);
  yield `<line class="rule" x1="32" y1="${height - 46}" x2="${WIDTH - 32}" y2="${height - 46}"/><text class="dim" x="32" y="${height - 22}" font-size="12">${xml(clipped(grounds.join('  ·  '), 150))}</text>\n</svg>\n`;
}

/** At most two lines of about `length` characters. */
function inLines(text: string, length: number): string[] {
  if (text.length <= length) return [text];
  const space = text.lastIndexOf(' ', length);
  const end = space <= 0 ? length : space;
  return [text.slice(0, end), clipped(text.slice(end).trimStart(), length)];
}

function clipped(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
