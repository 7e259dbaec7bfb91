import { isObject, type Json, put } from './values.ts';

/**
 * What `original` says beyond `rendered`: the members that the writer would not produce by itself, or produces
 * differently. Undefined where it would produce all of them. Arrays are kept whole or not at all.
 */
export function beyond(original: unknown, rendered: unknown): unknown {
  if (isObject(original) && isObject(rendered)) {
    let rest: Json | undefined;
    for (const name of Object.keys(original)) {
      const value = original[name];
      const kept = Object.hasOwn(rendered, name) ? beyond(value, rendered[name]) : value;
      if (kept === undefined) continue;
      rest ??= {};
      put(rest, name, kept);
    }
    return rest;
  }
  return same(original, rendered) ? undefined : original;
}

/**
 * `rendered` with what `rest` says otherwise put back: objects member by member, everything else replaced where it
 * differs. `rest` is what `beyond` kept, or the original itself.
 */
export function restore(rendered: unknown, rest: unknown): unknown {
  if (rest === undefined) return rendered;
  if (!isObject(rest) || !isObject(rendered)) return same(rest, rendered) ? rendered : rest;
  let whole: Json | undefined;
  for (const name of Object.keys(rest)) {
    const known = Object.hasOwn(rendered, name);
    const value = known ? restore(rendered[name], rest[name]) : rest[name];
    if (known && value === rendered[name]) continue;
    whole ??= { ...rendered };
    put(whole, name, value);
  }
  return whole ?? rendered;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => same(value, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}
