import { isObject, stringsOf, textOf } from '../../../model/json/values.ts';
import { azureClouds, azureToken } from '../../../platform/credentials/azure.ts';
import { Renewing } from '../../../platform/credentials/renewing.ts';
import { callService } from './call.ts';
import { type KeyProvider, publicKeyIn, unusable, wrongKey } from './service.ts';

const VERSION = '7.4';
const FORM = /^([A-Za-z0-9.-]{1,255})\/([A-Za-z0-9-]{1,127})(?:\/([A-Za-z0-9]{1,64}))?$/u;

/**
 * Azure Key Vault and Managed HSM (https://learn.microsoft.com/rest/api/keyvault/keys). The token is asked for the cloud
 * that the vault is in, and goes to hosts of that cloud alone.
 */
export const azureKms: KeyProvider = {
  scheme: 'azurekms://',
  form: 'azurekms://VAULT.vault.azure.net/KEY[/VERSION]',
  open: (reference, context) => {
    const match = FORM.exec(reference.slice('azurekms://'.length));
    const [, host = '', name = '', asked] = match ?? [];
    const cloud = azureClouds.find(({ vaults }) => vaults.some((domain) => host.endsWith(`.${domain}`)));
    if (match === null || cloud === undefined) return null;
    const domain = cloud.vaults.find((one) => host.endsWith(`.${one}`)) ?? '';
    const now = () => context.clock.now().getTime();
    const scope = `https://${domain}/.default`;
    const token = new Renewing('the token of Azure', () => azureToken(scope, cloud.authority, context), now);
    const call = async (method: 'GET' | 'POST', path: string, body?: object) =>
      await callService(
        {
          reference,
          method,
          url: `https://${host}/keys/${path}?api-version=${VERSION}`,
          headers: { authorization: `Bearer ${await token.get()}` },
          ...(body === undefined ? {} : { body }),
        },
        context,
      );
    let version = asked ?? '';
    return {
      publicKey: async () => {
        const { key } = await call('GET', version === '' ? name : `${name}/${version}`);
        if (!isObject(key)) throw unusable(reference, 'an answer without a key');
        const { kty, crv, x, y } = key;
        const operations = stringsOf(key.key_ops);
        if ((kty !== 'EC' && kty !== 'EC-HSM') || crv !== 'P-256' || !operations.includes('sign'))
          throw wrongKey(reference, `${String(kty)} ${String(crv ?? '')} for ${operations.join(', ')}`);
        version = /\/keys\/[^/]+\/([A-Za-z0-9]{1,64})$/u.exec(textOf(key.kid) ?? '')?.[1] ?? '';
        if (version === '' || (asked !== undefined && version !== asked))
          throw unusable(reference, `the version ${version || '(none)'} of the key`);
        const jwk = { kty: 'EC', crv: 'P-256', x: String(x), y: String(y) };
        return publicKeyIn(reference, { key: jwk, format: 'jwk' });
      },
      sign: async (digest) => {
        const answer = await call('POST', `${name}/${version}/sign`, {
          alg: 'ES256',
          value: digest.toString('base64url'),
        });
        const raw = Buffer.from(textOf(answer.value) ?? '', 'base64url');
        // ES256 is r and s side by side (RFC 7518, 3.4); bundles hold DER.
        const { p256 } = await import('@noble/curves/nist.js');
        try {
          return Buffer.from(p256.Signature.fromBytes(raw, 'compact').toBytes('der'));
        } catch {
          throw unusable(reference, 'something else than a signature');
        }
      },
    };
  },
};
