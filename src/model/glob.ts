/** More alternatives than this are a mistake or an attack: braces in a row multiply. */
const MAX_ALTERNATIVES = 256;

/** One part of a path pattern: `**` as a whole, else characters with `*` and `?` among them. */
type Part = readonly string[];
const ANY_PARTS: Part = ['**'];

/** Whether a pattern can be used: its braces stand for a bounded number of alternatives. */
export function isGlob(pattern: string): boolean {
  return alternatives(pattern) !== null;
}

/**
 * Paths by a pattern, relative, with `/` between their parts: `*` is any run of characters in a part, `?` one of them,
 * `**` as a part of its own any number of folders, `{a,b}` either; a backslash takes the next character as it is. In
 * time pattern x path, without a regular expression: patterns come from a policy that a change may have written.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  // At its end `**` is something in the folder, not the folder itself.
  const patterns = (alternatives(pattern) ?? []).map((one) =>
    one
      .replace(/(^|\/)\*\*$/u, '$1**/*')
      .split('/')
      .map(partOf),
  );
  return (path) => {
    const parts = path.split('/');
    return patterns.some((wanted) => matchRun(wanted, parts, isAnyParts, matchPart));
  };
}

/** Names by a pattern in which `*` spans everything, `/` too. */
export function nameGlob(pattern: string): (name: string) => boolean {
  const patterns = (alternatives(pattern) ?? []).map(charactersOf);
  return (name) => patterns.some((wanted) => matchPart(wanted, name));
}

function partOf(text: string): Part {
  return text === '**' ? ANY_PARTS : charactersOf(text);
}

/** A literal character is kept behind a backslash, so that it is none of the signs. */
function charactersOf(text: string): string[] {
  const characters: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '*' || character === '?') characters.push(character);
    else characters.push(`\\${character === '\\' && at + 1 < text.length ? text[++at] : character}`);
  }
  return characters;
}

function isAnyParts(part: Part): boolean {
  return part === ANY_PARTS;
}

function matchPart(wanted: Part, text: string): boolean {
  return matchRun(
    wanted,
    text,
    (sign) => sign === '*',
    (sign, character) => sign === '?' || sign.slice(1) === character,
  );
}

/** Of several stars only the last one ever has to be tried again. */
function matchRun<Wanted, Item>(
  wanted: readonly Wanted[],
  items: ArrayLike<Item>,
  isStar: (one: Wanted) => boolean,
  fits: (one: Wanted, item: Item) => boolean,
): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let i = 0; i < items.length; ) {
    const one = wanted[at];
    if (one !== undefined && isStar(one)) {
      star = at++;
      from = i;
    } else if (one !== undefined && fits(one, items[i] as Item)) {
      at += 1;
      i += 1;
    } else if (star !== -1) {
      at = star + 1;
      from += 1;
      i = from;
    } else return false;
  }
  return wanted.slice(at).every(isStar);
}

/** Every pattern without braces that one with braces stands for; null where they are too many. */
function alternatives(pattern: string): string[] | null {
  const done: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const choices = firstBraces(text);
    if (choices === null) done.push(text);
    else open.push(...choices);
    if (done.length + open.length > MAX_ALTERNATIVES) return null;
  }
  return done;
}

/** The pattern once for each choice of its first braces; null where it has none, or they do not close. */
function firstBraces(text: string): string[] | null {
  const commas: number[] = [];
  let [start, depth] = [-1, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (character === ',' && depth === 1) commas.push(at);
    else if (character === '}' && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      if (commas.length === 0) {
        start = -1;
        continue;
      }
      const ends = [...commas, at];
      return ends.map(
        (end, i) => text.slice(0, start) + text.slice((ends[i - 1] ?? start) + 1, end) + text.slice(at + 1),
      );
    }
  }
  return null;
}
