import { type HtmlOptions, renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { type MarkdownOptions, renderMarkdown } from './markdown.ts';
import type { Report } from './report.ts';
import { type CodeScanningOptions, renderSarif } from './sarif.ts';
import { renderSvg, type SvgOptions } from './svg.ts';
import { renderTable, type TableOptions } from './table.ts';

/** What renderers may be told; each takes what concerns it. */
export type RenderOptions = TableOptions & MarkdownOptions & HtmlOptions & SvgOptions & CodeScanningOptions;

export interface ReportFormat {
  /** As it is typed after --report. */
  name: string;
  /** Of the file that a run keeps of it. */
  extension: string;
  summary: string;
  /** In chunks; the same report gives the same bytes. */
  render(report: Report, options: RenderOptions): Iterable<string>;
}

/** One line a format. */
export const reportFormats: readonly ReportFormat[] = [
  { name: 'table', extension: 'txt', summary: 'for people on a terminal', render: renderTable },
  { name: 'json', extension: 'json', summary: 'for programs, with a published schema', render: renderJson },
  { name: 'sarif', extension: 'sarif', summary: 'for code scanning', render: renderSarif },
  { name: 'markdown', extension: 'md', summary: 'for a job summary', render: renderMarkdown },
  { name: 'html', extension: 'html', summary: 'one page that needs nothing else', render: renderHtml },
  { name: 'svg', extension: 'svg', summary: 'one picture of the result', render: renderSvg },
];

/** The format of this name; undefined where there is none. */
export function reportFormat(name: string): ReportFormat | undefined {
  return reportFormats.find((format) => format.name === name);
}
