/** Every way in which one field of a bundle can be damaged, made from a good bundle and a second one to swap with. */
export interface Mutation {
  /** The member, with array places as `[]`. */
  path: string;
  how: string;
  text: string;
}

type Step = string | number;

/** `stride`: of the bytes inside encoded members, one in so many is flipped. */
export function* mutationsOf(good: string, other: string, stride: number): Generator<Mutation> {
  const [bundle, donor] = [JSON.parse(good) as unknown, JSON.parse(other) as unknown];
  for (const steps of pathsIn(bundle)) {
    const path = nameOf(steps);
    const value = at(bundle, steps);
    const make = (how: string, change: (copy: unknown) => unknown): Mutation => ({
      path,
      how,
      text: JSON.stringify(change(structuredClone(bundle))),
    });
    const set = (how: string, replacement: unknown) => make(how, (copy) => put(copy, steps, replacement));
    if (steps.length > 0) {
      yield make('dropped', (copy) => drop(copy, steps));
      yield set('null', null);
      yield set('another type', typeof value === 'string' ? 7 : 'text');
      const swapped = at(donor, steps);
      if (swapped !== undefined && JSON.stringify(swapped) !== JSON.stringify(value))
        yield set('swapped for the other’s', swapped);
    }
    if (Array.isArray(value)) {
      yield set('emptied', []);
      yield set('first one twice', [value[0], ...value]);
      yield set('in reverse and twice', [...value, ...value].reverse());
    } else if (typeof value === 'object' && value !== null) {
      yield set('emptied', {});
      yield set('with an unknown member', { ...value, 'x-unknown': 'x' });
      yield* doubled(bundle, steps, path);
    } else if (typeof value === 'string') {
      yield set('empty', '');
      yield set('longer', `${value}A`);
      yield set('shorter', value.slice(0, -1));
      if (/^\d+$/u.test(value)) {
        for (const number of [Number(value) + 1, Math.max(0, Number(value) - 1), -1, 2 ** 60, 1e21])
          yield set(`as ${number}`, String(number));
      }
      yield* flips(value, stride, set);
    }
  }
}

/** The same member twice, the second time with another value: readers differ in which they believe. */
function* doubled(bundle: unknown, steps: Step[], path: string): Generator<Mutation> {
  const marker = '"@@twice@@":0';
  const value = at(bundle, steps) as Record<string, unknown>;
  for (const [name, own] of Object.entries(value)) {
    const marked = put(structuredClone(bundle), steps, { ...value, '@@twice@@': 0 });
    const second = typeof own === 'string' ? `${own.slice(1)}A` : null;
    yield {
      path: path === '' ? name : `${path}.${name}`,
      how: 'twice',
      text: JSON.stringify(marked).replace(marker, `${JSON.stringify(name)}:${JSON.stringify(second)}`),
    };
  }
}

const BASE64 = /^[A-Za-z0-9+/]{16,}={0,2}$/u;

/** One bit of one byte, in what the text encodes where it encodes something; in its characters otherwise. */
function* flips(
  value: string,
  stride: number,
  set: (how: string, replacement: unknown) => Mutation,
): Generator<Mutation> {
  const encoded = BASE64.test(value);
  const bytes = Buffer.from(value, encoded ? 'base64' : 'utf8');
  for (let index = 0; index < bytes.length; index += encoded ? stride : 1) {
    const copy = Buffer.from(bytes);
    copy[index] = (copy[index] ?? 0) ^ (1 << (index % 7));
    yield set(`byte ${index} flipped`, copy.toString(encoded ? 'base64' : 'utf8'));
  }
}

function* pathsIn(value: unknown, steps: Step[] = []): Generator<Step[]> {
  yield steps;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value))
    yield* pathsIn(inner, [...steps, Array.isArray(value) ? Number(name) : name]);
}

function nameOf(steps: readonly Step[]): string {
  return steps
    .map((step) => (typeof step === 'number' ? '[]' : `.${step}`))
    .join('')
    .replace(/^\./u, '');
}

function at(value: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((inner, step) => (inner as Record<Step, unknown> | undefined)?.[step], value);
}

function put(value: unknown, steps: readonly Step[], replacement: unknown): unknown {
  if (steps.length === 0) return replacement;
  const holder = at(value, steps.slice(0, -1)) as Record<Step, unknown>;
  holder[steps.at(-1) as Step] = replacement;
  return value;
}

function drop(value: unknown, steps: readonly Step[]): unknown {
  const holder = at(value, steps.slice(0, -1));
  const last = steps.at(-1) as Step;
  if (Array.isArray(holder)) holder.splice(last as number, 1);
  else delete (holder as Record<Step, unknown>)[last];
  return value;
}
