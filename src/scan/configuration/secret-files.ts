import type { SourceTree } from '../../platform/tree.ts';
import { fileNameOf, folderOf } from './paths.ts';
import { isSecretName, judgeSecretValue, knownToken } from './secrets.ts';
import type { SecretFile } from './tree-facts.ts';

const MAX_READ_FILES = 500;
const MAX_VARIABLES = 1000;
const MAX_READ_BYTES = 256 * 1024;

/** File names that promise a secret, and how to tell from the content whether it holds one. */
const KINDS: readonly { what: string; matches: (name: string, path: string) => boolean; judge: Judge }[] = [
  { what: 'environment file', matches: isEnvironmentFile, judge: environmentSecrets },
  {
    what: 'private key',
    matches: (name) => /^id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:pem|key|p8|pk8)$/u.test(name),
    judge: (text) => (/PRIVATE KEY-----/u.test(text) ? ['private key'] : []),
  },
  {
    what: 'key store',
    matches: (name) => /\.(?:p12|pfx|jks|keystore|kdbx)$/u.test(name),
    judge: () => ['key store'],
  },
  {
    what: 'npm credentials',
    matches: (name) => name === '.npmrc',
    judge: (text) => (/_(?:authToken|auth|password)\s*=\s*[^\s$]/u.test(text) ? ['_authToken'] : []),
  },
  {
    what: 'package index credentials',
    matches: (name) => name === '.pypirc' || name === '.netrc' || name === '_netrc',
    judge: (text) => (/(?:^|\s)password\s*[=:]?\s*\S/mu.test(text) ? ['password'] : []),
  },
  {
    what: 'cloud credentials',
    matches: (name, path) =>
      (name === 'credentials' && /(?:^|\/)\.aws\//u.test(path)) ||
      (name === 'config' && /(?:^|\/)\.kube\//u.test(path)),
    judge: (text) => (/aws_secret_access_key|client-key-data|token:/u.test(text) ? ['credentials'] : []),
  },
  {
    what: 'registry credentials',
    matches: (name, path) =>
      name === '.dockercfg' ||
      name === '.git-credentials' ||
      (name === 'config.json' && /(?:^|\/)\.docker\//u.test(path)),
    judge: (text) => (/"auth"|"identitytoken"|:\/\/[^\s:@/]+:[^\s@/]+@/u.test(text) ? ['credentials'] : []),
  },
];

type Judge = (text: string) => string[];

/** `.env`, `.env.production`, `prod.env`; not the samples that are meant to be shared. */
function isEnvironmentFile(name: string): boolean {
  if (!/^\.env(?:$|[._-])|\.env$/u.test(name)) return false;
  return !/(?:example|sample|template|dist|tpl|defaults?|schema|test|ci)\b/u.test(name);
}

/** What kind of secret a path promises by its name, or null. */
export function secretKind(path: string): string | null {
  const name = fileNameOf(path).toLowerCase();
  return KINDS.find(({ matches }) => matches(name, path))?.what ?? null;
}

/** The variables that an environment file sets, quotes removed; the last one of a name counts. */
function environmentValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/u.exec(line.slice(0, 4096));
    if (match === null || values.size >= MAX_VARIABLES) continue;
    const [, name = '', raw = ''] = match;
    values.set(name, raw.trim().replace(/^(["'])(.*)\1.*$/u, '$2'));
  }
  return values;
}

/** Names of the variables of an environment file whose values are secrets and no placeholders. */
function environmentSecrets(text: string): string[] {
  const names: string[] = [];
  for (const [name, value] of environmentValues(text)) {
    const judged = isSecretName(name) ? judgeSecretValue(value) : null;
    if ((judged !== null && judged.kind !== 'placeholder') || knownToken(value) !== null) names.push(name);
  }
  return names;
}

interface SecretFiles {
  files: SecretFile[];
  /** Values of files called `.env`, by folder. */
  environments: Map<string, Map<string, string>>;
}

/**
 * Reads the files of the tree whose names promise a secret, and those of `environmentFiles`, so that rules about
 * copied files and env files speak of what is there. Files over the limits keep the verdict `unknown`.
 */
export async function readSecretFiles(
  tree: SourceTree,
  excluded: (path: string) => boolean,
  environmentFiles: ReadonlySet<string>,
): Promise<SecretFiles> {
  const found: SecretFiles = { files: [], environments: new Map() };
  for (const { path, kind } of tree.entries) {
    if (kind !== 'file' || excluded(path)) continue;
    const name = fileNameOf(path).toLowerCase();
    const rule = environmentFiles.has(path) ? KINDS[0] : KINDS.find(({ matches }) => matches(name, path));
    if (rule === undefined) continue;
    let verdict: SecretFile['verdict'] = 'unknown';
    let names: string[] = [];
    const bytes =
      found.files.length < MAX_READ_FILES ? await tree.read(path, MAX_READ_BYTES).catch(() => null) : null;
    if (bytes !== null) {
      const text = bytes.toString('latin1');
      names = rule.judge(text);
      verdict = names.length > 0 ? 'secret' : 'harmless';
      if (name === '.env') found.environments.set(folderOf(path), environmentValues(text));
    }
    found.files.push({ path, what: rule.what, verdict, names });
  }
  return found;
}
