import { type Dockerfile, type Instruction, lineage, type Stage } from './dockerfile/model.ts';
import { type ImageReference, imageMatches, imageName } from './image.ts';
import { type ImageUser, knownImages } from './known-images.ts';

const MAX_REMEMBERED = 5000;
/** Answers of the table by name and tag: repositories build many images on few. */
const remembered = new Map<string, ImageUser | null>();

/** What is known of the user that a base image runs as by itself. */
export function userOfImage(image: ImageReference, nonRoot: readonly string[]): ImageUser | null {
  if (nonRoot.some((pattern) => imageMatches(image, pattern))) return 'not-root';
  if (
    image.tag !== null &&
    /(?:^|[-_.])(?:nonroot|non-root|rootless|unprivileged)(?:[-_.]|$)/u.test(image.tag)
  )
    return 'not-root';
  const name = `${imageName(image)}:${image.tag ?? ''}`;
  let user = remembered.get(name);
  if (user === undefined) {
    user = knownImages.find(([pattern]) => imageMatches(image, pattern))?.[1] ?? null;
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, user);
  }
  return user;
}

/** The USER that counts for a stage: the last one in it or in the stages that it continues. */
export function lastUser(stage: Stage): { instruction: Instruction; user: string; unknown: boolean } | null {
  for (const { instructions } of lineage(stage)) {
    const instruction = instructions.findLast(({ keyword, onbuild }) => keyword === 'USER' && !onbuild);
    const arg = instruction?.args[0];
    if (instruction === undefined || arg === undefined) continue;
    return { instruction, user: arg.expanded.value, unknown: arg.expanded.unknown.length > 0 };
  }
  return null;
}

/** `root`, `0`, either with any group. A Windows administrator too. */
export function isRootUser(user: string): boolean {
  const name = (user.split(':', 1)[0] ?? '').replace(/^["']|["']$/gu, '');
  return name.toLowerCase() === 'root' || /^0+$/u.test(name) || /^containeradministrator$/iu.test(name);
}

const STEP_DOWN = new Set([
  'gosu',
  'su-exec',
  'setpriv',
  's6-setuidgid',
  'chpst',
  'runuser',
  'setuidgid',
  'dumb-init-user',
]);

/**
 * Whether an image that starts as root is made to give the rights up at start: the entry point names such a program
 * (`exec`), or the image installs one (`installed`), which is what it is there for.
 */
export function stepsDown(stage: Stage): 'exec' | 'installed' | null {
  for (const { instructions } of lineage(stage)) {
    for (const { keyword, args } of instructions) {
      if (keyword !== 'ENTRYPOINT' && keyword !== 'CMD') continue;
      if (args.some(({ text }) => STEP_DOWN.has(text.slice(text.lastIndexOf('/') + 1)))) return 'exec';
    }
  }
  for (const { instructions } of lineage(stage)) {
    for (const { keyword, script, args } of instructions) {
      if (keyword === 'COPY' || keyword === 'ADD') {
        if (args.some(({ text }) => /(?:^|\/)(?:gosu|su-exec)(?:[-_.][\w.-]*)?$/u.test(text)))
          return 'installed';
      }
      for (const { words } of script?.script.commands ?? [])
        if (words.some(({ text }) => /(?:^|\/)(?:gosu|su-exec)(?:[-_=@.].*)?$/u.test(text)))
          return 'installed';
    }
  }
  return null;
}

/** Whether anything is started from this image: an image of files only (FROM scratch, no command) runs as nobody. */
export function startsSomething(stage: Stage): boolean {
  const stages = lineage(stage);
  if (stages.at(-1)?.base.kind !== 'scratch') return true;
  return stages.some(({ instructions }) =>
    instructions.some(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT'),
  );
}

/** The last stage of a file and those whose names are given. */
export function shippedStages(file: Dockerfile, targets: ReadonlySet<string>): Stage[] {
  const last = file.stages.at(-1);
  return file.stages.filter(
    (stage) =>
      stage === last || (stage.name !== null && targets.has(stage.name)) || targets.has(String(stage.index)),
  );
}
