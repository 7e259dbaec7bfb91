import { SallyportError } from '../model/error.ts';
import { type ReportFormat, reportFormat, reportFormats } from '../report/formats.ts';

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
