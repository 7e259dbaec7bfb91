import { parseJson } from '../../model/json/parse.ts';
import { decode, JsonScanner } from '../../model/json/scan.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import { LOCK_LIMITS, malformed } from './limits.ts';

/** Reads a lockfile that is a JSON object. Throws SP-JSON-* with line and column, SP-LOCK-SYNTAX. */
export function readJsonObject(bytes: Uint8Array, path: string): Json {
  const value = parseJson(bytes, path, LOCK_LIMITS);
  if (!isObject(value)) throw malformed({ path, line: 1 }, 'the lockfile is not an object', 'a JSON object');
  return value;
}

/**
 * The line of each member of the object at `steps`, or of each element of the array there (by its index as text),
 * in one pass over a document that was read before. Empty where there is no such value.
 */
export function jsonLines(bytes: Uint8Array, path: string, steps: readonly string[]): Map<string, number> {
  const scanner = new JsonScanner(bytes, path, LOCK_LIMITS);
  const found = new Map<string, number>();
  let line = 1;
  let next = bytes.indexOf(0x0a);
  const lineAt = (offset: number): number => {
    for (; next !== -1 && next < offset; next = bytes.indexOf(0x0a, next + 1)) line++;
    return line;
  };
  const descend = (level: number): void => {
    const kind = scanner.kind();
    if (level === steps.length && kind === 'object') {
      scanner.eachMember((name) => {
        // The scanner stands at the value; a value stands on the line of its name in every tool's output.
        found.set(name, lineAt(scanner.pos));
        scanner.skip();
      });
    } else if (level === steps.length && kind === 'array') {
      scanner.eachElement((index) => {
        found.set(String(index), lineAt(scanner.pos));
        scanner.skip();
      });
    } else if (kind === 'object') {
      scanner.eachMember((name) => (name === steps[level] ? descend(level + 1) : scanner.skip()));
    } else scanner.skip();
  };
  descend(0);
  return found;
}

/** The text of a JSON file that may hold comments and commas before a closing bracket, as JSON. Lines stay. */
export function withoutComments(bytes: Uint8Array, path: string): Uint8Array {
  const text = decode(bytes, 0, bytes.length, path);
  const parts: string[] = [];
  let kept = 0;
  let comma = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      comma = -1;
    } else if (character === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      const close = text[at + 1] === '/' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2);
      const end = close === -1 ? text.length : text[at + 1] === '/' ? close : close + 2;
      parts.push(text.slice(kept, at), text.slice(at, end).replace(/[^\n]/gu, ' '));
      kept = end;
      at = end - 1;
    } else if (character === ',') {
      comma = at;
    } else if ((character === '}' || character === ']') && comma !== -1) {
      // What was pushed since the comma are comments only, so it lies in the part that is still kept or before.
      if (comma >= kept) {
        parts.push(text.slice(kept, comma), ' ');
        kept = comma + 1;
      } else dropComma(parts);
      comma = -1;
    } else if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t')
      comma = -1;
  }
  parts.push(text.slice(kept));
  return Buffer.from(parts.join(''));
}

/** Takes the last comma out of text that was pushed before the comments after it. */
function dropComma(parts: string[]): void {
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] ?? '';
    const at = part.lastIndexOf(',');
    if (at === -1) continue;
    parts[index] = `${part.slice(0, at)} ${part.slice(at + 1)}`;
    return;
  }
}
