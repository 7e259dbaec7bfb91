import type { IgnoreFile } from './dockerignore.ts';

/** What rules may know of the tree around a file, without reading it themselves. */
export interface TreeFacts {
  /** Whether a file of this path is in the tree. */
  hasFile(path: string): boolean;
  /** Whether any file lies in this folder ('' is the root). */
  hasFolder(path: string): boolean;
  /** Files whose name promises a secret, and whether their content holds one. */
  secretFiles: readonly SecretFile[];
  /** What the `.env` file of a folder sets, which compose puts into its files by itself; null where there is none. */
  environment(folder: string): ReadonlyMap<string, string> | null;
  /** The ignore file at this path, read. */
  ignoreFile(path: string): IgnoreFile | null;
}

export interface SecretFile {
  path: string;
  /** What kind it is, for a message: `private key`. */
  what: string;
  /** `unknown` where the file was too large or too many to be read. */
  verdict: 'secret' | 'harmless' | 'unknown';
  /** Names of the variables or keys that hold secrets. */
  names: string[];
}
