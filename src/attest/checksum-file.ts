import { resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Subject } from '../model/subject.ts';
import type { Context } from '../platform/context.ts';
import { MAX_CHECKSUMS, readChecksums } from './checksums.ts';
import { besideStore } from './store/files.ts';
import type { Written } from './store/store.ts';
import { storeOf } from './subject.ts';
import { type Artifact, artifactOf } from './verify/artifact.ts';

/** A checksum file, and what stands in it as the subjects of one statement. */
export interface ChecksumFile {
  /** As it was typed. */
  text: string;
  /** The checksum file itself. */
  artifact: Artifact;
  /** In the order of the file; at least one. */
  subjects: Subject[];
  /** Keeps bundles about all of them; tells under which digest each lies where. */
  keep(bundles: readonly Written[]): Promise<{ digest: string; place: string }[]>;
}

/**
 * Opens a checksum file. Bundles are kept beside it; with a folder, under the digest of every subject, so that `verify`
 * finds them for each; GitHub sorts them by their subjects itself. Throws SP-CHECKSUMS-*, SP-FILE-*, SP-USAGE.
 */
export async function openChecksums(
  text: string,
  other: string | null,
  context: Context,
): Promise<ChecksumFile> {
  const path = resolve(context.cwd, text);
  const bytes = await context.files.read(path, MAX_CHECKSUMS);
  const artifact = artifactOf(text, bytes);
  const subjects = readChecksums(bytes, text);
  const own = `sha256:${artifact.digests.sha256}`;
  const byDigest = other !== null && !other.startsWith('github:');
  const digests = byDigest ? digestsOf(subjects, text) : [own];
  const store = other === null ? besideStore(path, context.files) : await storeOf(other, context);
  return {
    text,
    artifact,
    subjects,
    keep: async (bundles) => {
      const kept: { digest: string; place: string }[] = [];
      for (const digest of digests)
        for (const place of await store.add(digest, bundles)) kept.push({ digest, place });
      return kept;
    },
  };
}

/** What a folder keeps bundles by. Throws SP-CHECKSUMS-ALGORITHM: by another digest nobody would look for them. */
function digestsOf(subjects: readonly Subject[], path: string): string[] {
  const without = subjects.find(({ digest }) => digest.sha256 === undefined);
  if (without === undefined) return [...new Set(subjects.map(({ digest }) => `sha256:${digest.sha256}`))];
  throw new SallyportError({
    code: 'SP-CHECKSUMS-ALGORITHM',
    message: `the folder of --store keeps bundles by SHA-256, which is not known of ${JSON.stringify(without.name)}`,
    place: { path },
    expected: 'a file that sha256sum wrote',
    found: Object.keys(without.digest).join(', '),
    next: 'leave --store out: the bundle then lies beside the checksum file',
  });
}
