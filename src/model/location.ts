/**
 * A place in a file. `path` is relative to the root of what was scanned, with `/` between its parts.
 * Lines and columns count from 1; columns are UTF-16 code units (SARIF's `utf16CodeUnits`);
 * `endColumn` is the column after the last character.
 */
export interface Place {
  path: string;
  line?: number | undefined;
  column?: number | undefined;
  endLine?: number | undefined;
  endColumn?: number | undefined;
}
