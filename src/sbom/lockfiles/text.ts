import { SallyportError } from '../../model/error.ts';
import { LOCK_LIMITS, malformed } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of a lockfile; a byte order mark is dropped. Throws SP-LOCK-ENCODING and SP-LOCK-LIMIT. */
export function textOf(bytes: Uint8Array, path: string): string {
  if (bytes.length > LOCK_LIMITS.bytes) {
    throw new SallyportError({
      code: 'SP-LOCK-LIMIT',
      message: 'the lockfile is too large',
      expected: `at most ${LOCK_LIMITS.bytes} bytes`,
      found: `${bytes.length} bytes`,
      place: { path },
    });
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new SallyportError(
      { code: 'SP-LOCK-ENCODING', message: 'the lockfile is not UTF-8', expected: 'UTF-8', place: { path } },
      { cause },
    );
  }
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    const line = text.slice(0, nul).split('\n').length;
    throw malformed({ path, line }, 'the lockfile holds a NUL byte', 'text');
  }
  return text;
}

/** Lines without their ends. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** Lines, from 1, on which a text begins a line. */
export function linesStarting(text: string, start: string): number[] {
  const found: number[] = [];
  let line = 1;
  for (let at = 0; ; line++) {
    if (text.startsWith(start, at)) found.push(line);
    const end = text.indexOf('\n', at);
    if (end === -1) return found;
    at = end + 1;
  }
}
