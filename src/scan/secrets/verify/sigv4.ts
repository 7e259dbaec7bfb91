import { createHash, createHmac } from 'node:crypto';

export interface Signed {
  method: 'GET' | 'POST';
  host: string;
  /** Already in canonical form (RFC 3986), as is the query. */
  path: string;
  query: string;
  /** Signed beside `host` and `x-amz-date`. */
  headers: Readonly<Record<string, string>>;
  body: string;
  region: string;
  service: string;
}

/**
 * The headers of a request to AWS, signed with Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). `host` is left to the
 * client, which sets it.
 */
export function signedHeaders(
  request: Signed,
  key: { id: string; secret: string },
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/gu, '');
  const day = time.slice(0, 8);
  const sent = { ...request.headers, 'x-amz-date': time };
  const all = Object.entries({ ...sent, host: request.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = all.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    request.path,
    request.query,
    ...all.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${request.region}/${request.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signing = [day, request.region, request.service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${key.secret}`,
  );
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  return {
    ...sent,
    Authorization: `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
