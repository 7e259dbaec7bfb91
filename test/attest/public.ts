import { createRequire } from 'node:module';

/** The issuer of GitHub's runners. */
export const PUBLIC_ISSUER = 'https://token.actions.githubusercontent.com';

/** The trusted root of the public instance, as the client for its repository (TUF) is shipped with it. */
export function publicRoot(): string {
  const seeds = createRequire(import.meta.url)('@sigstore/tuf/seeds.json') as Record<
    string,
    { targets: Record<string, string> }
  >;
  const text = seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? '';
  return Buffer.from(text, 'base64').toString('utf8');
}
