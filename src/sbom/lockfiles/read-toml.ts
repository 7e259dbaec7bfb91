import { parse as parseTomlText, TomlError } from 'smol-toml';
import type { Json } from '../../model/json/values.ts';
import { LOCK_LIMITS, malformed } from './limits.ts';

/** Reads a TOML table. Throws SP-LOCK-SYNTAX with line and column. */
export function readToml(text: string, path: string): Json {
  try {
    return parseTomlText(text, { maxDepth: LOCK_LIMITS.depth }) as Json;
  } catch (cause) {
    const place = cause instanceof TomlError ? { path, line: cause.line, column: cause.column } : { path };
    const [first] = cause instanceof Error ? cause.message.split('\n', 1) : [];
    throw malformed(place, 'this is not valid TOML', 'TOML 1.0', first, cause);
  }
}
