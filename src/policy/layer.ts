import type { Place } from '../model/location.ts';
import type { KeyPath } from '../model/yaml.ts';
import type { PolicyFile } from './schema.ts';

export const MAX_POLICY_BYTES = 1024 * 1024;

/** One policy file as it was read, able to say where each of its parts stands. */
export interface Layer {
  name: string;
  uri: string;
  sha256: string;
  file: PolicyFile;
  /** A pack that comes with this program: what it leaves unset is open. */
  builtIn: boolean;
  place(path: KeyPath): Place;
}

/** A policy file that comes with this program: read and checked when it was built, not again in every run. */
export interface Pack {
  /** Of the file's text, hex. */
  sha256: string;
  file: PolicyFile;
  /** `pathKey` of each of its parts to line and column. */
  places: Readonly<Record<string, readonly [line: number, column: number]>>;
}

export function packAsLayer(name: string, { sha256, file, places }: Pack): Layer {
  const uri = `action-policies/${name}.yml`;
  const place = (path: KeyPath): Place => {
    for (let length = path.length; length > 0; length -= 1) {
      const key = pathKey(path.slice(0, length));
      const found = Object.hasOwn(places, key) ? places[key] : undefined;
      if (found !== undefined) return { path: uri, line: found[0], column: found[1] };
    }
    return { path: uri, line: 1, column: 1 };
  };
  return { name, uri, sha256, file, builtIn: true, place };
}

/** A path as one text; a JSON pointer (RFC 6901). */
export function pathKey(path: KeyPath): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
