/** What a text becomes when its variables are put in. */
export interface Expanded {
  /** With every known variable replaced; an unknown one stays as `${NAME}`. */
  value: string;
  /** Names that have no value here: build arguments without a default, or what nobody declared. */
  unknown: string[];
  /** Names that were put in. */
  used: string[];
}

const MAX_LENGTH = 4096;
const MAX_DEPTH = 8;

/**
 * Dockerfile variable substitution (docs.docker.com/reference/dockerfile, "Environment replacement"): `$NAME`,
 * `${NAME}`, `:-` `-` `:+` `+` `:?` `?`. Pattern removal (`#`, `%`, `/`) is not evaluated and counts as unknown.
 * `lookup` gives null for a declared name without a value and undefined for an undeclared one. The result is
 * bounded, so that variables that double each other do not grow without end.
 */
export function expand(
  text: string,
  lookup: (name: string) => string | null | undefined,
  escapeCharacter = '\\',
  depth = 0,
): Expanded {
  const out: Expanded = { value: '', unknown: [], used: [] };
  if (!text.includes('$')) {
    out.value = text;
    return out;
  }
  for (let at = 0; at < text.length && out.value.length < MAX_LENGTH; at++) {
    const char = text[at] ?? '';
    if (char === escapeCharacter && text[at + 1] === '$') {
      out.value += '$';
      at++;
      continue;
    }
    if (char !== '$') {
      out.value += char;
      continue;
    }
    const reference = readReference(text, at);
    if (reference === null) {
      out.value += char;
      continue;
    }
    at = reference.end - 1;
    substitute(out, reference, lookup, escapeCharacter, depth);
  }
  return out;
}

interface Reference {
  name: string;
  operator: string;
  word: string;
  end: number;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/uy;

function readReference(text: string, dollar: number): Reference | null {
  const braced = text[dollar + 1] === '{';
  NAME.lastIndex = dollar + (braced ? 2 : 1);
  const name = NAME.exec(text)?.[0];
  if (name === undefined) return null;
  const after = dollar + (braced ? 2 : 1) + name.length;
  if (!braced) return { name, operator: '', word: '', end: after };
  let depth = 1;
  let close = after;
  const limit = Math.min(text.length, after + MAX_LENGTH);
  for (; close < limit; close++) {
    if (text[close] === '{' && text[close - 1] === '$') depth++;
    else if (text[close] === '}' && --depth === 0) break;
  }
  if (depth !== 0) return null;
  const inner = text.slice(after, close);
  const operator = /^(?::?[-+?]|[#%/]{1,2})/u.exec(inner)?.[0] ?? '';
  return { name, operator, word: inner.slice(operator.length), end: close + 1 };
}

function substitute(
  out: Expanded,
  { name, operator, word }: Reference,
  lookup: (name: string) => string | null | undefined,
  escapeCharacter: string,
  depth: number,
): void {
  const value = lookup(name);
  const set = value !== undefined && value !== null && !(operator.startsWith(':') && value === '');
  const put = (text: string): void => {
    out.value = (out.value + text).slice(0, MAX_LENGTH);
  };
  const putWord = (): void => {
    if (depth >= MAX_DEPTH) {
      out.unknown.push(name);
      return;
    }
    const inner = expand(word, lookup, escapeCharacter, depth + 1);
    put(inner.value);
    out.unknown.push(...inner.unknown);
    out.used.push(...inner.used);
  };
  switch (operator.replace(':', '')) {
    case '-':
      if (set) break;
      putWord();
      return;
    case '+':
      if (set) putWord();
      return;
    case '':
    case '?':
      break;
    default:
      out.unknown.push(name);
      put(`\${${name}}`);
      return;
  }
  if (value === undefined || value === null) {
    out.unknown.push(name);
    put(`\${${name}}`);
  } else {
    out.used.push(name);
    put(value);
  }
}
