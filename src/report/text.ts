import { grouped } from '../model/grouped.ts';
import { visible } from '../platform/log.ts';

/** Characters that `visible` of a log leaves and that a page or a terminal still draws in surprising ways. */
const MORE_INVISIBLE = /\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb\ufffe\uffff]|\p{Surrogate}/gu;

/** Nothing in it is moved, hidden or folded: most texts, and a report has tens of thousands. */
const PLAIN = /^[ -~]*$/u;

/**
 * Untrusted text on one line, with everything that could move, hide or turn around other text made visible; cut to
 * `limit` characters.
 */
export function oneLine(text: string, limit = 400): string {
  // Cut first: the rest is never looked at.
  const start = (text.length > limit ? text.slice(0, limit) : text).trim();
  const shown = PLAIN.test(start) ? start : allVisible(start.replace(/[ \t]*\r?\n\s*/gu, ' '));
  return text.length > limit ? `${shown}…` : shown;
}

/** A name, such as a path: nothing folded, so that two names that differ look different. */
export function exactly(text: string, limit = 400): string {
  const start = text.length > limit ? text.slice(0, limit) : text;
  const shown = PLAIN.test(start) ? start : allVisible(start);
  return text.length > limit ? `${shown}…` : shown;
}

function allVisible(text: string): string {
  return visible(text).replace(
    MORE_INVISIBLE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The first paragraph of a longer text, on one line. */
export function firstParagraph(text: string, limit = 400): string {
  const body = text.slice(0, 8 * limit).trim();
  const end = body.search(/\r?\n[ \t]*\r?\n/u);
  return oneLine(end === -1 ? body : body.slice(0, end), limit);
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Bytes in the largest unit that leaves a number over one. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A digest that people compare by eye: its first twelve characters. */
export function shortDigest(digest: Record<string, string>): string {
  const [algorithm, value] = Object.entries(digest)[0] ?? [];
  return value === undefined ? '' : `${oneLine(algorithm ?? '', 20)}:${exactly(value, 64).slice(0, 12)}`;
}

const IN_JSON =
  /##\[|\p{Default_Ignorable_Code_Point}|[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb\ufffe\uffff]/gu;

/**
 * JSON text in which no character moves a cursor or turns text around when it is printed, and in which a runner finds
 * no command: `##[` is one wherever it stands in a line. The values are the same.
 */
export function printableJson(json: string): string {
  if (PLAIN.test(json) && !json.includes('##[')) return json;
  return json.replace(IN_JSON, (found) =>
    found === '##['
      ? '\\u0023#['
      : Array.from({ length: found.length }, (_, i) => unitEscape(found, i)).join(''),
  );
}

function unitEscape(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
}

const COMMAND = /^((?:\s|\u001b\[[0-9;]*m)*)::|##\[/gu;

/** A line for a log in which a runner finds no workflow command: it looks behind leading blanks too. */
export function noCommand(line: string): string {
  return line.replace(COMMAND, (found, blanks: string | undefined) =>
    found === '##[' ? '## [' : `${blanks ?? ''}: :`,
  );
}
