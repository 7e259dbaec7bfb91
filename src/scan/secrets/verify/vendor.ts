import type { Verification } from '../../../model/finding.ts';
import type { HttpRequest } from '../../../platform/http.ts';

/** What is needed to try a credential out. It stays in the memory of this process and is in no output. */
export interface Credential {
  secret: string;
  /** Its other half, where it has one: the secret to a key id, the account of a token. */
  companion: string | null;
}

/** The request that asks a vendor who the holder of a credential is: the least that it answers to. */
export type IdentityRequest = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;

/** What an answer says. A status of 200 without more is not proof everywhere: some vendors say no with it. */
export interface IdentityAnswer {
  status: number;
  /** The body as JSON; null where it is none. */
  json: Readonly<Record<string, unknown>> | null;
  text: string;
}

/** One vendor’s identity endpoint, as its documentation describes it. */
export interface Vendor {
  name: string;
  /** Where the endpoint is documented. */
  docs: string;
  /** Rules of our pack whose secrets it can tell about. */
  rules: readonly string[];
  /** Finds the other half near by; the first group, or the whole match. */
  companion?: RegExp;
  /** Null: this credential alone cannot be tried out. */
  request(credential: Credential, now: Date): IdentityRequest | null;
  /** `invalid` only where the documentation says that this answer means it. */
  judge(answer: IdentityAnswer): Verification;
}

/** 2xx is yes, 401 is no, everything else says nothing: what most vendors document. */
export function byStatus({ status }: IdentityAnswer): Verification {
  if (status >= 200 && status < 300) return 'verified';
  return status === 401 ? 'invalid' : 'unknown';
}
