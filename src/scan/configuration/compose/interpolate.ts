import { type Expanded, expand } from '../dockerfile/variables.ts';

/**
 * Compose's interpolation without an environment: `${NAME:-default}` becomes its default, every other variable
 * stays and is named as unknown, `$$` is a `$`.
 */
export function interpolate(text: string): Expanded {
  if (!text.includes('$$')) return expand(text, () => undefined, '');
  const parts = text.split('$$').map((part) => expand(part, () => undefined, ''));
  return {
    value: parts.map(({ value }) => value).join('$'),
    unknown: parts.flatMap(({ unknown }) => unknown),
    used: [],
  };
}
