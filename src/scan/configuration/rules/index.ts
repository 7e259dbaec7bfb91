import type { ConfigurationRule } from '../rule.ts';
import { addGit } from './add-git.ts';
import { addLocal } from './add-local.ts';
import { addUrl } from './add-url.ts';
import { allowUnused } from './allow-unused.ts';
import { allowWithoutReason } from './allow-without-reason.ts';
import { apkUnversioned } from './apk-unversioned.ts';
import { aptUnversioned } from './apt-unversioned.ts';
import { baseImageLatest } from './base-image-latest.ts';
import { baseImageNotAllowed } from './base-image-not-allowed.ts';
import { baseImageUnpinned } from './base-image-unpinned.ts';
import { baseImageUntagged } from './base-image-untagged.ts';
import { dnfUnversioned } from './dnf-unversioned.ts';
import { dockerignoreMissing } from './dockerignore-missing.ts';
import { downloadRun } from './download-run.ts';
import { gemUnversioned } from './gem-unversioned.ts';
import { goUnversioned } from './go-unversioned.ts';
import { healthcheckMissing } from './healthcheck-missing.ts';
import { npmUnversioned } from './npm-unversioned.ts';
import { pipUnversioned } from './pip-unversioned.ts';
import { pipefail } from './pipefail.ts';
import { registryNotAllowed } from './registry-not-allowed.ts';
import { secretFileCopied } from './secret-file-copied.ts';
import { secretInEnv } from './secret-in-env.ts';
import { secretInLabel } from './secret-in-label.ts';
import { secretInRun } from './secret-in-run.ts';
import { secretsInContext } from './secrets-in-context.ts';
import { setuid } from './setuid.ts';
import { signatureOff } from './signature-off.ts';
import { sshPort } from './ssh-port.ts';
import { sudo } from './sudo.ts';
import { tlsOff } from './tls-off.ts';
import { userMissing } from './user-missing.ts';
import { userRoot } from './user-root.ts';
import { workdirRelative } from './workdir-relative.ts';
import { worldWritable } from './world-writable.ts';
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
  secretInEnv,
  pipefail,
  baseImageUnpinned,
  baseImageNotAllowed,
  userMissing,
  addUrl,
  addGit,
  secretInLabel,
  secretInRun,
  secretFileCopied,
  secretsInContext,
  dockerignoreMissing,
  downloadRun,
  tlsOff,
  signatureOff,
  worldWritable,
  setuid,
  healthcheckMissing,
  sshPort,
  allowWithoutReason,
  allowUnused,
];
