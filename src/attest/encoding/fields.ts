import { isObject, type Json } from '../../model/json/values.ts';

/** Where in a document something is wrong, and how; the reader of each format gives it a code. */
export class FieldError extends Error {
  readonly path: string;
  readonly expected: string;
  readonly found: string;

  constructor(path: string, expected: string, found: string) {
    super(`${path}: expected ${expected}, found ${found}`);
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/u;
const INTEGER = /^(?:0|[1-9][0-9]{0,15})$/u;

/**
 * The members of an object in protobuf's JSON form, taken one by one. `end` refuses those that nobody took, so that
 * nothing is carried along unread. Members that are null count as absent (ProtoJSON).
 */
export class Fields {
  readonly path: string;
  readonly #object: Json;
  readonly #left: Set<string>;

  constructor(value: unknown, path: string) {
    if (!isObject(value)) throw new FieldError(path, 'an object', kindOf(value));
    this.path = path;
    this.#object = value;
    this.#left = new Set(Object.keys(value).filter((name) => value[name] !== null));
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name) && this.#object[name] !== null;
  }

  take(name: string): unknown {
    this.#left.delete(name);
    return this.has(name) ? this.#object[name] : undefined;
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  text(name: string, max: number): string {
    const value = this.take(name);
    if (typeof value !== 'string' || value === '') throw new FieldError(this.at(name), 'text', kindOf(value));
    if (value.length > max)
      throw new FieldError(this.at(name), `at most ${max} characters`, `${value.length}`);
    return value;
  }

  optionalText(name: string, max: number): string | null {
    if (this.has(name) && this.#object[name] !== '') return this.text(name, max);
    this.take(name);
    return null;
  }

  /** Standard base64 in its one canonical spelling. */
  bytes(name: string, max: number): Buffer {
    return decodeBase64(this.text(name, Math.ceil(max / 3) * 4 + 4), this.at(name), max);
  }

  optionalBytes(name: string, max: number): Buffer | null {
    if (this.has(name) && this.#object[name] !== '') return this.bytes(name, max);
    this.take(name);
    return null;
  }

  /** An int64 of ProtoJSON, a number or its decimal text, within what a JavaScript number holds exactly. */
  integer(name: string): number {
    const value = this.take(name);
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !INTEGER.test(text) || !Number.isSafeInteger(Number(text)))
      throw new FieldError(this.at(name), 'a whole number, not negative', kindOf(value));
    return Number(text);
  }

  object(name: string): Fields {
    return new Fields(this.take(name), this.at(name));
  }

  optionalObject(name: string): Fields | null {
    return this.has(name) ? this.object(name) : null;
  }

  /** The elements of an array; none where it is absent. */
  list(name: string, max: number): unknown[] {
    const value = this.take(name) ?? [];
    if (!Array.isArray(value)) throw new FieldError(this.at(name), 'an array', kindOf(value));
    if (value.length > max)
      throw new FieldError(this.at(name), `at most ${max} entries`, `${value.length} entries`);
    return value;
  }

  objects(name: string, max: number): Fields[] {
    return this.list(name, max).map((entry, index) => new Fields(entry, `${this.at(name)}[${index}]`));
  }

  end(): void {
    const [unknown] = this.#left;
    if (unknown !== undefined)
      throw new FieldError(this.at(unknown.slice(0, 100)), 'no such member', 'a member that is not known');
  }
}

function decodeBase64(text: string, path: string, max: number): Buffer {
  if (!BASE64.test(text)) throw new FieldError(path, 'base64', 'other characters');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text)
    throw new FieldError(path, 'base64 with its padding', 'another spelling');
  if (bytes.length > max) throw new FieldError(path, `at most ${max} bytes`, `${bytes.length} bytes`);
  return bytes;
}

export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value === '') return 'empty text';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'object') return 'an object';
  return String(value);
}
