import { bun } from './bun.ts';
import type { LockFormat } from './format.ts';
import { npm } from './npm.ts';
import { pdm } from './pdm.ts';
import { pipfile } from './pipfile.ts';
import { pnpm } from './pnpm.ts';
import { poetry } from './poetry.ts';
import { requirements } from './requirements.ts';
import { uv } from './uv.ts';
import { yarn } from './yarn.ts';

/** Every lockfile format. A new one is a file and a line here. */
export const lockFormats: readonly LockFormat[] = [
  npm,
  yarn,
  pnpm,
  bun,
  requirements,
  poetry,
  uv,
  pipfile,
  pdm,
];
