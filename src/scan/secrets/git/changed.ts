/** The part of a version of a file that its last version did not have. */
export interface ChangedPart {
  from: number;
  to: number;
  /** Line number of `from`. */
  firstLine: number;
}

/** More than the longest match that is looked for, so that what begins or ends outside the change is found. */
const CONTEXT = 8192;
const STEP = 65_536;

/**
 * Leaves out what two versions have in common at their start and their end: it was looked at in the older one.
 * Null where nothing is new.
 */
export function changedPart(before: Buffer, after: Buffer): ChangedPart | null {
  const most = Math.min(before.length, after.length);
  const prefix = commonPrefix(before, after, most);
  if (prefix === after.length) return null;
  const suffix = commonSuffix(before, after, most - prefix);
  if (prefix + suffix >= after.length && after.length <= before.length) {
    // Something was only taken out: the two ends that now meet may together make something new.
    if (prefix === 0 || suffix === 0) return null;
  }
  const from = lineStart(after, Math.max(0, prefix - CONTEXT));
  const to = Math.min(after.length, after.length - suffix + CONTEXT);
  return { from, to, firstLine: 1 + newlines(after, from) };
}

function commonPrefix(a: Buffer, b: Buffer, most: number): number {
  let at = 0;
  for (let step = STEP; step >= 1; ) {
    const next = Math.min(at + step, most);
    if (next > at && a.compare(b, at, next, at, next) === 0) {
      at = next;
      if (at === most) return at;
    } else step = step === 1 ? 0 : Math.ceil(step / 8);
    if (step === 0) break;
  }
  return at;
}

function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  let length = 0;
  for (let step = STEP; step >= 1; ) {
    const next = Math.min(length + step, most);
    const same =
      next > length &&
      a.compare(b, b.length - next, b.length - length, a.length - next, a.length - length) === 0;
    if (same) {
      length = next;
      if (length === most) return length;
    } else step = step === 1 ? 0 : Math.ceil(step / 8);
    if (step === 0) break;
  }
  return length;
}

function lineStart(bytes: Buffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
}

function newlines(bytes: Buffer, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < to; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
