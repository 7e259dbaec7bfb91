/**
 * Wildcard match in time pattern x text, without a regular expression: `*` is any run of characters but `/`, `**`
 * any run, `?` any one character but `/`.
 */
export function wildcardMatch(pattern: string, text: string): boolean {
  let fixed = 0;
  while (fixed < pattern.length && pattern[fixed] !== '*' && pattern[fixed] !== '?') fixed++;
  if (fixed === pattern.length) return pattern === text;
  if (!text.startsWith(pattern.slice(0, fixed))) return false;
  const close = (states: Set<number>): Set<number> => {
    for (const state of states)
      if (pattern[state] === '*') states.add(state + (pattern[state + 1] === '*' ? 2 : 1));
    return states;
  };
  let states = close(new Set([0]));
  for (let at = 0; at < text.length && states.size > 0; at++) {
    const char = text[at];
    const next = new Set<number>();
    for (const state of states) {
      const expected = pattern[state];
      if (expected === '*') {
        if (pattern[state + 1] === '*' || char !== '/') next.add(state);
      } else if (expected === char || (expected === '?' && char !== '/')) next.add(state + 1);
    }
    states = close(next);
  }
  return states.has(pattern.length);
}

/** Match of path parts in which the part `**` stands for any number of folders, also none. */
export function wildcardSegments(pattern: readonly string[], path: readonly string[]): boolean {
  let states = new Set<number>([0]);
  const close = (set: Set<number>): Set<number> => {
    for (const state of set) if (pattern[state] === '**') set.add(state + 1);
    return set;
  };
  states = close(states);
  for (const part of path) {
    const next = new Set<number>();
    for (const state of states) {
      const expected = pattern[state];
      if (expected === undefined) continue;
      if (expected === '**') next.add(state);
      else if (expected === part || wildcardMatch(expected, part)) next.add(state + 1);
    }
    states = close(next);
    if (states.size === 0) return false;
  }
  return states.has(pattern.length);
}
