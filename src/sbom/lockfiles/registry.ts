import { bun } from './bun.ts';
import { cargo } from './cargo.ts';
import { composer } from './composer.ts';
import type { LockFormat } from './format.ts';
import { gemfile } from './gemfile.ts';
import { githubActions } from './github-actions.ts';
import { goMod } from './go-mod.ts';
import { gradle } from './gradle.ts';
import { gradleCatalog } from './gradle-catalog.ts';
import { dependencyTree } from './maven/dependency-tree.ts';
import { pluginBom } from './maven/plugin-bom.ts';
import { pomFormat } from './maven/pom.ts';
import { mix } from './mix.ts';
import { npm } from './npm.ts';
import { nuget } from './nuget.ts';
import { pdm } from './pdm.ts';
import { pipfile } from './pipfile.ts';
import { pnpm } from './pnpm.ts';
import { poetry } from './poetry.ts';
import { pub } from './pub.ts';
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
  pomFormat,
  dependencyTree,
  pluginBom,
  gradle,
  gradleCatalog,
  goMod,
  cargo,
  gemfile,
  composer,
  nuget,
  pub,
  mix,
  githubActions,
];
