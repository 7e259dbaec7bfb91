import type { Issue } from './issues.ts';
import type { Report } from './report.ts';
import { exactly } from './text.ts';
import { issueWords } from './words.ts';

/** GitHub shows ten errors and ten warnings of a step and drops the rest. */
const MAX_OF_A_KIND = 10;

/**
 * Workflow commands that put the worst findings at their lines
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). `prefix` is the folder that was
 * looked at, relative to the workspace.
 */
export function* renderAnnotations(report: Report, prefix = ''): Generator<string> {
  for (const [outcome, command] of [
    ['failed', 'error'],
    ['warned', 'warning'],
  ] as const) {
    const issues = report.byOutcome[outcome];
    for (const issue of issues.slice(0, MAX_OF_A_KIND)) yield annotation(command, issue, prefix);
  }
}

function annotation(command: 'error' | 'warning', issue: Issue, prefix: string): string {
  const words = issueWords(issue);
  const place = issue.judged.finding.places[0];
  const properties: [string, string | number | undefined][] = [
    [
      'file',
      place === undefined ? undefined : exactly(prefix === '' ? place.path : `${prefix}/${place.path}`, 1000),
    ],
    ['line', place?.line],
    ['endLine', place?.endLine],
    // The runner takes columns only within one line.
    ...(place?.endLine === undefined || place.endLine === place.line
      ? (
          [
            ['col', place?.column],
            ['endColumn', place?.endColumn],
          ] as const
        ).map(([name, value]): [string, number | undefined] => [name, value])
      : []),
    ['title', `${words.severity}: ${words.rule} (${words.engines})`],
  ];
  const head = properties
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${propertyText(String(value))}`)
    .join(',');
  const body = [
    words.what,
    words.why,
    words.todo === null ? null : `What to do: ${words.todo}`,
    words.refused === null
      ? null
      : `A suppression that the change itself brings does not count: ${words.refused}`,
  ];
  return `::${command} ${head}::${dataText(body.filter((text) => text !== null).join('\n'))}\n`;
}

function dataText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function propertyText(text: string): string {
  return dataText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
