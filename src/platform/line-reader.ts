import { readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

const MAX_FILE = 16 * 1024 * 1024;

export type LineReader = (path: string, line: number) => string | undefined;

/**
 * Lines of files under `root`, for the context of findings; undefined for what is not there, leads outside or is too
 * large. Findings come file by file, so that one file is kept at a time.
 */
export function lineReader(root: string): LineReader {
  const realRoot = realpathSync(root) + sep;
  let current: { path: string; lines: string[] } | null = null;
  return (path, line) => {
    if (current?.path !== path) current = { path, lines: linesOf(resolve(root, path), realRoot) };
    return current.lines[line - 1];
  };
}

function linesOf(path: string, realRoot: string): string[] {
  try {
    const real = realpathSync(path);
    if (!real.startsWith(realRoot)) return [];
    const stat = statSync(real);
    return stat.isFile() && stat.size <= MAX_FILE ? splitLines(readFileSync(real, 'utf8')) : [];
  } catch {
    // A place that a report names and that is not there has no context; the finding itself is kept.
    return [];
  }
}

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/u);
}
