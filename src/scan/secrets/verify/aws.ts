import { signedHeaders } from './sigv4.ts';
import type { Vendor } from './vendor.ts';

const HOST = 'sts.amazonaws.com';
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

/** AWS STS, whose answer needs no permission: the key id with the secret that stands near it. */
export const aws: Vendor = {
  name: 'AWS',
  docs: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
  rules: ['aws-access-key-id'],
  // Forty characters of base64 with small and capital letters and a digit; a commit id has no capitals.
  companion:
    /(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])(?=[A-Za-z0-9/+]{0,39}[0-9])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/u,
  request: ({ secret, companion }, now) => {
    if (companion === null) return null;
    const headers = signedHeaders(
      {
        method: 'POST',
        host: HOST,
        path: '/',
        query: '',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          accept: 'application/json',
        },
        body: BODY,
        region: 'us-east-1',
        service: 'sts',
      },
      { id: secret, secret: companion },
      now,
    );
    return { method: 'POST', url: `https://${HOST}/`, headers, body: BODY };
  },
  judge: ({ status, text }) => {
    if (status === 200) return 'verified';
    // A signature that does not match may only mean that the other half was not the right one.
    return status === 403 && text.includes('InvalidClientTokenId') ? 'invalid' : 'unknown';
  },
};
