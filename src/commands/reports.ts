import { join, relative, resolve } from 'node:path';
import type { GateRun } from '../gate/run.ts';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { textReader } from '../platform/line-reader.ts';
import { bannedRule } from '../policy/banned.ts';
import { gateRules } from '../policy/gate-findings.ts';
import { renderAnnotations } from '../report/annotations.ts';
import { type ReportFormat, reportFormat, reportFormats } from '../report/formats.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { makeReport } from '../report/report.ts';

/** A report that was asked for: to a file, or to stdout. */
export interface Wanted {
  format: ReportFormat;
  file: string | null;
}

/** Reads `FORMAT` and `FORMAT=FILE`; without any, the table. Two on stdout would be neither. Throws SP-USAGE. */
export function parseReports(texts: readonly string[]): Wanted[] {
  const wanted = texts.map((text): Wanted => {
    const equals = text.indexOf('=');
    const name = equals === -1 ? text : text.slice(0, equals);
    const format = reportFormat(name);
    if (format === undefined || equals === text.length - 1) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: `--report ${text.slice(0, 200)}`,
        expected: `FORMAT or FORMAT=FILE, with FORMAT one of ${reportFormats.map((known) => known.name).join(', ')}`,
      });
    }
    return { format, file: equals === -1 ? null : text.slice(equals + 1) };
  });
  const onStdout = wanted.filter((one) => one.file === null);
  if (onStdout.length > 1) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'more than one report is to go to stdout',
      expected: 'a file for all but one: --report FORMAT=FILE',
      found: onStdout.map((one) => one.format.name).join(', '),
    });
  }
  const table = reportFormat('table');
  return onStdout.length > 0 || table === undefined ? wanted : [...wanted, { format: table, file: null }];
}

/** What is always kept in the run's folder, for people and for `policy explain`. */
const KEPT = ['json', 'html'];

export async function writeReports(
  run: GateRun,
  wanted: readonly Wanted[],
  context: Context,
): Promise<{ summary: Iterable<string>; annotations: Iterable<string> }> {
  const report = makeReport(run.decision, run.reports, {
    sallyport: [...Object.values(gateRules), bannedRule],
  });
  const options = {
    textAt: textReader(run.root),
    width: context.terminal.columns,
    colour: context.terminal.color,
  };
  const kept = new Map<string, string>();
  for (const { name, extension, render } of reportFormats.filter((format) => KEPT.includes(format.name))) {
    const file = `report.${extension}`;
    const shown = wanted.some((one) => one.file === null && one.format.name === name);
    const chunks = render(report, options);
    await run.folder.write(file, shown ? shownToo(chunks, context) : chunks);
    kept.set(name, join(run.folder.path, file));
  }
  for (const { format, file } of wanted) {
    const copy = kept.get(format.name);
    if (file === null && copy !== undefined) continue;
    if (file === null) for (const chunk of format.render(report, options)) context.out(chunk);
    else if (copy !== undefined) await context.files.copy(copy, resolve(context.cwd, file));
    else
      await context.files.write(
        resolve(context.cwd, file),
        format.render(report, { ...options, colour: false }),
      );
  }
  const prefix = relative(context.cwd, run.root).replaceAll('\\', '/');
  return {
    summary: renderMarkdown(report),
    annotations: renderAnnotations(report, prefix.startsWith('..') ? '' : prefix),
  };
}

/** What is kept and was asked for on stdout is made once. */
function* shownToo(chunks: Iterable<string>, context: Context): Generator<string> {
  for (const chunk of chunks) {
    context.out(chunk);
    yield chunk;
  }
}
