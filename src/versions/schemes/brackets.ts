import { fullRange, intersect, isEmpty, type Range, rangeOf } from '../range.ts';
import { type Scheme, unreadableRange } from '../version.ts';

/**
 * One interval in mathematical notation: `[1.0,2.0)`, `(,1.0]`, `[1.0]`. An open side has no bound. A trailing
 * bound below the leading one is an error, not an empty range: somebody meant something else.
 */
export function readInterval(text: string, scheme: Scheme): Range {
  const fail = () => unreadableRange(scheme.name, text, 'an interval such as [1.0,2.0) or (,1.0]');
  const opening = text[0];
  const closing = text.at(-1);
  if (text.length < 3 || !(opening === '[' || opening === '(') || !(closing === ']' || closing === ')'))
    throw fail();
  const parts = text
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim());
  const [low, high] = parts;
  if (parts.length === 1) {
    if (opening !== '[' || closing !== ']' || !low) throw fail();
    return rangeOf('=', scheme.parse(low));
  }
  if (parts.length !== 2 || low === undefined || high === undefined) throw fail();
  if (low === '' && high === '') return fullRange(scheme);
  const from = low === '' ? fullRange(scheme) : rangeOf(opening === '[' ? '>=' : '>', scheme.parse(low));
  const to = high === '' ? fullRange(scheme) : rangeOf(closing === ']' ? '<=' : '<', scheme.parse(high));
  const range = intersect(from, to);
  if (isEmpty(range)) throw fail();
  return range;
}

/** Splits `[1,2),[3,4)` at the commas between intervals. */
export function splitIntervals(text: string, scheme: Scheme): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const ends = [text.indexOf(']', start), text.indexOf(')', start)].filter((at) => at !== -1);
    if (ends.length === 0)
      throw unreadableRange(scheme.name, text, 'a closing bracket for every opening one');
    const end = Math.min(...ends) + 1;
    parts.push(text.slice(start, end).trim());
    start = end;
    while (text[start] === ' ') start++;
    if (start === text.length) break;
    if (text[start] !== ',') throw unreadableRange(scheme.name, text, 'a comma between intervals');
    start++;
    if (text.slice(start).trim() === '')
      throw unreadableRange(scheme.name, text, 'an interval after the comma');
  }
  return parts;
}
