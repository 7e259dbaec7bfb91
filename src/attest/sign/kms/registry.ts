import { SallyportError } from '../../../model/error.ts';
import type { Context } from '../../../platform/context.ts';
import type { KeyHolder } from '../key.ts';
import { awsKms } from './aws.ts';
import { azureKms } from './azure.ts';
import { googleKms } from './google.ts';
import { holderOfService, type KeyProvider } from './service.ts';
import { vaultKms } from './vault.ts';

/** One line a kind of key service (docs/guide/trust.md). */
const providers: readonly KeyProvider[] = [awsKms, azureKms, googleKms, vaultKms];

/** Opens a key in a key service, `SCHEME://…`. Throws SP-SIGN-KEY, SP-SIGN-KMS, SP-AWS, SP-CREDENTIAL, SP-OFFLINE. */
export async function openServiceKey(reference: string, context: Context): Promise<KeyHolder> {
  const provider = providers.find(({ scheme }) => reference.startsWith(scheme));
  const service = provider?.open(reference, context) ?? null;
  if (service !== null) return await holderOfService(service, reference);
  throw new SallyportError({
    code: 'SP-SIGN-KEY',
    message: 'the name of the key is not understood',
    expected: provider?.form ?? providers.map(({ form }) => form).join('; '),
    found: reference.slice(0, 300),
  });
}
