import { isObject, type Json, stringsOf, textOf } from '../../model/json/values.ts';
import { type Http, type HttpResponse, jsonObjectIn } from '../../platform/http.ts';
import { type LogEntry, logEntryOf, type SignedContent } from '../verify/bundle.ts';
import { verifyBody } from '../verify/entry-body.ts';
import { askService, type NamedService, serviceFailed } from './service.ts';
import { derOf } from './tiled-log.ts';

/** The answer holds certificate, signature and proof, never the payload. */
const BYTES = 1024 * 1024;
/** Of an entry, with or without the id of the tree before it (rekor: pkg/sharding). */
const UUID = /^(?:[0-9a-f]{16})?[0-9a-f]{64}$/u;

/**
 * Adds an entry to a Rekor v1 log (rekor: openapi.yaml, createLogEntry), as cosign does: hashedrekord 0.0.1 of a message
 * signature, dsse 0.0.1 of an envelope. An entry that the log has already, such as one whose answer got lost on the way,
 * is fetched. What comes back must be this very entry, with its proof and the log's promise; whether log, proof and
 * promise hold is verified with the whole bundle. Throws SP-SIGN-LOG.
 */
export async function addToTreeLog(
  url: string,
  content: SignedContent,
  /** PEM of a certificate or a public key. */
  verifier: string,
  http: Http,
): Promise<LogEntry> {
  const service: NamedService = { code: 'SP-SIGN-LOG', what: 'the transparency log', url };
  const entries = `${url}/api/v1/log/entries`;
  const headers = { accept: 'application/json' };
  const proposed = proposedEntry(content, verifier);
  const created = await askService(
    service,
    {
      method: 'POST',
      url: entries,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(proposed),
      bytes: BYTES,
    },
    http,
    [201, 409],
  );
  const answer =
    created.status === 201
      ? created
      : await askService(
          service,
          {
            method: 'GET',
            url: `${entries}/${existing(created, service)}`,
            headers,
            bytes: BYTES,
            redirects: 0,
          },
          http,
          [200],
        );
  try {
    const entry = logEntryOf(entryIn(jsonObjectIn(answer.body), proposed), url);
    verifyBody(entry, content, derOf(verifier));
    if (entry.proof === null) throw new Error('no inclusion proof');
    if (entry.signedEntryTimestamp === null || entry.integratedTime === null)
      throw new Error('no signed entry timestamp');
    return entry;
  } catch (cause) {
    throw serviceFailed(service, cause, null);
  }
}

/** Where the log says that the entry is: only its name counts, it is asked for at the same log. */
function existing({ header }: HttpResponse, service: NamedService): string {
  const name = (header('location') ?? '').split('/').at(-1) ?? '';
  if (UUID.test(name)) return name;
  throw serviceFailed(service, 'the entry is there already, and its name is not said', 409);
}

type Proposed = { kind: string; apiVersion: string; spec: Json };

function proposedEntry(content: SignedContent, verifier: string): Proposed {
  const key = Buffer.from(verifier).toString('base64');
  const signature = content.signature.toString('base64');
  if (content.kind === 'message') {
    const hash = { algorithm: content.algorithm, value: content.digest.toString('hex') };
    const spec = { data: { hash }, signature: { content: signature, publicKey: { content: key } } };
    return { kind: 'hashedrekord', apiVersion: '0.0.1', spec };
  }
  const envelope = JSON.stringify({
    payload: content.payload.toString('base64'),
    payloadType: content.payloadType,
    signatures: [{ sig: signature }],
  });
  return { kind: 'dsse', apiVersion: '0.0.1', spec: { proposedContent: { envelope, verifiers: [key] } } };
}

/** The one entry of an answer, in the form of a bundle's, which the bundle's reader then holds to its format. */
function entryIn(answer: Json | null, { kind, apiVersion }: Proposed): Json {
  const [entry, ...more] = Object.values(answer ?? {});
  if (!isObject(entry) || more.length > 0) throw new Error('an answer that is not one entry');
  const verification = isObject(entry.verification) ? entry.verification : {};
  const proof = isObject(verification.inclusionProof) ? verification.inclusionProof : null;
  const promise = textOf(verification.signedEntryTimestamp);
  return {
    logIndex: entry.logIndex,
    logId: { keyId: base64(entry.logID) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: entry.integratedTime,
    ...(promise === undefined ? {} : { inclusionPromise: { signedEntryTimestamp: promise } }),
    ...(proof === null
      ? {}
      : {
          inclusionProof: {
            logIndex: proof.logIndex,
            rootHash: base64(proof.rootHash),
            treeSize: proof.treeSize,
            hashes: stringsOf(proof.hashes).map(base64),
            checkpoint: { envelope: proof.checkpoint },
          },
        }),
    canonicalizedBody: entry.body,
  };
}

/** Rekor v1 writes digests in hex. What is none stays what it is, for the reader to refuse. */
function base64(value: unknown): unknown {
  return typeof value === 'string' && /^(?:[0-9a-f]{2})+$/u.test(value)
    ? Buffer.from(value, 'hex').toString('base64')
    : value;
}
