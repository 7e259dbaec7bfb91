import { objectsOf, textOf } from '../../../model/json/values.ts';
import { googleToken } from '../../../platform/credentials/google.ts';
import { Renewing } from '../../../platform/credentials/renewing.ts';
import { callService } from './call.ts';
import { type KeyProvider, publicKeyIn, unusable, wrongKey } from './service.ts';

const API = 'https://cloudkms.googleapis.com/v1';
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const ALGORITHM = 'EC_SIGN_P256_SHA256';
const PART = '[A-Za-z0-9_.:-]{1,100}';
const FORM = new RegExp(
  `^(projects/${PART}/locations/${PART}/keyRings/${PART}/cryptoKeys/${PART})(?:/(?:cryptoKeyVersions|versions)/([0-9]{1,9}))?$`,
  'u',
);
const MAX_PAGES = 20;

/** Google Cloud KMS (https://cloud.google.com/kms/docs/reference/rest). Without a version the newest that is enabled. */
export const googleKms: KeyProvider = {
  scheme: 'gcpkms://',
  form: 'gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/cryptoKeyVersions/V]',
  open: (reference, context) => {
    const match = FORM.exec(reference.slice('gcpkms://'.length));
    if (match === null) return null;
    const [, key = '', asked] = match;
    const now = () => context.clock.now().getTime();
    const token = new Renewing('the token of Google Cloud', () => googleToken(SCOPE, context), now);
    const call = async (method: 'GET' | 'POST', path: string, body?: object) =>
      await callService(
        {
          reference,
          method,
          url: `${API}/${path}`,
          headers: { authorization: `Bearer ${await token.get()}` },
          ...(body === undefined ? {} : { body }),
        },
        context,
      );
    let version = asked === undefined ? null : `${key}/cryptoKeyVersions/${asked}`;
    const newest = async (): Promise<string> => {
      let best = 0;
      let page = '';
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const query = new URLSearchParams({
          filter: 'state=ENABLED',
          pageSize: '100',
          ...(page === '' ? {} : { pageToken: page }),
        });
        const answer = await call('GET', `${key}/cryptoKeyVersions?${query}`);
        for (const { name, state } of objectsOf(answer.cryptoKeyVersions)) {
          const number = /\/cryptoKeyVersions\/([0-9]{1,9})$/u.exec(textOf(name) ?? '')?.[1];
          if (state === 'ENABLED') best = Math.max(best, Number(number ?? 0));
        }
        page = textOf(answer.nextPageToken) ?? '';
        if (page === '') break;
      }
      if (best === 0) throw unusable(reference, 'no version of the key is enabled');
      return `${key}/cryptoKeyVersions/${best}`;
    };
    return {
      publicKey: async () => {
        version ??= await newest();
        const answer = await call('GET', `${version}/publicKey`);
        const algorithm = textOf(answer.algorithm) ?? 'unknown';
        if (algorithm !== ALGORITHM) throw wrongKey(reference, algorithm);
        return publicKeyIn(reference, textOf(answer.pem) ?? '');
      },
      sign: async (digest) => {
        version ??= await newest();
        const answer = await call('POST', `${version}:asymmetricSign`, {
          digest: { sha256: digest.toString('base64') },
        });
        return Buffer.from(textOf(answer.signature) ?? '', 'base64');
      },
    };
  },
};
