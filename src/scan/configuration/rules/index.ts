import type { ConfigurationRule } from '../rule.ts';
import { addLocal } from './add-local.ts';
import { allowUnused } from './allow-unused.ts';
import { allowWithoutReason } from './allow-without-reason.ts';
import { apkUnversioned } from './apk-unversioned.ts';
import { aptUnversioned } from './apt-unversioned.ts';
import { baseImageLatest } from './base-image-latest.ts';
import { baseImageNotAllowed } from './base-image-not-allowed.ts';
import { baseImageUnpinned } from './base-image-unpinned.ts';
import { baseImageUntagged } from './base-image-untagged.ts';
import { dnfUnversioned } from './dnf-unversioned.ts';
import { gemUnversioned } from './gem-unversioned.ts';
import { goUnversioned } from './go-unversioned.ts';
import { npmUnversioned } from './npm-unversioned.ts';
import { pipUnversioned } from './pip-unversioned.ts';
import { pipefail } from './pipefail.ts';
import { registryNotAllowed } from './registry-not-allowed.ts';
import { sudo } from './sudo.ts';
import { userMissing } from './user-missing.ts';
import { userRoot } from './user-root.ts';
import { workdirRelative } from './workdir-relative.ts';
import { yumUnversioned } from './yum-unversioned.ts';
import { zypperUnversioned } from './zypper-unversioned.ts';

/** Every rule of the engine. A rule is one file beside this one and one line here. */
export const configurationRules: readonly ConfigurationRule[] = [
  workdirRelative,
  userRoot,
  sudo,
  baseImageUntagged,
  baseImageLatest,
  aptUnversioned,
  pipUnversioned,
  npmUnversioned,
  apkUnversioned,
  addLocal,
  registryNotAllowed,
  gemUnversioned,
  yumUnversioned,
  zypperUnversioned,
  dnfUnversioned,
  goUnversioned,
  pipefail,
  baseImageUnpinned,
  baseImageNotAllowed,
  userMissing,
  allowWithoutReason,
  allowUnused,
];
