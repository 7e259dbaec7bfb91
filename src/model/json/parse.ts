import type { Place } from '../location.ts';
import { positionAt } from './position.ts';
import { decode, type JsonLimits, JsonScanner } from './scan.ts';

/** Reads a JSON document within limits. `path` names it in messages. Throws SallyportErrors with line and column. */
export function parseJson(bytes: Uint8Array, path: string, limits: JsonLimits): unknown {
  const scanner = new JsonScanner(bytes, path, limits);
  const start = scanner.pos;
  scanner.skip();
  scanner.end();
  return JSON.parse(decode(bytes, start, bytes.length, path));
}

/** Where the value at `steps` begins in a document that was read before; the nearest one above it, if it is absent. */
export function placeInJson(
  bytes: Uint8Array,
  path: string,
  steps: readonly PropertyKey[],
  limits: JsonLimits,
): Place {
  const scanner = new JsonScanner(bytes, path, limits);
  let found = scanner.pos;
  const descend = (level: number): void => {
    scanner.kind();
    found = level <= deepest ? found : scanner.pos;
    deepest = Math.max(deepest, level);
    const step = steps[level];
    const kind = scanner.kind();
    if (kind === 'object' && typeof step === 'string') {
      scanner.eachMember((name) => (name === step ? descend(level + 1) : scanner.skip()));
    } else if (kind === 'array' && typeof step === 'number') {
      scanner.eachElement((index) => (index === step ? descend(level + 1) : scanner.skip()));
    } else {
      scanner.skip();
    }
  };
  let deepest = -1;
  descend(0);
  return { path, ...positionAt(bytes, found) };
}
