import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const FAR = '2099-01-01T00:00:00Z';

/** OLPC's canonical form, for values as they stand here. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

/** A key of a repository, and how its metadata names it. */
export class Key {
  readonly #private: KeyObject;
  readonly published: object;
  readonly id: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#private = privateKey;
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
    this.published = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
    this.id = sha256(canonical(this.published));
  }

  sign(signed: object): { keyid: string; sig: string } {
    return { keyid: this.id, sig: sign(null, Buffer.from(canonical(signed)), this.#private).toString('hex') };
  }
}

function metadata(signed: object, ...keys: Key[]): string {
  return JSON.stringify({ signatures: keys.map((key) => key.sign(signed)), signed });
}

/** A root that gives every role to `key`, signed by it and by those before it. */
export function rootOf(version: number, key: Key, ...before: Key[]): string {
  const role = { keyids: [key.id], threshold: 1 };
  const signed = {
    _type: 'root',
    spec_version: '1.0.31',
    consistent_snapshot: true,
    version,
    expires: FAR,
    keys: { [key.id]: key.published },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  };
  return metadata(signed, key, ...before);
}

/** The files of a repository that offers `target`, by their path. */
export function repository(
  key: Key,
  target: string,
  expires = FAR,
  name = 'trusted_root.json',
): Map<string, string> {
  const common = { spec_version: '1.0.31', version: 1, expires };
  const targets = metadata(
    {
      ...common,
      _type: 'targets',
      targets: { [name]: { length: target.length, hashes: { sha256: sha256(target) } } },
    },
    key,
  );
  const snapshot = metadata({ ...common, _type: 'snapshot', meta: { 'targets.json': { version: 1 } } }, key);
  const timestamp = metadata(
    { ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } },
    key,
  );
  return new Map([
    ['timestamp.json', timestamp],
    ['1.snapshot.json', snapshot],
    ['1.targets.json', targets],
    [`targets/${sha256(target)}.${name}`, target],
  ]);
}
