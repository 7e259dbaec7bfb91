import { textOf } from '../../../model/json/values.ts';
import { Aws } from '../../../platform/aws/client.ts';
import { lacking } from '../../../platform/credentials/token.ts';
import { type KeyProvider, publicKeyIn, wrongKey } from './service.ts';

const ALGORITHM = 'ECDSA_SHA_256';
const KEY = /^[A-Za-z0-9:/_-]{1,2048}$/u;
const ARN = /^arn:aws[a-z-]{0,10}:kms:([a-z0-9-]{1,40}):[0-9]{12}:(?:key|alias)\//u;

/**
 * AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html). The role is AWS_ROLE_ARN, taken with the
 * job's identity; without it the keys of the environment count.
 */
export const awsKms: KeyProvider = {
  scheme: 'awskms://',
  form: 'awskms://[ENDPOINT]/KEY-ID, awskms:///alias/NAME, awskms:///ARN',
  open: (reference, context) => {
    const rest = reference.slice('awskms://'.length);
    const slash = rest.indexOf('/');
    const [endpoint, key] = [rest.slice(0, slash), rest.slice(slash + 1)];
    if (slash === -1 || !KEY.test(key) || (endpoint !== '' && !/^[A-Za-z0-9.:-]{1,255}$/u.test(endpoint)))
      return null;
    const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ROLE_ARN } = context.env;
    const region = ARN.exec(key)?.[1] ?? (AWS_REGION || AWS_DEFAULT_REGION);
    if (region === undefined || !/^[a-z0-9-]{1,40}$/u.test(region))
      throw lacking('the region of the key is not known', 'the key by its ARN, or AWS_REGION');
    const api = new Aws(
      { region, roleArn: AWS_ROLE_ARN === '' ? undefined : AWS_ROLE_ARN },
      {
        host: 'kms',
        signingName: 'kms',
        ...(endpoint === '' ? {} : { endpoint: `https://${endpoint}/` }),
      },
      context,
    );
    /** An alias can be pointed at another key between two calls: the key's own name cannot. */
    let pinned = key;
    return {
      publicKey: async () => {
        const answer = await api.json('TrentService.GetPublicKey', '1.1', { KeyId: key });
        const algorithms = Array.isArray(answer.SigningAlgorithms) ? answer.SigningAlgorithms : [];
        const usage = textOf(answer.KeyUsage);
        if (usage !== 'SIGN_VERIFY' || !algorithms.includes(ALGORITHM))
          throw wrongKey(reference, `${textOf(answer.KeySpec) ?? 'unknown'} for ${usage ?? 'unknown'}`);
        pinned = textOf(answer.KeyId) ?? key;
        const der = Buffer.from(textOf(answer.PublicKey) ?? '', 'base64');
        return publicKeyIn(reference, { key: der, format: 'der', type: 'spki' });
      },
      sign: async (digest) => {
        const answer = await api.json('TrentService.Sign', '1.1', {
          KeyId: pinned,
          Message: digest.toString('base64'),
          MessageType: 'DIGEST',
          SigningAlgorithm: ALGORITHM,
        });
        return Buffer.from(textOf(answer.Signature) ?? '', 'base64');
      },
    };
  },
};
