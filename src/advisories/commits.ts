import { SallyportError } from '../model/error.ts';
import { type Purl, parseLenientPurl } from '../versions/purl.ts';
import type { OsvRange } from './osv.ts';

const WHOLE = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u;
const HINT = /[0-9a-f]{12}/u;
/** What is told of a commit in a Go pseudo-version (https://go.dev/ref/mod#pseudo-versions). */
const PSEUDO = /[-.]\d{14}-([0-9a-f]{12})(?:\+incompatible)?$/u;

/**
 * The commit that a component is pinned to: whole, or the twelve digits of a Go pseudo-version. Undefined where it is
 * pinned to none.
 */
export function commitOf(text: string | undefined): string | undefined {
  // Most components are pinned to none, and reading a purl takes its time.
  if (text === undefined || !HINT.test(text)) return undefined;
  let purl: Purl;
  try {
    purl = parseLenientPurl(text);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return undefined;
    throw thrown;
  }
  const { type, version, qualifiers } = purl;
  // `git+https://host/repository@commit` (SPDX), `...?rev=main#commit` (uv, Cargo, npm).
  const pinned = /[@#]([0-9a-f]{40,64})$/u.exec(qualifiers?.vcs_url ?? '')?.[1] ?? version;
  if (pinned !== undefined && WHOLE.test(pinned)) return pinned;
  return type === 'golang' ? PSEUDO.exec(version ?? '')?.[1] : undefined;
}

/**
 * What the GIT ranges of an advisory say of one commit. They order commits by the history of the repository, which is not
 * here: only a commit that they name is decided (https://ossf.github.io/osv-schema/#affectedrangesevents-fields).
 */
export function judgeCommit(
  ranges: readonly OsvRange[],
  commit: string,
): 'affected' | 'unaffected' | 'unknown' {
  let fixed = false;
  for (const range of ranges) {
    if (range.type !== 'GIT') continue;
    for (const event of range.events) {
      for (const [kind, named] of Object.entries(event) as [string, string][]) {
        if (!named.toLowerCase().startsWith(commit)) continue;
        if (kind === 'introduced' || kind === 'last_affected') return 'affected';
        fixed ||= kind === 'fixed';
      }
    }
  }
  return fixed ? 'unaffected' : 'unknown';
}
