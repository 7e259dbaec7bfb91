import type { HtmlOptions } from './html.ts';
import type { MarkdownOptions } from './markdown.ts';
import type { Report } from './report.ts';
import type { CodeScanningOptions } from './sarif.ts';
import type { SvgOptions } from './svg.ts';
import type { TableOptions } from './table.ts';

/** What renderers may be told; each takes what concerns it. */
export type RenderOptions = TableOptions & MarkdownOptions & HtmlOptions & SvgOptions & CodeScanningOptions;

export interface ReportFormat {
  /** As it is typed after --report. */
  name: string;
  /** Of the file that a run keeps of it. */
  extension: string;
  summary: string;
  /** Loaded when it is needed. */
  load(): Promise<Render>;
}

/** In chunks; the same report gives the same bytes. */
export type Render = (report: Report, options: RenderOptions) => Iterable<string>;

/** One entry a format. */
export const reportFormats: readonly ReportFormat[] = [
  {
    name: 'table',
    extension: 'txt',
    summary: 'for people on a terminal',
    load: async () => (await import('./table.ts')).renderTable,
  },
  {
    name: 'json',
    extension: 'json',
    summary: 'for programs, with a published schema',
    load: async () => (await import('./json.ts')).renderJson,
  },
  {
    name: 'sarif',
    extension: 'sarif',
    summary: 'for code scanning',
    load: async () => (await import('./sarif.ts')).renderSarif,
  },
  {
    name: 'markdown',
    extension: 'md',
    summary: 'for a job summary',
    load: async () => (await import('./markdown.ts')).renderMarkdown,
  },
  {
    name: 'html',
    extension: 'html',
    summary: 'one page that needs nothing else',
    load: async () => (await import('./html.ts')).renderHtml,
  },
  {
    name: 'svg',
    extension: 'svg',
    summary: 'one picture of the result',
    load: async () => (await import('./svg.ts')).renderSvg,
  },
];

/** The format of this name; undefined where there is none. */
export function reportFormat(name: string): ReportFormat | undefined {
  return reportFormats.find((format) => format.name === name);
}
