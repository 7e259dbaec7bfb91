import type { LockFormat } from './format.ts';
import { bun } from './bun.ts';
import { npm } from './npm.ts';
import { pnpm } from './pnpm.ts';
import { yarn } from './yarn.ts';

/** Every lockfile format. A new one is a file and a line here. */
export const lockFormats: readonly LockFormat[] = [npm, yarn, pnpm, bun];
