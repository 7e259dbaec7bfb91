/** The folder of a path of the tree; '' for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * `relative` as seen from `folder`, normalised, as a path of the tree ('' is the root); null where it leads out of
 * the tree, is absolute, or is no path at all (a URL, a variable).
 */
export function resolveInTree(folder: string, relative: string): string | null {
  if (
    relative.startsWith('/') ||
    relative.startsWith('~') ||
    relative.includes('://') ||
    relative.includes('$')
  )
    return null;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of relative.replaceAll('\\', '/').split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}

/** Whether a path lies in a folder of the tree. */
export function isInside(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
