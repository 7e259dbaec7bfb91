import { wildcardSegments } from './wildcard.ts';

/** A .dockerignore as Docker reads it (moby/patternmatcher). */
export interface IgnoreFile {
  path: string;
  /** Whether a path, relative to the build context, is left out of it. */
  leavesOut(path: string): boolean;
}

const MAX_PATTERNS = 2000;

/**
 * Patterns, one a line: `#` comments, `!` takes back, `**` any number of folders, a match of a parent folder counts
 * for what lies in it, and the last pattern that matches decides.
 */
export function parseDockerignore(path: string, text: string): IgnoreFile {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .slice(0, MAX_PATTERNS)
    .map((line) => {
      const negated = line.startsWith('!');
      const cleaned = (negated ? line.slice(1).trim() : line)
        .split('/')
        .filter((part) => part !== '' && part !== '.');
      return { negated, parts: cleaned };
    })
    .filter(({ parts }) => parts.length > 0);
  return {
    path,
    leavesOut(file) {
      const parts = file.split('/');
      let out = false;
      for (const pattern of patterns) {
        if (pattern.negated !== out) continue;
        for (let length = 1; length <= parts.length; length++) {
          if (!wildcardSegments(pattern.parts, parts.slice(0, length))) continue;
          out = !pattern.negated;
          break;
        }
      }
      return out;
    },
  };
}
