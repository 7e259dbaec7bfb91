import { isObject, type Json } from '../../model/json/values.ts';

/** A member that the document itself has: `constructor` and its like are not inherited into data. */
export function own(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A member as a text that is not empty. */
export function ownText(value: unknown, name: string): string | undefined {
  const member = own(value, name);
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** A member as an object; an empty one where it is absent or something else. */
export function ownObject(value: unknown, name: string): Json {
  const member = own(value, name);
  return isObject(member) ? member : {};
}

/** Members of an object that are objects. */
export function objectEntries(value: unknown): [string, Json][] {
  return isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, Json] => isObject(entry[1]))
    : [];
}

/** Members of an object that are texts. */
export function textEntries(value: unknown): [string, string][] {
  return isObject(value)
    ? Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    : [];
}

/** Any value as a text for a message or a number; an object can have a member `toString` that is none. */
export function plainText(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
