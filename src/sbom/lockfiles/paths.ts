import { isManifest } from './manifests.ts';
import { lockKinds } from './registry.ts';

/** Whether a file of a tree is read for what it locks, or names what has to be locked. */
export function isLockfile(path: string): boolean {
  if (isInstalled(path)) return false;
  return isManifest(path) || lockKinds.some((kind) => kind.built !== true && kind.wants(path));
}

/** Copies of packages, not sources of this repository. */
export function isInstalled(path: string): boolean {
  return `/${path}`.includes('/node_modules/') || /(?:^|\/)(?:site-packages|\.venv)\//u.test(path);
}
