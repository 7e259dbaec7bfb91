import type { LogicalText } from '../text.ts';
import type { Argument, Flag, Pair } from './model.ts';
import type { Expanded } from './variables.ts';

type Expander = (text: string) => Expanded;

const WITH_FLAGS = new Set(['ADD', 'COPY', 'FROM', 'RUN', 'HEALTHCHECK']);
const JSON_FORM = new Set(['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME', 'HEALTHCHECK']);
const MAX_WORDS = 5000;

interface RawWord {
  raw: string;
  text: string;
  start: number;
  end: number;
}

/** Words between blanks, quotes read; offsets into `line`. */
function words(line: string): RawWord[] {
  const out: RawWord[] = [];
  let at = 0;
  while (at < line.length && out.length < MAX_WORDS) {
    while (at < line.length && isBlank(line.charCodeAt(at))) at++;
    if (at >= line.length) break;
    const start = at;
    let text = '';
    let quote = '';
    for (; at < line.length; at++) {
      const char = line[at] ?? '';
      if (quote === '' && isBlank(line.charCodeAt(at))) break;
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else if (char === '\\' && quote !== "'" && at + 1 < line.length) {
        const next = line[at + 1] ?? '';
        if (quote === '"' && !'"\\$'.includes(next)) text += char;
        else if (next === '$') text += char;
        text += next;
        at++;
      } else text += char;
    }
    out.push({ raw: line.slice(start, at), text, start, end: at });
  }
  return out;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The `--name=value` words that stand before the arguments, and how much of the line they take. */
export function flagsOf(
  keyword: string,
  line: string,
  rest: LogicalText,
  expand: Expander,
): { flags: Flag[]; length: number } {
  const flags: Flag[] = [];
  let length = 0;
  if (WITH_FLAGS.has(keyword) && /^\s*--/u.test(line)) {
    for (const word of words(line.slice(0, 64 * 1024))) {
      if (!word.text.startsWith('--')) {
        length = word.start;
        break;
      }
      length = word.end;
      if (word.text === '--') break;
      const equals = word.text.indexOf('=');
      const value = equals === -1 ? null : word.text.slice(equals + 1);
      flags.push({
        name: word.text.slice(2, equals === -1 ? undefined : equals).toLowerCase(),
        value,
        expanded: expand(value ?? ''),
        ...rest.span(word.start, word.end),
      });
    }
  }
  while (length < line.length && isBlank(line.charCodeAt(length))) length++;
  return { flags, length };
}

/** The arguments as words, or the elements of a JSON array of strings where the instruction takes that form. */
export function argumentsOf(
  keyword: string,
  line: string,
  rest: LogicalText,
  expand: Expander,
): { args: Argument[]; json: boolean } {
  if (JSON_FORM.has(keyword)) {
    const bracket = keyword === 'HEALTHCHECK' ? line.indexOf('[') : line.length - line.trimStart().length;
    const elements = line[bracket] === '[' ? jsonStrings(line, bracket) : null;
    if (elements !== null) {
      const args = elements.map(({ raw, text, start, end }) => ({
        raw,
        text,
        expanded: expand(text),
        ...rest.span(start, end),
      }));
      return { args, json: true };
    }
  }
  if (keyword === 'RUN') return { args: [], json: false };
  const args = words(line).map(({ raw, text, start, end }) => ({
    raw,
    text,
    expanded: expand(raw.startsWith("'") ? text.replaceAll('$', '\\$') : text),
    ...rest.span(start, end),
  }));
  return { args, json: false };
}

const STRING = /"(?:[^"\\\n]|\\.)*"/uy;

/** Elements of a JSON array of strings with their offsets; null where the text is none (builders then use a shell). */
function jsonStrings(line: string, bracket: number): RawWord[] | null {
  const out: RawWord[] = [];
  let at = bracket + 1;
  const blanks = (): void => {
    while (isBlank(line.charCodeAt(at))) at++;
  };
  blanks();
  if (line[at] === ']') return line.slice(at + 1).trim() === '' ? out : null;
  for (;;) {
    blanks();
    STRING.lastIndex = at;
    const raw = STRING.exec(line)?.[0];
    if (raw === undefined || out.length >= MAX_WORDS) return null;
    try {
      out.push({ raw, text: JSON.parse(raw) as string, start: at, end: at + raw.length });
    } catch {
      return null;
    }
    at += raw.length;
    blanks();
    if (line[at] === ']') return line.slice(at + 1).trim() === '' ? out : null;
    if (line[at] !== ',') return null;
    at++;
  }
}

/** The pairs of ENV, LABEL and ARG; ENV and LABEL also in their old form `NAME value with blanks`. */
export function pairsOf(
  keyword: string,
  args: Argument[],
  line: string,
  rest: LogicalText,
  expand: Expander,
): Pair[] {
  if (keyword !== 'ENV' && keyword !== 'LABEL' && keyword !== 'ARG') return [];
  const first = args[0];
  if (first === undefined) return [];
  if (keyword !== 'ARG' && !first.raw.includes('=')) {
    const name = /^\s*\S+\s*/u.exec(line)?.[0] ?? '';
    const text = line.slice(name.length).trimEnd();
    const span = rest.span(name.length, name.length + text.length);
    const value = { raw: text, text, expanded: expand(text), ...span };
    return [{ name: first.text, value, start: first.start, end: span.end }];
  }
  return args.map((arg) => {
    const equals = arg.raw.indexOf('=');
    const { start, end } = arg;
    if (equals === -1) return { name: arg.text, value: null, start, end };
    const text = arg.text.slice(arg.text.indexOf('=') + 1);
    const raw = arg.raw.slice(equals + 1);
    const value = {
      raw,
      text,
      expanded: expand(raw.startsWith("'") ? text.replaceAll('$', '\\$') : text),
      start: Math.min(end, start + equals + 1),
      end,
    };
    return { name: arg.text.slice(0, arg.text.indexOf('=')), value, start, end };
  });
}
