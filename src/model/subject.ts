/** in-toto DigestSet: algorithm (`sha256`, `gitCommit`, `gitTree`, `dirHash`) to lower-case hex or `h1:` text. */
export type DigestSet = Record<string, string>;

/** What evidence and decisions speak of: an in-toto ResourceDescriptor with at least one digest. */
export interface Subject {
  name: string;
  digest: DigestSet;
  uri?: string | undefined;
}
