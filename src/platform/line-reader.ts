import { readFileSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';

const MAX_FILE = 16 * 1024 * 1024;

export type LineReader = (path: string, line: number) => string | undefined;

/**
 * Lines of files under `root`, for the context of findings; undefined for what is not there, leads outside or is too
 * large. Findings come file by file, so that one file is kept at a time.
 */
export function lineReader(root: string): LineReader {
  const textAt = textReader(root);
  let current: { path: string; lines: string[] } | null = null;
  return (path, line) => {
    if (current?.path !== path) current = { path, lines: splitLines(textAt(path) ?? '') };
    return current.lines[line - 1];
  };
}

/** The text of a file under `root`; undefined for what is not there, leads outside or is too large. */
export function textReader(root: string): (path: string) => string | undefined {
  const realRoot = realpathSync(root) + sep;
  const missing = new Set<string>();
  return (path) => {
    try {
      // Reports name files by the thousand: a folder that is not there is looked for once.
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      if (missing.has(folder)) return undefined;
      const named = realRoot + path;
      if (statSync(named, { throwIfNoEntry: false }) === undefined) {
        if (statSync(realRoot + folder, { throwIfNoEntry: false }) === undefined) missing.add(folder);
        return undefined;
      }
      const real = realpathSync(named);
      if (!real.startsWith(realRoot)) return undefined;
      const stat = statSync(real);
      return stat.isFile() && stat.size <= MAX_FILE ? readFileSync(real, 'utf8') : undefined;
    } catch {
      // A place that a report names and that is not there has no context; the finding itself is kept.
      return undefined;
    }
  };
}

/** The same lines for a reader that knows files by the names that they have now. */
export function renamedLines(lineAt: LineReader, renames: Readonly<Record<string, string>>): LineReader {
  const back = new Map(Object.entries(renames).map(([before, now]) => [now, before]));
  return (path, line) => lineAt(back.get(path) ?? path, line);
}

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/u);
}
