import { type JsonLimits, JsonScanner } from '../../model/json/scan.ts';

/**
 * Reads a JSON document that is signed, or that carries signatures: within limits, and with every member once at every
 * level, since readers differ in which of two they believe. Throws SP-JSON-* with line and column.
 */
export function parseSignedJson(bytes: Uint8Array, path: string, limits: JsonLimits): unknown {
  const scanner = new JsonScanner(bytes, path, limits);
  const start = scanner.pos;
  walk(scanner);
  scanner.end();
  // A strict decoder: bytes that are not UTF-8 would else be replaced without a word.
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start)));
}

function walk(scanner: JsonScanner): void {
  const kind = scanner.kind();
  if (kind === 'object') scanner.eachMember(() => walk(scanner));
  else if (kind === 'array') scanner.eachElement(() => walk(scanner));
  else scanner.skip();
}
