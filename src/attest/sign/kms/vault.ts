import { resolve } from 'node:path';
import { isObject, textOf } from '../../../model/json/values.ts';
import type { Context } from '../../../platform/context.ts';
import { givenToken, lacking } from '../../../platform/credentials/token.ts';
import { callService } from './call.ts';
import { type KeyProvider, publicKeyIn, unusable, wrongKey } from './service.ts';

const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_])?$/u;
const MOUNT = /^[A-Za-z0-9_.-]{1,100}(?:\/[A-Za-z0-9_.-]{1,100}){0,8}$/u;
const TYPE = 'ecdsa-p256';
const MAX_PEM = 1024 * 1024;

/**
 * The transit engine of HashiCorp Vault and OpenBao (https://developer.hashicorp.com/vault/api-docs/secret/transit), at
 * VAULT_ADDR, with VAULT_TOKEN or the token that `vault login` left.
 */
export const vaultKms: KeyProvider = {
  scheme: 'hashivault://',
  form: 'hashivault://KEY',
  open: (reference, context) => {
    const name = reference.slice('hashivault://'.length);
    if (!NAME.test(name)) return null;
    const { VAULT_ADDR: address = '', VAULT_NAMESPACE: namespace = '' } = context.env;
    if (!URL.canParse(address)) throw lacking('where Vault is, is not said', 'VAULT_ADDR=https://HOST');
    const mount = context.env.TRANSIT_SECRET_ENGINE_PATH || 'transit';
    if (!MOUNT.test(mount)) throw lacking('TRANSIT_SECRET_ENGINE_PATH is no path', 'such as transit');
    const base = `${address.replace(/\/+$/u, '')}/v1/${mount}`;
    const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
      const { data } = await callService(
        {
          reference,
          method,
          url: `${base}/${path}`,
          headers: {
            'x-vault-token': await tokenIn(context),
            'x-vault-request': 'true',
            ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
          },
          ca: await authorityIn(context),
          ...(body === undefined ? {} : { body }),
        },
        context,
      );
      if (isObject(data)) return data;
      throw unusable(reference, 'an answer without data');
    };
    let version = 0;
    return {
      publicKey: async () => {
        const { type, keys, latest_version: latest } = await call('GET', `keys/${name}`);
        if (type !== TYPE) throw wrongKey(reference, String(type));
        const newest = isObject(keys) && Number.isInteger(latest) ? keys[String(latest)] : null;
        if (!isObject(newest)) throw unusable(reference, 'a key without its newest version');
        version = latest as number;
        return publicKeyIn(reference, textOf(newest.public_key) ?? '');
      },
      sign: async (digest) => {
        const { signature } = await call('POST', `sign/${name}`, {
          input: digest.toString('base64'),
          prehashed: true,
          hash_algorithm: 'sha2-256',
          marshaling_algorithm: 'asn1',
          key_version: version,
        });
        const match = /^vault:v([0-9]{1,9}):([A-Za-z0-9+/]{1,1000}={0,2})$/u.exec(textOf(signature) ?? '');
        if (match === null || Number(match[1]) !== version)
          throw unusable(reference, 'no signature by the version that was asked for');
        return Buffer.from(match[2] ?? '', 'base64');
      },
    };
  },
};

async function tokenIn(context: Context): Promise<string> {
  const { VAULT_TOKEN, HOME } = context.env;
  const from =
    VAULT_TOKEN !== undefined && VAULT_TOKEN !== ''
      ? { variable: 'VAULT_TOKEN' }
      : { file: resolve(HOME ?? '/', '.vault-token') };
  return (await givenToken(from, context)).value;
}

/** Vault is often behind an authority of one's own. */
async function authorityIn({ env, cwd, files }: Context): Promise<string | undefined> {
  if (env.VAULT_CACERT === undefined || env.VAULT_CACERT === '') return undefined;
  return (await files.read(resolve(cwd, env.VAULT_CACERT), MAX_PEM)).toString('utf8');
}
