import { textOf } from '../../model/json/values.ts';
import type { Context } from '../context.ts';
import { jsonObjectIn } from '../http.ts';

const LIMITS = { bytes: 64 * 1024, timeout: 10_000 };

/** What the token service of a GitHub runner answered: the job's identity token, or why there is none. */
export type RunnerAnswer = { token: string } | { refused: string };

/**
 * Asks the runner for the job's identity for an audience (OpenID Connect), by the address and the bearer that it gives to
 * jobs with `id-token: write`. Null where the job has neither: no runner, or no permission. Throws SP-HTTP, SP-OFFLINE.
 */
export async function askRunner(
  audience: string,
  { env, http }: Pick<Context, 'env' | 'http'>,
): Promise<RunnerAnswer | null> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = '' } = env;
  if (url === '' || bearer === '') return null;
  if (!URL.canParse(url)) return { refused: 'ACTIONS_ID_TOKEN_REQUEST_URL is no address' };
  const address = new URL(url);
  address.searchParams.set('audience', audience);
  const { status, body } = await http.request({
    method: 'GET',
    url: address.href,
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    limits: LIMITS,
    retries: 1,
    redirects: 0,
  });
  const token = status === 200 ? textOf(jsonObjectIn(body)?.value) : undefined;
  return token === undefined ? { refused: `HTTP ${status} from its token service` } : { token };
}
