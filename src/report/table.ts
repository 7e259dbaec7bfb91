import pico from 'picocolors';
import stringWidth from 'string-width';
import { grouped } from '../model/grouped.ts';
import type { Severity } from '../model/severity.ts';
import type { Issue } from './issues.ts';
import { type Report, standing, total } from './report.ts';
import { noCommand, oneLine, plural } from './text.ts';
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

export interface TableOptions {
  colour?: boolean | undefined;
  /** Columns of the terminal. */
  width?: number | undefined;
  /** How many findings are shown in full. */
  limit?: number | undefined;
}

type Paint = (text: string) => string;
type Colours = ReturnType<typeof pico.createColors>;

const MARGIN = '  ';

/** The report for people on a terminal: one screen when all is well; else the worst first, and what to do about it. */
export function* renderTable(report: Report, options: TableOptions = {}): Generator<string> {
  const width = Math.min(Math.max(options.width ?? 100, 60), 140);
  const limit = options.limit ?? 20;
  const colours = pico.createColors(options.colour === true);
  const { decision, counts } = report;
  const line = (text = ''): string => `${noCommand(text.trimEnd())}\n`;

  const badge = { passed: colours.green, failed: colours.red, error: colours.yellow }[decision.verdict];
  yield line();
  yield line(
    `${badge(colours.bold(` ${verdictWords[decision.verdict]} `))} ${colours.dim('sallyport gate')} ${decision.gate}`,
  );
  yield* wrapped(headline(decision), width, MARGIN).map(line);
  yield line();
  yield* stageLines(report, width, colours).map(line);

  for (const problem of decision.problems) {
    yield line();
    const [first = '', ...rest] = problemLines(problem);
    yield* wrapped(first, width, MARGIN).map((text) => line(colours.yellow(text)));
    yield* rest.flatMap((text) => wrapped(text, width, `${MARGIN}  `)).map(line);
  }

  const facts = decision.facts.map((fact) => ({
    ...factText(fact),
    fails: fact.violation.action === 'fail',
  }));
  if (facts.length > 0) {
    yield line();
    yield line(
      colours.bold(`${plural(facts.length, 'thing')} besides the findings that the policy does not allow`),
    );
    for (const fact of facts.slice(0, limit)) {
      const [first = '', ...rest] = wrapped(fact.what, width, `${MARGIN}      `);
      yield line(
        `${MARGIN}${fact.fails ? colours.red('fail') : colours.yellow('warn')}  ${first.trimStart()}`,
      );
      yield* rest.map(line);
      yield* wrapped(`${fact.where}; rule ${fact.policy}`, width, `${MARGIN}      `).map((text) =>
        line(colours.dim(text)),
      );
    }
    if (facts.length > limit) yield line(colours.dim(`${MARGIN}      and ${facts.length - limit} more`));
  }

  let room = limit;
  for (const outcome of ['failed', 'warned'] as const) {
    const issues = report.byOutcome[outcome];
    if (issues.length === 0) continue;
    const title = outcome === 'failed' ? 'to mend' : 'to look at';
    yield line();
    yield line(
      colours.bold(`${plural(issues.length, 'finding')} ${title}`) +
        colours.dim(` (${countsText(counts[outcome])})`),
    );
    for (const issue of issues.slice(0, room)) yield* issueLines(issue, width, colours).map(line);
    const rest = issues.length - Math.min(room, issues.length);
    if (rest > 0) {
      yield line();
      const all = `and ${plural(rest, 'more', 'more')}: sallyport gate --report html=report.html shows them all`;
      yield* wrapped(all, width, MARGIN).map((text) => line(colours.bold(text)));
    }
    room = Math.max(0, room - issues.length);
  }

  const quiet = restLine(report);
  if (quiet !== '') {
    yield line();
    yield* wrapped(quiet, width, MARGIN).map((text) => line(colours.dim(text)));
  }
  if (decision.notes.length > 0) {
    yield line();
    for (const note of decision.notes)
      yield* bullet('note:', oneLine(note, 400), width).map((text) => line(colours.dim(text)));
  }
  yield line();
  for (const [name, value] of groundsOf(decision))
    yield* bullet(name, value, width).map((text) => line(colours.dim(text)));
}

function stageLines(report: Report, width: number, colours: Colours): string[] {
  const { stages } = report.decision;
  const rows = stages.map((verdict) => ({
    verdict,
    words: stageWords(report, verdict),
    stand: standing(report, verdict),
  }));
  const nameWidth = Math.max(0, ...rows.map(({ words }) => words.stage.length));
  const stateWidth = Math.max(0, ...rows.map(({ words }) => words.state.length));
  const marks: Record<string, string> = {
    passed: colours.green('✓'),
    warned: colours.yellow('!'),
    failed: colours.red('✗'),
    error: colours.yellow('?'),
  };
  return rows.flatMap(({ verdict, words, stand }) => {
    const nothing = words.looked === '' && words.engines === '';
    const tail =
      nothing || verdict.outcome !== 'passed' ? [words.looked, words.reason] : [words.looked, words.engines];
    const head = `${MARGIN}${marks[stand]} ${words.stage.padEnd(nameWidth)}  ${words.state.padEnd(stateWidth)}  `;
    const indent = ' '.repeat(nameWidth + stateWidth + 8);
    const [first = '', ...more] = wrapped(tail.filter((text) => text !== '').join(' · '), width, indent);
    const skipped = words.skipped === null ? [] : wrapped(words.skipped, width, indent);
    return [head + colours.dim(first.trimStart()), ...[...more, ...skipped].map((text) => colours.dim(text))];
  });
}

function issueLines(issue: Issue, width: number, colours: Colours): string[] {
  const words = issueWords(issue);
  const severity: Record<Severity, Paint> = {
    critical: (text) => colours.bold(colours.red(text)),
    high: colours.red,
    medium: colours.yellow,
    low: colours.cyan,
    info: colours.dim,
  };
  const indent = ' '.repeat(12);
  const field = (name: string, text: string | null, paint: Paint = (plain) => plain): string[] =>
    text === null
      ? []
      : wrapped(text, width, `${indent}        `).map((row, i) =>
          i === 0 ? `${indent}${colours.dim(name.padEnd(8))}${paint(row.trimStart())}` : paint(row),
        );
  const since = words.since === null ? '' : ` · ${words.since}`;
  return [
    '',
    `${MARGIN}${severity[words.severity](words.severity.padEnd(10))}${colours.bold(words.where)}`,
    ...wrapped(words.what, width, indent),
    ...field('why', words.why),
    ...field('do', words.todo, colours.green),
    ...field('more', words.more, colours.dim),
    ...field('rule', `${words.rule} · ${words.engines}${since} · ${words.fingerprint}`, colours.dim),
    ...words.policy.slice(0, 3).flatMap((text) => field('policy', text, colours.dim)),
    ...field(
      'asked',
      words.refused === null
        ? null
        : `the change itself asks to let it pass, which does not count: ${words.refused}`,
      colours.yellow,
    ),
  ];
}

/** What decided nothing, in one line. */
function restLine({ counts, refused }: Report): string {
  const parts = [
    [total(counts.passed), 'below what the policy asks for'],
    [total(counts.waived), 'waived'],
    [total(counts.suppressed), 'suppressed'],
    [refused, refused === 1 ? 'suppression of the change refused' : 'suppressions of the change refused'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, text]) => `${grouped(count)} ${text}`);
  return told.join(' · ');
}

function bullet(name: string, text: string, width: number): string[] {
  const indent = ' '.repeat(11);
  return wrapped(text, width, indent).map((row, i) =>
    i === 0 ? `${MARGIN}${name.padEnd(9)}${row.trimStart()}` : row,
  );
}

/** Words in lines of `width` columns with `indent` before each. A word that is longer stands alone, uncut. */
function wrapped(text: string, width: number, indent: string): string[] {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let current = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const wide = stringWidth(word);
    if (current !== '' && used + 1 + wide > room) {
      lines.push(indent + current);
      current = '';
      used = 0;
    }
    used = current === '' ? wide : used + 1 + wide;
    current = current === '' ? word : `${current} ${word}`;
  }
  if (current !== '') lines.push(indent + current);
  return lines;
}
