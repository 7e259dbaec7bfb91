import { isObject, type Json, OURS, put } from './schema.ts';

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

/** `rendered` with what `beyond` kept put back: objects member by member, everything else replaced. */
export function restore(rendered: unknown, rest: unknown): unknown {
  if (rest === undefined) return rendered;
  if (!isObject(rest) || !isObject(rendered)) return rest;
  const whole: Json = { ...rendered };
  for (const name of Object.keys(rest)) {
    put(whole, name, Object.hasOwn(rendered, name) ? restore(rendered[name], rest[name]) : rest[name]);
  }
  return whole;
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

/**
 * Takes our own names out of the property bags of something that was read. They are written anew from the model;
 * what somebody else put under them must not stand beside it, or win over it.
 */
export function withoutOurs(holder: Json, ...bags: string[]): void {
  for (const bag of bags) {
    const properties = holder[bag];
    if (!isObject(properties)) continue;
    for (const name of Object.keys(properties)) if (name.startsWith(OURS)) delete properties[name];
  }
}
