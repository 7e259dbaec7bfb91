import { addValue, type Batch, eachLine, valuesIn } from '../json/batches.ts';
import { decode } from '../json/scan.ts';
import { isObject } from '../json/values.ts';

/** A document, its long lists apart from the rest. */
export interface SplitDocument {
  /** The document; in one that was split its lists are there and empty. */
  frame: unknown;
  components: Iterable<unknown>;
  dependencies: Iterable<unknown>;
}

const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** One that was read as a whole. */
export function unsplit(value: unknown): SplitDocument {
  const { components, dependencies } = isObject(value) ? value : {};
  return {
    frame: value,
    components: Array.isArray(components) ? components : [],
    dependencies: Array.isArray(dependencies) ? dependencies : [],
  };
}

/**
 * One that `writeCycloneDx` has just written, byte for byte as it wrote it: by its lines, and a part of each list in
 * memory at a time. JSON has no bare line ends inside of texts, so each of them is the writer's. After the first line,
 * those that open an object are the components, then the dependencies; the last of a list also ends it.
 */
export function splitWritten(bytes: Uint8Array, path: string): SplitDocument {
  const frame: string[] = [];
  const lists: Batch[][] = [[]];
  eachLine(bytes, (start, next) => {
    if (start === 0 || bytes[start] !== OPEN_OBJECT) {
      const line = decode(bytes, start, next, path);
      if (line.startsWith('"dependencies":[')) lists.push([]);
      frame.push(line);
      return;
    }
    const isLast = bytes[next - 2] !== COMMA || bytes[next - 3] !== CLOSE_OBJECT;
    const end = isLast ? next - 3 : next - 2;
    addValue(lists.at(-1) ?? [], start, end);
    if (isLast) frame.push(decode(bytes, end, next, path));
  });
  const [components = [], dependencies = []] = lists;
  return {
    frame: JSON.parse(frame.join('')),
    components: valuesIn(bytes, components, path),
    dependencies: valuesIn(bytes, dependencies, path),
  };
}
