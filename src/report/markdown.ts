import type { Severity } from '../model/severity.ts';
import type { Issue } from './issues.ts';
import { markdownCode, markdownText } from './markdown-text.ts';
import { type Report, standing, total } from './report.ts';
import { plural } from './text.ts';
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

export interface MarkdownOptions {
  /** Bytes at most. A job summary over 1 MiB makes its step fail (GitHub). */
  bytes?: number | undefined;
  /** How many findings are told of at most. */
  limit?: number | undefined;
}

const DEFAULT_BYTES = 900 * 1024;
/** Kept free for what comes after the findings. */
const RESERVE = 24 * 1024;
const MAX_FEW = 20;

const marks = { passed: '✅', warned: '⚠️', failed: '❌', error: '❔' } as const;
const dots: Record<Severity, string> = { critical: '🟥', high: '🟧', medium: '🟨', low: '🟦', info: '⬜' };

/** The job summary: GitHub-flavoured Markdown, below the size at which GitHub refuses it, worst findings first. */
export function* renderMarkdown(report: Report, options: MarkdownOptions = {}): Generator<string> {
  const { decision } = report;
  const limit = options.limit ?? 200;
  let left = (options.bytes ?? DEFAULT_BYTES) - RESERVE;
  let told = 0;
  for (const part of opening(report)) {
    const cut = cutTo(part, left);
    left -= Buffer.byteLength(cut);
    yield cut;
  }
  const open = report.byOutcome.failed.length + report.byOutcome.warned.length;
  for (const outcome of ['failed', 'warned'] as const) {
    const issues = report.byOutcome[outcome];
    if (issues.length === 0) continue;
    const title = outcome === 'failed' ? 'to mend' : 'to look at';
    yield `\n## ${plural(issues.length, 'finding')} ${title} (${countsText(report.counts[outcome])})\n\n| | Where | What, and what to do |\n|---|---|---|\n`;
    for (const issue of issues) {
      const row = issueRow(issue);
      const bytes = Buffer.byteLength(row);
      if (told >= limit || bytes > left) break;
      left -= bytes;
      told++;
      yield row;
    }
  }
  if (told < open)
    yield `\n…and ${plural(open - told, 'more', 'more')}: in the HTML and JSON reports of this run.\n`;
  yield cutTo(closing(report), RESERVE - 1024);
  yield `\n<sub>sallyport ${report.tool.version} · ${groundsOf(decision)
    .map(([name, value]) => `${name} ${markdownText(value, 200)}`)
    .join(' · ')}</sub>\n`;
}

function* opening(report: Report): Generator<string> {
  const { decision } = report;
  const mark = marks[decision.verdict];
  yield `# ${mark} ${verdictWords[decision.verdict]}: ${decision.gate} gate\n\n${markdownText(headline(decision), 600)}\n`;
  if (decision.problems.length > 0) {
    const problems = decision.problems.slice(0, MAX_FEW).map((problem) => {
      const lines = problemLines(problem).map((line) => markdownText(line, 600));
      return `- ${lines.join('<br>')}\n`;
    });
    yield `\n## ${decision.verdict === 'error' ? 'No verdict because' : 'Problems'}\n\n${problems.join('')}${more(decision.problems.length)}`;
  }
  const stages = decision.stages.map((verdict) => {
    const words = stageWords(report, verdict);
    const cells = [
      marks[standing(report, verdict)],
      markdownText(words.stage),
      `${markdownText(words.state)} (${words.requirement})`,
      [words.looked, verdict.outcome === 'passed' && words.engines !== '' ? words.engines : words.reason]
        .filter((text) => text !== '')
        .map((text) => markdownText(text, 300))
        .join('<br>') + (words.skipped === null ? '' : `<br>${markdownText(words.skipped, 300)}`),
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  if (stages.length > 0) yield `\n| | Stage | State | Looked at |\n|---|---|---|---|\n${stages.join('')}`;
  const facts = decision.facts.slice(0, 50).map((fact) => {
    const words = factText(fact);
    return `- ${fact.violation.action === 'fail' ? '❌' : '⚠️'} ${markdownText(words.what)}<br>${markdownCode(words.where)}, rule ${markdownText(words.policy)}\n`;
  });
  if (facts.length > 0)
    yield `\n## Besides the findings\n\n${facts.join('')}${more(decision.facts.length, 50)}`;
}

function issueRow(issue: Issue): string {
  const words = issueWords(issue);
  const { refused, todo, why, since } = words;
  const what = [
    `**${markdownText(words.what, 300)}**`,
    ...(why === null ? [] : [markdownText(why)]),
    ...(todo === null ? [] : [`➜ ${withCode(markdownText(todo))}`]),
    ...(words.more === null
      ? []
      : [`<a href="${words.more.replaceAll('&', '&amp;')}">more about this rule</a>`]),
    `<sub>${markdownCode(words.rule, 120)} · ${markdownText(words.engines)}${since === null ? '' : ` · ${since}`}${words.policy.length === 0 ? '' : ` · policy ${markdownText(words.policy[0] ?? '')}`}</sub>`,
    ...(refused === null
      ? []
      : [`⚠️ the change itself asks to let it pass, which does not count: ${markdownText(refused)}`]),
  ];
  return `| ${dots[words.severity]} ${words.severity} | ${markdownCode(words.where, 300)} | ${what.join('<br>')} |\n`;
}

/** Escaped text in which what stands between backticks is shown as code. */
function withCode(text: string): string {
  return text.replace(/&#96;([^&]{1,120})&#96;/gu, '<code>$1</code>');
}

function closing(report: Report): string {
  const { counts, refused, decision } = report;
  const rest = [
    [total(counts.passed), 'below what the policy asks for'],
    [total(counts.waived), 'waived'],
    [total(counts.suppressed), 'suppressed'],
    [refused, 'asked for by the change itself and refused'],
  ] as const;
  const told = rest.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
  const waived = report.byOutcome.waived;
  const waivers = waived.slice(0, MAX_FEW).map((issue) => {
    const words = issueWords(issue);
    return `| ${markdownCode(words.rule, 80)} | ${markdownCode(words.where, 120)} | ${markdownText(words.waiver ?? '', 300)} |\n`;
  });
  const notes = decision.notes.slice(0, MAX_FEW).map((note) => `> ${markdownText(note, 500)}\n>\n`);
  return [
    ...(told.length === 0 ? [] : [`\n${told.join(' · ')}\n`]),
    ...(waivers.length === 0
      ? []
      : [
          `\n<details><summary>${plural(waived.length, 'waiver')} in use</summary>\n\n| Rule | Where | Waived |\n|---|---|---|\n${waivers.join('')}${more(waived.length)}\n</details>\n`,
        ]),
    ...(notes.length === 0 ? [] : [`\n${notes.join('')}${more(decision.notes.length)}`]),
  ].join('');
}

function more(count: number, shown = MAX_FEW): string {
  return count > shown ? `\n…and ${count - shown} more.\n` : '';
}

/** Whole lines that fit; a cut table or list ends with what it has. */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = '';
  let used = 0;
  for (const line of text.split('\n')) {
    used += Buffer.byteLength(line) + 1;
    if (used > bytes - 64) break;
    kept += `${line}\n`;
  }
  return `${kept}\n…cut here: see the HTML report.\n`;
}
