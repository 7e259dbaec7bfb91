import { join, relative, resolve } from 'node:path';
import type { GateRun } from '../gate/run.ts';
import type { Context } from '../platform/context.ts';
import { textReader } from '../platform/line-reader.ts';
import { bannedRule } from '../policy/banned.ts';
import { gateRules } from '../policy/gate-findings.ts';
import { renderAnnotations } from '../report/annotations.ts';
import { reportFormats } from '../report/formats.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { makeReport } from '../report/report.ts';
import type { Wanted } from './wanted-reports.ts';

/** What is always kept in the run's folder, for people and for `policy explain`. */
const KEPT = reportFormats.filter(({ name }) => name === 'json' || name === 'html');

/** Loads what `writeReports` will need. */
export async function prepareReports(wanted: readonly Wanted[]): Promise<void> {
  await Promise.all([...KEPT, ...wanted.map(({ format }) => format)].map(async ({ load }) => await load()));
}

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
  for (const { name, extension, load } of KEPT) {
    const render = await load();
    const file = `report.${extension}`;
    const shown = wanted.some((one) => one.file === null && one.format.name === name);
    const chunks = render(report, options);
    await run.folder.write(file, shown ? shownToo(chunks, context) : chunks);
    kept.set(name, join(run.folder.path, file));
  }
  for (const { format, file } of wanted) {
    const copy = kept.get(format.name);
    if (file === null && copy !== undefined) continue;
    const render = await format.load();
    if (file === null) for (const chunk of render(report, options)) context.out(chunk);
    else if (copy !== undefined) await context.files.copy(copy, resolve(context.cwd, file));
    else await context.files.write(resolve(context.cwd, file), render(report, { ...options, colour: false }));
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
