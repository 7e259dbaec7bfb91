import type { Json } from '../../model/json/values.ts';
import { ownText } from './values.ts';

const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,12})?(?:Z|[+-]\d{2}:?\d{2})$/u;

/** A time as lockfiles write it, in UTC; undefined for what is none: it is a fact that is not told. */
export function timeOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 40 || !TIME.test(text)) return undefined;
  const time = Date.parse(text.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Of several files of one release the newest: one that was added later is as young as that. */
export function newestOf(times: readonly (string | undefined)[]): string | undefined {
  return times
    .flatMap((time) => time ?? [])
    .sort()
    .at(-1);
}

/**
 * Whether a Python package runs a program of its own when it is installed: a source distribution does (its build
 * backend), a wheel does not (PEP 427). Undefined where it depends on the machine which of them is taken.
 */
export function buildsFromSource(files: readonly Json[]): boolean | undefined {
  const names = files.flatMap((file) => nameOf(file) ?? []);
  if (names.length === 0 || names.length < files.length) return undefined;
  if (names.some((name) => name.endsWith('-none-any.whl'))) return false;
  return names.some((name) => name.endsWith('.whl')) ? undefined : true;
}

function nameOf(file: Json): string | undefined {
  const stated = ownText(file, 'file') ?? ownText(file, 'filename') ?? ownText(file, 'url');
  return stated?.split(/[?#]/u, 1)[0]?.split('/').at(-1)?.toLowerCase();
}

/** When the commit of a Go pseudo-version was made (https://go.dev/ref/mod#pseudo-versions). */
export function pseudoVersionTime(version: string): string | undefined {
  const match = /[-.](\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})-[0-9a-f]{12}(?:\+incompatible)?$/u.exec(
    version,
  );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return timeOf(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
