import { createHash } from 'node:crypto';
import { grouped } from '../model/grouped.ts';
import { pageStyle } from './html-style.ts';
import type { Issue } from './issues.ts';
import { gateStrip, STRIP_HEIGHT, severityBar } from './picture.ts';
import { type Outcome, type Report, standing, total } from './report.ts';
import { oneLine, plural } from './text.ts';
import {
  countsText,
  factText,
  groundsOf,
  headline,
  issueWords,
  problemLines,
  stageWords,
  verdictWords,
} from './words.ts';
import { xml } from './xml.ts';

export interface HtmlOptions {
  /** How many findings of an outcome are told of at most. */
  limit?: number | undefined;
}

const WIDTH = 1000;
const CHUNK = 32 * 1024;
const MAX_FEW = 500;

const signs = { passed: '✓', warned: '!', failed: '✗', error: '?' } as const;

/**
 * The report as one page: no scripts, nothing loaded, nothing linked but rules' own pages. Its content security
 * policy allows its style by hash and nothing else, so that even a fault in the escaping could not run anything.
 */
export function* renderHtml(report: Report, options: HtmlOptions = {}): Generator<string> {
  const { decision } = report;
  const limit = options.limit ?? 1_000;
  const hash = createHash('sha256').update(pageStyle).digest('base64');
  const title = `${verdictWords[decision.verdict]}: ${oneLine(decision.subject.name, 80)}, ${decision.gate} gate`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${xml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
`;
  yield header(report);
  yield problems(report);
  yield facts(report);
  yield* section(report, 'failed', 'to mend', limit);
  yield* section(report, 'warned', 'to look at', limit);
  yield stages(report);
  yield* folded(report, 'passed', 'below what the policy asks for', limit);
  yield* folded(report, 'waived', 'waived', limit);
  yield* folded(report, 'suppressed', 'suppressed', limit);
  yield notes(report);
  yield `<footer>sallyport ${xml(report.tool.version)}. Findings are named by their fingerprint; a waiver in the policy names it too.</footer>\n</body>\n</html>\n`;
}

function header(report: Report): string {
  const { decision, counts } = report;
  const { verdict } = decision;
  const grounds = groundsOf(decision).map(([name, value]) => `<dt>${name}</dt><dd>${xml(value)}</dd>`);
  const bars = (['failed', 'warned', 'waived'] as const)
    .filter((outcome) => total(counts[outcome]) > 0)
    .map((outcome) => {
      const name = { failed: 'to mend', warned: 'to look at', waived: 'waived' }[outcome];
      return `<div><b>${grouped(total(counts[outcome]))} ${name}</b> ${countsText(counts[outcome])}<svg class="pic" viewBox="0 0 300 12" role="img" aria-label="${xml(countsText(counts[outcome]))}">${severityBar(counts[outcome], 300)}</svg></div>`;
    });
  return `<header class="card">
<div class="top"><span class="badge ${verdict}">${verdictWords[verdict]}</span><span>sallyport · ${decision.gate} gate</span></div>
<h1>${xml(headline(decision))}</h1>
<div class="scroll"><svg class="pic" viewBox="0 0 ${WIDTH} ${STRIP_HEIGHT}" role="img" aria-label="The stages from the change to the decision">${gateStrip(report, WIDTH)}</svg></div>
${bars.length === 0 ? '' : `<div class="counts">${bars.join('')}</div>\n`}<details${verdict === 'error' ? ' open' : ''}><summary>What it rests on</summary><dl>${grounds.join('')}</dl></details>
</header>
`;
}

function problems({ decision }: Report): string {
  if (decision.problems.length === 0) return '';
  const told = decision.problems.slice(0, MAX_FEW).map((problem) => {
    const [first = '', ...rest] = problemLines(problem);
    const more = rest.map((line) => `<br><span class="quiet">${xml(line)}</span>`);
    return `<div class="alert"><b>${xml(first)}</b>${more.join('')}</div>\n`;
  });
  return `<h2>${decision.verdict === 'error' ? 'No verdict because' : 'Problems'}</h2>\n${told.join('')}${remaining(decision.problems.length, MAX_FEW)}`;
}

function facts({ decision }: Report): string {
  if (decision.facts.length === 0) return '';
  const rows = decision.facts.slice(0, MAX_FEW).map((fact) => {
    const words = factText(fact);
    const outcome = fact.violation.action === 'fail' ? 'failed' : 'warned';
    return `<tr><td class="${outcome} nowrap">${signs[outcome]} ${fact.violation.action}</td><td>${xml(words.what)}</td><td class="mono">${xml(words.where)}</td><td class="quiet">${xml(words.policy)}</td></tr>\n`;
  });
  return `<h2>Besides the findings <small>components, runs and statements that the policy does not allow</small></h2>
<div class="scroll"><table><tr><th></th><th>What</th><th>Where</th><th>Rule of the policy</th></tr>
${rows.join('')}</table></div>${remaining(decision.facts.length, MAX_FEW)}`;
}

function* section(report: Report, outcome: Outcome, title: string, limit: number): Generator<string> {
  const issues = report.byOutcome[outcome];
  if (issues.length === 0) return;
  yield `<h2>${plural(issues.length, 'finding')} ${title} <small>${countsText(report.counts[outcome])}</small></h2>\n`;
  yield* cards(issues, limit);
}

function* folded(report: Report, outcome: Outcome, title: string, limit: number): Generator<string> {
  const issues = report.byOutcome[outcome];
  if (issues.length === 0) return;
  yield `<details><summary>${plural(issues.length, 'finding')} ${title} (${countsText(report.counts[outcome])})</summary>\n`;
  yield* cards(issues, limit);
  yield '</details>\n';
}

function* cards(issues: readonly Issue[], limit: number): Generator<string> {
  let chunk = '';
  for (const issue of issues.slice(0, limit)) {
    chunk += card(issue);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk + remaining(issues.length, limit);
}

function card(issue: Issue): string {
  const words = issueWords(issue);
  const row = (name: string, value: string | null, classes = ''): string =>
    value === null
      ? ''
      : `<dt>${name}</dt><dd${classes === '' ? '' : ` class="${classes}"`}>${withCode(value)}</dd>`;
  const more =
    words.more === null
      ? ''
      : `<dt>more</dt><dd><a href="${xml(words.more)}" rel="noopener noreferrer">${xml(words.more)}</a></dd>`;
  return `<article class="issue ${words.severity}"><i></i><div>
<div class="head"><span class="where">${xml(words.where)}</span><span><span class="sev">${words.severity}</span> · ${xml(words.rule)} · ${xml(words.engines)}${words.since === null ? '' : ` · ${words.since}`}</span></div>
<p class="what">${xml(words.what)}</p>
<dl>${row('why', words.why)}${row('do', words.todo, 'do')}${more}${words.policy.map((text) => row('policy', text, 'quiet')).join('')}${row('controls', words.controls.length === 0 ? null : words.controls.join(', '), 'quiet')}${row('waived', words.waiver)}${row('suppressed', words.suppressed)}${row('refused', words.refused === null ? null : `the change itself asks to let it pass, which does not count: ${words.refused}`, 'warned')}${row('named', words.fingerprint, 'mono quiet')}</dl>
</div></article>
`;
}

/** Escaped text in which what stands between backticks is shown as code. */
function withCode(text: string): string {
  return xml(text).replace(/&#96;([^&]{1,120})&#96;/gu, '<code>$1</code>');
}

function stages(report: Report): string {
  if (report.decision.stages.length === 0) return '';
  const rows = report.decision.stages.map((verdict) => {
    const words = stageWords(report, verdict);
    const stand = standing(report, verdict);
    const skipped = words.skipped === null ? '' : `<br><span class="quiet">${xml(words.skipped)}</span>`;
    return `<tr><td class="${stand} nowrap">${signs[stand]} ${xml(words.stage)}</td><td class="nowrap">${xml(words.state)}<br><span class="quiet">${words.requirement}</span></td><td>${xml(words.looked)}${skipped}</td><td>${xml(words.engines)}</td><td class="quiet">${xml(words.reason)}</td></tr>\n`;
  });
  return `<h2>What was looked at</h2>
<div class="scroll"><table><tr><th>Stage</th><th>State</th><th>Looked at</th><th>Engines</th><th>Reason</th></tr>
${rows.join('')}</table></div>
`;
}

function notes({ decision }: Report): string {
  if (decision.notes.length === 0) return '';
  const told = decision.notes
    .slice(0, MAX_FEW)
    .map((note) => `<div class="note">${xml(oneLine(note, 600))}</div>\n`);
  return `<h2>To know</h2>\n${told.join('')}`;
}

function remaining(count: number, shown: number): string {
  return count > shown
    ? `<p class="quiet">…and ${grouped(count - shown)} more, in the JSON report.</p>\n`
    : '';
}
