/** Whether a key is named that stays in a service (`SCHEME://…`), and not a file. */
export function isServiceKey(key: string): boolean {
  return /^[a-z][a-z0-9]*:\/\//u.test(key);
}
