/** A comment that asks to let a finding pass. A claim: the gate decides whether it counts. */
export interface AllowComment {
  by: 'sallyport:allow' | 'gitleaks:allow' | 'betterleaks:allow';
  /** The reason that is given; empty where there is none. */
  reason: string;
  /** Lines below the start of the text in which it was looked for. */
  line: number;
}

const OURS = /sallyport:allow[ \t]+([\w.*-]{1,100})(?:[ \t]+([^\r\n]{0,200}))?/u;
const THEIRS = /(gitleaks|betterleaks):allow/u;

/**
 * The allow comment for a rule: `sallyport:allow RULE reason` on the line itself or alone on the line above it,
 * `gitleaks:allow` on the line itself. `lineAbove` is empty at the top of a file.
 */
export function findAllowComment(line: string, lineAbove: string, rule: string): AllowComment | null {
  for (const [text, offset] of [
    [line, 0],
    [lineAbove, -1],
  ] as const) {
    const ours = OURS.exec(text);
    if (ours === null || (ours[1] !== rule && ours[1] !== '*')) continue;
    // Above, it must be a comment of its own, else it belongs to what stands on that line.
    if (offset === -1 && !/^\s*(?:#|\/\/|\/\*|--|;|<!--|\*|%|'|REM\b)/iu.test(text)) continue;
    return { by: 'sallyport:allow', reason: cleanReason(ours[2] ?? ''), line: offset };
  }
  const theirs = THEIRS.exec(line);
  if (theirs !== null)
    return { by: theirs[1] === 'gitleaks' ? 'gitleaks:allow' : 'betterleaks:allow', reason: '', line: 0 };
  return null;
}

function cleanReason(text: string): string {
  return Buffer.from(text, 'latin1')
    .toString('utf8')
    .replace(/(?:\*\/|-->)\s*$/u, '')
    .trim();
}
