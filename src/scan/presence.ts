import type { Stage } from '../model/stage.ts';

const SOURCE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|py|rb|go|rs|java|kt|kts|scala|groovy|cs|fs|vb|php|swift|m|mm|c|h|cc|cpp|cxx|hpp|dart|ex|exs|erl|clj|lua|pl|pm|sol|sh|bash|ps1)$/iu;

/** A file of source code, by its ending. */
export function isSource(path: string): boolean {
  return SOURCE.test(path) && !/\.min\.[cm]?js$/iu.test(path);
}

/**
 * What a stage is for, by file name, where no engine of ours is asked: whether `when-present` may pass although
 * nothing was scanned. A stage that is not listed is always taken to be present.
 */
export const presentIn: Partial<Record<Stage, (path: string) => boolean>> = {
  code: isSource,
  workflows: (path) =>
    /^\.github\/workflows\/[^/]+\.ya?ml$/u.test(path) || /(?:^|\/)action\.ya?ml$/u.test(path),
};
