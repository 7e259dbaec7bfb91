import type { Verification } from '../../../model/finding.ts';
import type { Http } from '../../../platform/http.ts';
import { vendorOf } from './registry.ts';
import type { Credential, IdentityAnswer } from './vendor.ts';

/** A credential with the rule that found it. */
export interface ToVerify {
  rule: string;
  credential: Credential;
}

/** How a server is asked: by the one wrapper, or in a test by one that leads to a server of its own. */
export type Ask = Http['request'];

const AT_ONCE = 4;
/** More credentials than this are not tried: nobody’s interface is to be flooded. */
const MAX_ASKED = 200;
/** Milliseconds: for one answer, and for all of them. */
const ONE = 10_000;
const ALL = 120_000;
const LIMITS = { bytes: 1024 * 1024, timeout: ONE };

/**
 * Asks each credential’s own vendor whether it counts, each once. What could not be asked or gave no clear answer is
 * `unknown`. Does not throw.
 */
export async function verifyAll<Key>(
  wanted: ReadonlyMap<Key, ToVerify>,
  ask: Ask,
  now: () => Date,
): Promise<Map<Key, Verification>> {
  const out = new Map<Key, Verification>();
  for (const key of wanted.keys()) out.set(key, 'unknown');
  const queue = [...wanted].slice(0, MAX_ASKED);
  const until = performance.now() + ALL;
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (performance.now() > until) return;
      const [key, one] = next;
      out.set(key, await verify(one, ask, now()));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return out;
}

async function verify({ rule, credential }: ToVerify, ask: Ask, now: Date): Promise<Verification> {
  const vendor = vendorOf(rule);
  const request = vendor?.request(credential, now) ?? null;
  if (vendor === undefined || request === null) return 'unknown';
  try {
    const headers = { 'User-Agent': 'sallyport', ...request.headers };
    // One try, and no redirect: what the request carries goes to the vendor’s host and nowhere else.
    const { status, body } = await ask({ ...request, headers, limits: LIMITS, retries: 0, redirects: 0 });
    return vendor.judge({ status, ...read(body) });
  } catch {
    // Whatever was not answered is not known; an error of the network is no statement about the credential.
    return 'unknown';
  }
}

function read(body: Buffer): Pick<IdentityAnswer, 'json' | 'text'> {
  const text = body.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return { text, json: isObject ? (value as Record<string, unknown>) : null };
  } catch {
    return { text, json: null };
  }
}
