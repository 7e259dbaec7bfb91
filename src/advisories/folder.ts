import { join } from 'node:path';

/**
 * Where the advisory database lies when nobody says otherwise: the user's cache folder
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function advisoriesFolder(env: Readonly<Record<string, string | undefined>>): string {
  const cache = env.XDG_CACHE_HOME;
  // By the specification a relative path there is to be ignored.
  const base = cache?.startsWith('/') === true ? cache : join(env.HOME ?? env.USERPROFILE ?? '/', '.cache');
  return join(base, 'sallyport', 'advisories');
}
