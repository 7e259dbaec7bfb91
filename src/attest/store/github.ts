import { SallyportError } from '../../model/error.ts';
import { isObject, objectsOf, textOf } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import type { HttpResponse } from '../../platform/http.ts';
import { BUNDLE_LIMITS, bundleOf } from '../verify/bundle.ts';
import { Budget } from './budget.ts';
import { unsnappy } from './snappy.ts';
import type { Found, Store } from './store.ts';

const TIMEOUT = 30_000;
const PAGE = 30;
const MAX_PAGES = 34;
const LIMIT = 64 * 1024 * 1024;

/**
 * GitHub's attestations of a repository (https://docs.github.com/en/rest/repos/attestations), as `gh attestation` and the
 * attest action use them: `OWNER/NAME`. Attestations there can be deleted: no audit trail. Throws SP-GITHUB.
 */
export function githubStore(repository: string, context: Context): Store {
  const api = context.env.GITHUB_API_URL ?? 'https://api.github.com';
  const token = context.env.GITHUB_TOKEN ?? context.env.GH_TOKEN;
  const headers = {
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
    'user-agent': 'sallyport',
    ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }),
  };
  const base = `${api}/repos/${repository}/attestations`;
  const ask = async (url: string, budget: Budget) => {
    const limits = { bytes: LIMIT, timeout: budget.timeout() };
    const response = await context.http.request({ method: 'GET', url, headers, limits });
    budget.spend(response.body.length);
    return response;
  };
  return {
    find: async (digest) => {
      const found: Found[] = [];
      const budget = new Budget(context.clock);
      let url: string | null = `${base}/${digest}?per_page=${PAGE}`;
      for (let page = 0; url !== null; page += 1) {
        if (page >= MAX_PAGES)
          throw failed(repository, 'too many attestations', `more than ${MAX_PAGES * PAGE}`);
        const response: HttpResponse = await ask(url, budget);
        if (response.status === 404 && page === 0) return [];
        const listed = objectsOf(jsonOf(response, repository).attestations);
        for (const [index, entry] of listed.entries()) {
          const where = `${base}/${digest}#${page * PAGE + index + 1}`;
          found.push({ where, bundle: await bundleIn(entry, where, budget, context), document: null });
        }
        url = nextOf(response, base, repository);
      }
      return found;
    },
    add: async (_digest, bundles) => {
      const places: string[] = [];
      for (const { json } of bundles) {
        const response = await context.http.request({
          method: 'POST',
          url: base,
          headers: { ...headers, 'content-type': 'application/json' },
          body: `{"bundle":${json}}`,
          limits: { bytes: 64 * 1024, timeout: TIMEOUT },
        });
        const { id } = jsonOf(response, repository);
        places.push(`https://github.com/${repository}/attestations/${String(id)}`);
      }
      return places;
    },
  };
}

/** The bundle of an entry: in it, or packed behind a link that carries its own permission. */
async function bundleIn(
  entry: object,
  where: string,
  budget: Budget,
  context: Context,
): Promise<Found['bundle']> {
  try {
    const { bundle, bundle_url: link } = entry as { bundle?: unknown; bundle_url?: unknown };
    if (isObject(bundle)) return bundleOf(bundle, where);
    const url = textOf(link);
    if (url === undefined || !URL.canParse(url))
      throw failed(where, 'an attestation without its bundle', 'none');
    const response = await context.http.request({
      method: 'GET',
      url,
      limits: { bytes: BUNDLE_LIMITS.bytes, timeout: budget.timeout() },
    });
    const bytes = response.status === 200 ? unsnappy(response.body, BUNDLE_LIMITS.bytes) : null;
    budget.spend(bytes?.length ?? 0);
    if (bytes === null)
      throw failed(where, 'the bundle of an attestation cannot be read', `HTTP ${response.status}`);
    return bundleOf(JSON.parse(bytes.toString('utf8')), where);
  } catch (thrown) {
    if (thrown instanceof SallyportError && thrown.code === 'SP-STORE-LIMIT') throw thrown;
    if (thrown instanceof SallyportError) return thrown;
    return failed(where, 'the bundle of an attestation cannot be read', (thrown as Error).message);
  }
}

function jsonOf(response: HttpResponse, repository: string): Record<string, unknown> {
  if (response.status === 200 || response.status === 201) {
    try {
      const value = JSON.parse(response.body.toString('utf8')) as unknown;
      if (isObject(value)) return value;
    } catch {
      // Said below.
    }
  }
  throw failed(repository, 'GitHub’s attestations cannot be used', `HTTP ${response.status}`);
}

/** The next page, at the same place: a link elsewhere would get the token. */
function nextOf(response: HttpResponse, base: string, repository: string): string | null {
  const match = /<([^>]{1,4000})>;\s*rel="next"/u.exec(response.header('link') ?? '');
  if (match === null) return null;
  const next = match[1] ?? '';
  if (URL.canParse(next) && new URL(next).origin === new URL(base).origin) return next;
  throw failed(repository, 'the list of attestations goes on at another host', next.slice(0, 100));
}

function failed(where: string, message: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-GITHUB',
    message,
    place: { path: where },
    found: found.slice(0, 300),
    next: 'GITHUB_TOKEN needs attestations: read, and to write attestations: write; private repositories need Enterprise Cloud',
  });
}
