import type { Component } from '../../model/component.ts';
import type { Problem } from '../../model/error.ts';
import type { Place } from '../../model/location.ts';

/** The rules that reading a lockfile can break (rules.ts has their texts). */
export type LockRuleId =
  | 'lockfile-missing'
  | 'lockfile-without-integrity'
  | 'lock-entry-without-integrity'
  | 'lock-entry-foreign-host'
  | 'lock-entry-unresolved'
  | 'action-not-pinned';

/** A fact about one place in a manifest or lockfile that a policy can judge. */
export interface LockFinding {
  rule: LockRuleId;
  message: string;
  place: Place;
  /** What identifies it in its file beside the line: mostly the purl. */
  context: string;
  component?: string | undefined;
}

/** What one file, or all files together, lock. */
export interface Locked {
  components: Component[];
  /** As in Bom: a ref without an entry has unknown dependencies. */
  edges: Record<string, string[]>;
  /** Refs of the services that the file is about. */
  roots: string[];
  /** What could not be understood; the rest was read. The look is then incomplete. */
  problems: Problem[];
  findings: LockFinding[];
  /** Which versions one ref asks of another, in the ecosystem's own notation, where the file keeps that. */
  asked?: Asked | undefined;
}

/** From a ref to those it needs to the range that it asks for. */
export type Asked = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** One file of the tree, and a way to its neighbours. */
export interface LockSource {
  /** Relative to the root of the tree, `/` between its parts. */
  path: string;
  bytes: Uint8Array;
  /** Whether the tree holds a file of this path. */
  exists(path: string): boolean;
  /** Paths of all files in the tree, sorted. */
  paths(): readonly string[];
  /** Another file's bytes. Throws SallyportErrors as SourceTree.read does. */
  read(path: string): Promise<Uint8Array>;
  /** What a format works out once for the whole tree, by its name. Lives as long as the walk. */
  shared: Map<string, unknown>;
}

/** One lockfile format. */
export interface LockFormat {
  /** As it stands in `Component.origin`: `package-lock.json`, `go.mod`. */
  name: string;
  /** For the reference: what it is, whose, which versions. */
  summary: string;
  /** Reads the file. Throws nothing but SallyportErrors (SP-LOCK-*, SP-JSON-*, SP-FILE-*). */
  read(source: LockSource): Promise<Locked>;
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of a path: empty for the root, else without a trailing `/`. */
export function folderName(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** Resolves a relative path from a folder of the tree. Null where it leads outside or is no relative path. */
export function within(folder: string, relative: string): string | null {
  if (relative.startsWith('/') || relative.includes('\\') || relative.includes('\0')) return null;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}
