import { SallyportError } from '../../model/error.ts';
import type { Edit, Fix } from '../../model/finding.ts';
import { SourceText, type Span } from './text.ts';

/**
 * A file's text with edits made, in whatever order they are given; lines and columns are those of the text before
 * any edit, and a byte order mark keeps its place and counts for nothing. Throws SP-FIX-OVERLAP where two edits touch
 * the same characters or insert at the same place, and SP-FIX-PLACE for a place that is not in the text: nothing is
 * changed then.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const { mark, source } = open(text, edits);
  const ranges = edits
    .map((edit) => rangeOf(source, edit))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let out = mark;
  let at = 0;
  let last: EditRange | undefined;
  for (const range of ranges) {
    if (last !== undefined && collide(last, range)) throw overlap(range.edit);
    out += source.text.slice(at, range.start) + range.edit.text;
    at = range.end;
    last = range;
  }
  return out + source.text.slice(at);
}

/**
 * Makes the safe ones among the fixes of one file, each wholly or not at all: a fix that overlaps an earlier one, or
 * itself, is left for the next run. Returns the new text and how many were made. Throws as `applyEdits` does for a
 * place that is not in the text.
 */
export function applySafeFixes(text: string, fixes: readonly Fix[]): { text: string; applied: number } {
  const safe = fixes.filter((fix) => fix.safe && fix.edits.length > 0);
  const { source } = open(text, safe[0]?.edits ?? []);
  const chosen: EditRange[] = [];
  let applied = 0;
  for (const { edits } of safe) {
    const ranges = edits.map((edit) => rangeOf(source, edit));
    const free = ranges.every(
      (range, index) =>
        !chosen.some((other) => collide(other, range)) &&
        !ranges.slice(0, index).some((other) => collide(other, range)),
    );
    if (!free) continue;
    chosen.push(...ranges);
    applied++;
  }
  return {
    text: applyEdits(
      text,
      chosen.map(({ edit }) => edit),
    ),
    applied,
  };
}

interface EditRange extends Span {
  edit: Edit;
}

function open(text: string, edits: readonly Edit[]): { mark: string; source: SourceText } {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return { mark, source: new SourceText(edits[0]?.place.path ?? '', text.slice(mark.length)) };
}

/** Whether two edits touch the same characters, or insert at the same place (whose order nobody has said). */
function collide(a: Span, b: Span): boolean {
  return a.start === b.start || (a.start < b.end && b.start < a.end);
}

function rangeOf(source: SourceText, edit: Edit): EditRange {
  const { line, column, endLine, endColumn } = edit.place;
  const start = offsetOf(source, line, column);
  const end = offsetOf(source, endLine, endColumn);
  if (start === null || end === null || end < start) throw misplaced(edit);
  return { edit, start, end };
}

function offsetOf(source: SourceText, line: number | undefined, column: number | undefined): number | null {
  if (line === undefined || column === undefined || !Number.isInteger(line) || !Number.isInteger(column))
    return null;
  if (line < 1 || column < 1 || line > source.lineCount) return null;
  const span = source.lineSpan(line);
  const offset = span.start + column - 1;
  return offset > span.end ? null : offset;
}

function misplaced({ place }: Edit): SallyportError {
  return new SallyportError({
    code: 'SP-FIX-PLACE',
    message: 'an edit stands at a place that is not in the file',
    found: `${place.line}:${place.column} to ${place.endLine}:${place.endColumn}`,
    place,
    next: 'scan again: the file has changed since',
  });
}

function overlap({ place }: Edit): SallyportError {
  return new SallyportError({
    code: 'SP-FIX-OVERLAP',
    message: 'two edits change the same characters',
    place,
    next: 'apply the fixes one after the other, scanning in between',
  });
}
