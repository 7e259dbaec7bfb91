import type { Argument, Instruction } from '../dockerfile/model.ts';

const ARCHIVE =
  /\.(?:tar|tar\.(?:bz2?|gz|lz|lzma|xz|zst|z)|tb2|tbz2?|tgz|tlz|tpz|txz|tzst|tz2|gz|bz2|xz|lzma|lz|zst|z)$/iu;

/** The sources of COPY and ADD; heredocs are none. */
export function sources({ args, keyword }: Instruction): Argument[] {
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  return args.slice(0, -1).filter(({ text }) => !text.startsWith('<<'));
}

export function isArchive(text: string): boolean {
  return ARCHIVE.test(text);
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//iu.test(text) && !isGit(text);
}

/** The Git references that ADD takes (docs.docker.com, "Adding a private Git repository"). */
export function isGit(text: string): boolean {
  return (
    /^(?:git@|git:\/\/|ssh:\/\/|git\+)/iu.test(text) ||
    /^https?:\/\/[^?#]*\.git(?:[?#].*)?$/iu.test(text) ||
    /^(?:github|gitlab)\.com\//iu.test(text)
  );
}

/** Whether the sources take in the whole build context. */
export function copiesContext(instruction: Instruction): boolean {
  if (instruction.flags.some(({ name }) => name === 'from')) return false;
  return sources(instruction).some(({ expanded }) =>
    /^(?:\.?\/?|\.\/\*|\*|\/\*)$/u.test(expanded.value.trim()),
  );
}
