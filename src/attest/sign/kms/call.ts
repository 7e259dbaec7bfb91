import { SallyportError } from '../../../model/error.ts';
import { isObject, type Json, textOf } from '../../../model/json/values.ts';
import type { Context } from '../../../platform/context.ts';
import { jsonObjectIn } from '../../../platform/http.ts';
import { unusable } from './service.ts';

const LIMITS = { bytes: 256 * 1024, timeout: 15_000 };
const RETRIES = 2;

/** A request to a key service that is answered with a JSON object. */
export interface KeyCall {
  /** The key, as errors name it. */
  reference: string;
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: object;
  ca?: string | undefined;
}

/** Sends it; no redirect is followed, since the credential would stay behind at best. Throws SP-SIGN-KMS. */
export async function callService(call: KeyCall, { http }: Context): Promise<Json> {
  const { reference, method, url, headers, body, ca } = call;
  const response = await http
    .request({
      method,
      url,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      limits: LIMITS,
      retries: RETRIES,
      redirects: 0,
      ca,
    })
    .catch((cause: unknown) => {
      if (!(cause instanceof SallyportError) || cause.code !== 'SP-HTTP') throw cause;
      throw unusable(reference, `${cause.problem.message}: ${cause.problem.found ?? ''}`);
    });
  const answer = jsonObjectIn(response.body);
  if (response.status === 200 && answer !== null) return answer;
  const said = answer === null ? 'no JSON object' : messageIn(answer);
  throw unusable(reference, `HTTP ${response.status} ${said}`.trim(), 'HTTP 200');
}

/** `{ error: { message } }` as Google and Azure say it, `{ errors: [] }` as Vault does. */
function messageIn({ error, errors }: Json): string {
  if (isObject(error)) return textOf(error.message) ?? '';
  return Array.isArray(errors) ? errors.filter((one) => typeof one === 'string').join('; ') : '';
}
