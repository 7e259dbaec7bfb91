import { type Expanded, expand } from '../dockerfile/variables.ts';

/**
 * Compose's interpolation: `${NAME:-default}` becomes its default, `$$` is a `$`. Variables have the values of
 * `environment` (the `.env` file beside the compose file); every other one stays and is named as unknown.
 */
export function interpolate(text: string, environment: ReadonlyMap<string, string> | null = null): Expanded {
  const lookup = (name: string): string | undefined => environment?.get(name);
  if (!text.includes('$$')) return expand(text, lookup, '');
  const parts = text.split('$$').map((part) => expand(part, lookup, ''));
  return {
    value: parts.map(({ value }) => value).join('$'),
    unknown: parts.flatMap(({ unknown }) => unknown),
    used: parts.flatMap(({ used }) => used),
  };
}
