import type { ConfigurationRule } from '../rule.ts';
import { baseImageLatest } from './base-image-latest.ts';
import { baseImageNotAllowed } from './base-image-not-allowed.ts';
import { baseImageUnpinned } from './base-image-unpinned.ts';
import { baseImageUntagged } from './base-image-untagged.ts';
import { registryNotAllowed } from './registry-not-allowed.ts';
import { userMissing } from './user-missing.ts';
import { userRoot } from './user-root.ts';

/** Every rule of the engine. A rule is one file beside this one and one line here. */
export const configurationRules: readonly ConfigurationRule[] = [
  userRoot,
  baseImageUntagged,
  baseImageLatest,
  registryNotAllowed,
  baseImageUnpinned,
  baseImageNotAllowed,
  userMissing,
];
