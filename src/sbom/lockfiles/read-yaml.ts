import { type Document, LineCounter, parseDocument } from 'yaml';
import { isObject, type Json } from '../../model/json/values.ts';
import { malformed } from './limits.ts';

/** A YAML document in the core schema, with where its parts stand. Throws SP-LOCK-SYNTAX with line and column. */
export function openYaml<Value>(
  text: string,
  path: string,
  take: (document: Document.Parsed, counter: LineCounter) => Value,
  uniqueKeys = true,
): Value {
  const counter = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: counter,
      uniqueKeys,
      schema: 'core',
      logLevel: 'error',
      prettyErrors: false,
    });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line, col } = counter.linePos(error.pos[0]);
      throw malformed({ path, line, column: col }, 'this is not valid YAML', 'YAML 1.2', error.message);
    }
    return take(document, counter);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'SallyportError') throw cause;
    throw malformed(
      { path },
      'this is not readable YAML',
      'YAML 1.2 of moderate depth',
      String(cause),
      cause,
    );
  }
}

/** Reads a YAML mapping without tags and with few aliases. Throws SP-LOCK-SYNTAX with line and column. */
export function readYaml(text: string, path: string): Json {
  const mapping = (document: Document.Parsed): Json => {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (!isObject(value))
      throw malformed({ path, line: 1 }, 'the lockfile is not a mapping', 'a YAML mapping');
    return value;
  };
  // Looking for duplicate keys is quadratic in the library; keyLines does it for the maps that matter.
  return openYaml(text, path, mapping, false);
}

/** Lines of the keys two blanks deep under a top-level key of block YAML, by the key without quotes. */
export function keyLines(text: string, section: string): Map<string, number> {
  const found = new Map<string, number>();
  let inside = false;
  let line = 0;
  for (const written of text.split('\n')) {
    line++;
    if (written !== '' && !/^[\s#]/u.test(written)) inside = written.startsWith(`${section}:`);
    else if (inside && /^ {2}[^\s#]/u.test(written)) {
      const key = keyOf(written.trimEnd().slice(2));
      if (key !== undefined && !found.has(key)) found.set(key, line);
    }
  }
  return found;
}

function keyOf(text: string): string | undefined {
  const [quote] = text;
  if (quote === "'" || quote === '"') {
    const end = text.lastIndexOf(`${quote}:`);
    return end < 1 ? undefined : text.slice(1, end);
  }
  const end = text.endsWith(':') ? text.length - 1 : text.indexOf(': ');
  return end < 1 ? undefined : text.slice(0, end);
}
