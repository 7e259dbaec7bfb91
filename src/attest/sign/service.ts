import { SallyportError } from '../../model/error.ts';
import { textOf } from '../../model/json/values.ts';
import { type Http, type HttpRequest, type HttpResponse, jsonObjectIn } from '../../platform/http.ts';

/** A service of an instance as errors name it. */
export interface NamedService {
  code: 'SP-SIGN-CERTIFICATE' | 'SP-SIGN-LOG' | 'SP-SIGN-TIMESTAMP';
  what: string;
  url: string;
}

/** Further tries where the answer may pass; each may take 30 seconds. */
const RETRIES = 2;
const TIMEOUT = 30_000;

/**
 * One exchange with a service. No redirect of what is sent is followed: a token in it would go along. Throws the
 * service's code, told by its name and without any token.
 */
export async function askService(
  service: NamedService,
  request: Omit<HttpRequest, 'limits'> & { bytes: number },
  http: Http,
  /** The statuses of an answer that is one. */
  answers: readonly number[] = [200, 201],
): Promise<HttpResponse> {
  const { bytes, ...rest } = request;
  let response: HttpResponse;
  try {
    response = await http.request({ ...rest, retries: RETRIES, limits: { bytes, timeout: TIMEOUT } });
  } catch (cause) {
    if (cause instanceof SallyportError && cause.code === 'SP-OFFLINE') throw cause;
    throw serviceFailed(service, cause, null);
  }
  if (answers.includes(response.status)) return response;
  throw serviceFailed(service, reasonIn(response), response.status);
}

/** The error for a service that did not do what it is for; `cause` is a text or whatever was thrown. */
export function serviceFailed(
  { code, what, url }: NamedService,
  cause: unknown,
  status: number | null,
): SallyportError {
  const reason = typeof cause === 'string' ? cause : reasonOf(cause);
  const refused = status !== null && status >= 300 && status < 500 && status !== 408 && status !== 429;
  return new SallyportError({
    code,
    message: `${what} ${new URL(url).host} did not answer as it should`,
    expected: `an answer after at most ${RETRIES + 1} tries of ${TIMEOUT / 1000} seconds`,
    found: withoutTokens(`${status === null ? '' : `HTTP ${status} `}${reason}`.trim()),
    next: refused
      ? 'the request was refused: check that this instance knows the identity provider of the token'
      : 'the service may be down: try again later; nothing counts as signed',
  });
}

/** What the service says of it: gRPC gateways answer `{ code, message }`. */
function reasonIn({ body, header }: HttpResponse): string {
  if (!(header('content-type') ?? '').includes('json')) return '';
  return textOf(jsonObjectIn(body)?.message) ?? '';
}

/** The innermost error's code or message. */
function reasonOf(cause: unknown): string {
  if (cause instanceof SallyportError) return `${cause.problem.message}: ${cause.problem.found ?? ''}`;
  let inner = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const code = (inner as NodeJS.ErrnoException).code;
  const message = inner instanceof Error ? inner.message : String(inner);
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}

function withoutTokens(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/eyJ[\w-]+(?:\.[\w-]*){0,2}/gu, '(token)')
    .slice(0, 300);
}
