/** The name and version in a key of `packages`: `/a/1.0.0_peer@1` (5), `/a@1.0.0(peer@1)` (6), `a@1.0.0` (9). */
export function nameAndVersion(key: string, major: number): { name: string; version: string } | null {
  const open = key.indexOf('(');
  const plain = open === -1 ? key : key.slice(0, open);
  if (major < 6) {
    // Entries that are not from a registry begin with a host; their name stands in a field.
    if (!plain.startsWith('/')) return null;
    const parts = plain.slice(1).split('/');
    const scoped = parts[0]?.startsWith('@') === true;
    const name = parts.slice(0, scoped ? 2 : 1).join('/');
    const [version = ''] = (parts[scoped ? 2 : 1] ?? '').split('_', 1);
    return name === '' || version === '' ? null : { name, version };
  }
  const text = plain.startsWith('/') ? plain.slice(1) : plain;
  const at = text.indexOf('@', 1);
  return at === -1 || at === text.length - 1
    ? null
    : { name: text.slice(0, at), version: text.slice(at + 1) };
}

/** The keys that a reference `name: version` can mean, in order. An alias holds the whole key as its version. */
export function targetKeys(name: string, version: string, major: number): string[] {
  const open = version.indexOf('(');
  const plain = open === -1 ? version : version.slice(0, open);
  const keys = (one: string): string[] =>
    major < 6 ? [`/${name}/${one}`, one] : major < 9 ? [`/${name}@${one}`, one] : [`${name}@${one}`, one];
  return open === -1 ? keys(version) : [...keys(version), ...keys(plain)];
}
