import { SallyportError } from '../../model/error.ts';
import type { DigestSet } from '../../model/subject.ts';
import { FieldError, Fields, kindOf } from '../encoding/fields.ts';
import { parseSignedJson } from '../encoding/json.ts';
import { type Artifact, COMPARABLE, digestOf } from './artifact.ts';
import { BUNDLE_LIMITS, type SignedContent } from './bundle.ts';
import { failed } from './failure.ts';

export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';
const TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];
const MAX_SUBJECTS = 10_000;

/** A signed statement, as it was read out of an envelope. */
export interface SignedStatement {
  type: string;
  subject: { name: string; digest: DigestSet }[];
  predicateType: string;
  predicate: unknown;
}

/** Reads an in-toto Statement v0.1 or v1. Throws SP-VERIFY-STATEMENT. */
export function readStatement(content: SignedContent, name: string): SignedStatement {
  if (content.kind !== 'dsse') {
    throw failed('SP-VERIFY-STATEMENT', 'it is a bare signature, not an attestation', {
      expected: 'an in-toto statement in an envelope',
      found: 'a message signature',
    });
  }
  if (content.payloadType !== IN_TOTO_PAYLOAD) {
    throw failed('SP-VERIFY-STATEMENT', 'the envelope holds something else than a statement', {
      expected: IN_TOTO_PAYLOAD,
      found: content.payloadType,
    });
  }
  try {
    const limits = { bytes: BUNDLE_LIMITS.payload, depth: 64, string: BUNDLE_LIMITS.payload };
    return statementOf(new Fields(parseSignedJson(content.payload, name, limits), ''));
  } catch (cause) {
    const [expected, found] =
      cause instanceof FieldError
        ? [cause.expected, `${cause.found} at ${cause.path || 'the top'}`]
        : cause instanceof SallyportError
          ? [cause.problem.expected, cause.problem.found ?? cause.message]
          : [null, null];
    if (found === null) throw cause;
    throw failed('SP-VERIFY-STATEMENT', 'the signed statement cannot be read', {
      expected: expected ?? 'JSON',
      found,
      cause,
    });
  }
}

function statementOf(fields: Fields): SignedStatement {
  const type = fields.text('_type', 200);
  if (!TYPES.includes(type)) throw new FieldError('_type', TYPES.join(' or '), type);
  const subject = fields.objects('subject', MAX_SUBJECTS).map((entry) => ({
    name: entry.optionalText('name', 4096) ?? '',
    digest: digestsOf(entry.take('digest'), entry.at('digest')),
  }));
  if (subject.length === 0) throw new FieldError('subject', 'at least one subject', 'none');
  return {
    type,
    subject,
    predicateType: fields.text('predicateType', 1000),
    predicate: fields.take('predicate') ?? null,
  };
}

function digestsOf(value: unknown, path: string): DigestSet {
  const digests: DigestSet = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FieldError(path, 'an object', kindOf(value));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > 16)
    throw new FieldError(path, 'one to 16 digests', `${entries.length}`);
  for (const [algorithm, digest] of entries) {
    if (typeof digest !== 'string' || digest === '' || digest.length > 256) {
      throw new FieldError(`${path}.${algorithm.slice(0, 40)}`, 'a digest', kindOf(digest));
    }
    if (algorithm !== '__proto__') digests[algorithm] = digest;
  }
  return digests;
}

/**
 * The subject of the statement that is the artifact: one digest at least is the same, and none that both know differs.
 * Throws SP-VERIFY-SUBJECT.
 */
export function requireSubject(
  statement: SignedStatement,
  artifact: Artifact,
): SignedStatement['subject'][number] {
  // Once for all subjects: a statement may have thousands, and the artifact may be large.
  const own = COMPARABLE.filter((algorithm) =>
    statement.subject.some(({ digest }) => Object.hasOwn(digest, algorithm)),
  ).flatMap((algorithm) => {
    const digest = digestOf(artifact, algorithm);
    return digest === null ? [] : [{ algorithm, digest }];
  });
  const found = statement.subject.find(({ digest }) => {
    const both = own.filter(({ algorithm }) => Object.hasOwn(digest, algorithm));
    return both.length > 0 && both.every((one) => one.digest === digest[one.algorithm]);
  });
  if (found !== undefined) return found;
  const [first] = statement.subject;
  const more = statement.subject.length - 1;
  throw failed('SP-VERIFY-SUBJECT', `the attestation is about something else than ${artifact.name}`, {
    expected: `sha256:${digestOf(artifact, 'sha256') ?? '?'}`,
    found:
      `${first?.name ?? ''} ${JSON.stringify(first?.digest ?? {})}${more > 0 ? ` and ${more} more` : ''}`.slice(
        0,
        400,
      ),
  });
}

/** Throws SP-VERIFY-PREDICATE-TYPE. */
export function requirePredicateType(statement: SignedStatement, accepted: readonly string[]): void {
  if (accepted.includes(statement.predicateType)) return;
  throw failed('SP-VERIFY-PREDICATE-TYPE', 'the attestation says something of another kind', {
    expected: accepted.join(' or '),
    found: statement.predicateType,
  });
}
