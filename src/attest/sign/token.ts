import { SallyportError } from '../../model/error.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import { askRunner } from '../../platform/credentials/runner.ts';

const AUDIENCE = 'sigstore';

/** An OpenID token and what it claims; whether that is true is the authority's to say. */
export interface IdentityToken {
  raw: string;
  claims: Json;
}

/**
 * The identity that this process has where it runs: a GitHub runner's by its token service, other CI's by
 * SIGSTORE_ID_TOKEN. Throws SP-SIGN-IDENTITY, which says what to do.
 */
export async function ambientToken(context: Context): Promise<IdentityToken> {
  const answer = await askRunner(AUDIENCE, context);
  if (answer !== null && 'token' in answer) return parseToken(answer.token);
  if (answer !== null) throw missing('the runner gave no identity token', answer.refused);
  const other = context.env.SIGSTORE_ID_TOKEN;
  if (other !== undefined && other !== '') return parseToken(other);
  if (context.env.GITHUB_ACTIONS === 'true') {
    throw missing(
      'the job may not have an identity',
      'no ACTIONS_ID_TOKEN_REQUEST_URL: the job lacks `permissions: id-token: write`, or runs for a fork',
    );
  }
  throw missing(
    'there is no identity to sign with',
    'neither a CI that gives one, nor --identity-token, nor --key',
  );
}

function missing(message: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGN-IDENTITY',
    message,
    expected: 'an OpenID token for the audience sigstore',
    found,
    next: 'give the job `id-token: write`, or --identity-token FILE, or --key FILE',
  });
}

/** Takes a token apart without verifying it. No message of it shows the token. Throws SP-SIGN-IDENTITY. */
export function parseToken(text: string): IdentityToken {
  const raw = text.trim();
  const [, payload, , ...more] = raw.split('.');
  let claims: unknown = null;
  if (payload !== undefined && more.length === 0 && raw.length < 64 * 1024) {
    try {
      claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    } catch {
      // Refused below: nothing that could be part of a token is repeated.
    }
  }
  if (!isObject(claims))
    throw missing('the identity token cannot be read', 'something else than a JSON Web Token');
  return { raw, claims };
}

/** Throws SP-SIGN-IDENTITY for a token that will be refused anyway, in words that say why. */
export function requireFresh(token: IdentityToken, now: Date): void {
  const { exp, aud } = token.claims;
  if (typeof exp === 'number' && exp * 1000 <= now.getTime()) {
    throw missing('the identity token has expired', `valid until ${new Date(exp * 1000).toISOString()}`);
  }
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(AUDIENCE)) {
    throw missing('the identity token is for somebody else', `audience ${JSON.stringify(aud).slice(0, 100)}`);
  }
}
