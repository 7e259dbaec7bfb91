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
import { capabilities } from './capabilities.ts';
import { confinementOff } from './confinement-off.ts';
import { devices } from './devices.ts';
import { dnfUnversioned } from './dnf-unversioned.ts';
import { dockerSocket } from './docker-socket.ts';
import { dockerignoreMissing } from './dockerignore-missing.ts';
import { downloadRun } from './download-run.ts';
import { envFileSecrets } from './env-file-secrets.ts';
import { gemUnversioned } from './gem-unversioned.ts';
import { goUnversioned } from './go-unversioned.ts';
import { healthcheckMissing } from './healthcheck-missing.ts';
import { hostNamespace } from './host-namespace.ts';
import { hostPath } from './host-path.ts';
import { newPrivileges } from './new-privileges.ts';
import { npmUnversioned } from './npm-unversioned.ts';
import { pipUnversioned } from './pip-unversioned.ts';
import { pipefail } from './pipefail.ts';
import { privileged } from './privileged.ts';
import { publishedPort } from './published-port.ts';
import { readOnlyMissing } from './read-only-missing.ts';
import { registryNotAllowed } from './registry-not-allowed.ts';
import { secretFileCopied } from './secret-file-copied.ts';
import { secretInEnv } from './secret-in-env.ts';
import { secretInEnvironment } from './secret-in-environment.ts';
import { secretInLabel } from './secret-in-label.ts';
import { secretInRun } from './secret-in-run.ts';
import { secretInServiceCommand } from './secret-in-service-command.ts';
import { secretsInContext } from './secrets-in-context.ts';
import { serviceImageLatest } from './service-image-latest.ts';
import { serviceImageUnpinned } from './service-image-unpinned.ts';
import { serviceImageUntagged } from './service-image-untagged.ts';
import { serviceRegistryNotAllowed } from './service-registry-not-allowed.ts';
import { serviceUserRoot } from './service-user-root.ts';
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

/** Every rule of the engine, by id. A rule is one file beside this one and one line here. */
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
  serviceImageUntagged,
  serviceImageLatest,
  serviceImageUnpinned,
  serviceRegistryNotAllowed,
  privileged,
  dockerSocket,
  hostPath,
  hostNamespace,
  capabilities,
  confinementOff,
  serviceUserRoot,
  secretInEnvironment,
  envFileSecrets,
  publishedPort,
  devices,
  newPrivileges,
  readOnlyMissing,
  secretInServiceCommand,
  allowWithoutReason,
  allowUnused,
];
