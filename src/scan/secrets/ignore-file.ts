import type { Place } from '../../model/location.ts';

/** One line of an ignore file: `path:rule:line` or `commit:path:rule:line`. */
export interface IgnoreEntry {
  commit: string | null;
  path: string;
  rule: string;
  line: number;
  text: string;
  place: Place;
}

export const IGNORE_FILES = ['.gitleaksignore', '.betterleaksignore'] as const;
const MAX_ENTRIES = 20_000;

/** Reads gitleaks' ignore format. Lines of another form mean nothing in it and are passed over, as gitleaks does. */
export function parseIgnoreFile(text: string, file: string): IgnoreEntry[] {
  const out: IgnoreEntry[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || out.length >= MAX_ENTRIES) continue;
    const parts = line.split(':');
    const [number, rule, path, commit] = parts.reverse();
    if (parts.length < 3 || parts.length > 4 || !/^\d{1,9}$/u.test(number ?? '')) continue;
    out.push({
      commit: commit === undefined ? null : commit.toLowerCase(),
      path: (path ?? '').replaceAll('\\', '/').replace(/^\.\//u, ''),
      rule: rule ?? '',
      line: Number(number),
      text: line.slice(0, 300),
      place: { path: file, line: index + 1 },
    });
  }
  return out;
}
