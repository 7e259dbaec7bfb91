import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  verify,
  X509Certificate,
} from 'node:crypto';
import { sha256 } from '../../src/attest/encoding/x509.ts';
import { verifiesArtifact } from '../../src/attest/verify/artifact.ts';
import { preAuthEncoding } from '../../src/attest/verify/signature.ts';
import { type Answer, listen } from './server.ts';

const { initializeTLog } = await import('@sigstore/mock/dist/rekor/tlog.js');

/** What the log answers with, and how it was meant; a fault may change it or answer itself. */
export type Fault = (
  ...args: [...Parameters<Answer>, { status: number; body: unknown; uuid: string }]
) => void;

/**
 * A Rekor v1 log (rekor: openapi.yaml) with real keys: it takes hashedrekord 0.0.1 and dsse 0.0.1 whose signature
 * verifies, keeps them in the form of its own schema, and promises and proves them. The proof is of a tree of one entry.
 */
export class TreeLog {
  /** `http://127.0.0.1:PORT`. */
  url = '';
  /** Method and path of each request, and what was proposed. */
  readonly asked: string[] = [];
  readonly proposed: { kind: string; apiVersion: string }[] = [];
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #kept = new Map<string, unknown>();
  readonly #uuids = new Map<string, string>();

  static async start(faults: { post?: Fault; get?: Fault } = {}): Promise<TreeLog> {
    const log = new TreeLog();
    const tree = await initializeTLog('http://127.0.0.1', log.#keys);
    const host = await listen(async (request, response, body) => {
      log.asked.push(`${request.method} ${request.url}`);
      const posted = request.method === 'POST';
      const answer = posted ? await log.#add(body, tree) : log.#get(request.url ?? '');
      const fault = posted ? faults.post : faults.get;
      if (fault !== undefined) return fault(request, response, body, answer);
      return log.answer(response, answer);
    });
    log.url = `http://${host}`;
    return log;
  }

  /** Answers as the log would. */
  answer(
    response: Parameters<Answer>[1],
    { status, body, uuid }: { status: number; body: unknown; uuid: string },
  ) {
    const location = `${this.url}/api/v1/log/entries/${uuid}`;
    response.writeHead(status, { 'content-type': 'application/json', location }).end(JSON.stringify(body));
  }

  /** A trusted root in which there is this log alone. */
  get root(): string {
    const der = Buffer.from(this.#keys.publicKey.export({ type: 'spki', format: 'der' }));
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [this.part(der)],
      ctlogs: [],
      certificateAuthorities: [],
      timestampAuthorities: [],
    });
  }

  part(der = Buffer.from(this.#keys.publicKey.export({ type: 'spki', format: 'der' }))) {
    return {
      baseUrl: this.url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: der.toString('base64'),
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        validFor: { start: '2020-01-01T00:00:00Z' },
      },
      logId: { keyId: sha256(der).toString('base64') },
    };
  }

  async #add(body: Buffer, tree: { log(entry: object): Promise<object> }) {
    const proposed = JSON.parse(body.toString());
    this.proposed.push(proposed);
    const kept = await canonical(proposed);
    if (kept === null)
      return { status: 400, body: { code: 400, message: 'the signature does not verify' }, uuid: '' };
    const name = JSON.stringify(kept);
    const known = this.#uuids.get(name);
    if (known !== undefined)
      return { status: 409, body: { code: 409, message: 'an equivalent entry already exists' }, uuid: known };
    const [entry] = Object.values(await tree.log(kept));
    const uuid = randomBytes(40).toString('hex');
    this.#uuids.set(name, uuid);
    this.#kept.set(uuid, { [uuid]: entry });
    return { status: 201, body: this.#kept.get(uuid), uuid };
  }

  #get(path: string) {
    const uuid = path.split('/').at(-1) ?? '';
    const body = this.#kept.get(uuid);
    return {
      status: body === undefined ? 404 : 200,
      body: body ?? { code: 404, message: 'not found' },
      uuid,
    };
  }
}

/** The entry as the log keeps it, or null where its signature does not verify (rekor: pkg/types). */
async function canonical(proposed: {
  kind: string;
  apiVersion: string;
  spec: never;
}): Promise<object | null> {
  const { kind, apiVersion } = proposed;
  if (`${kind}/${apiVersion}` === 'hashedrekord/0.0.1') {
    const { data, signature } = proposed.spec as {
      data: { hash: { algorithm: string; value: string } };
      signature: { content: string; publicKey: { content: string } };
    };
    const artifact = { name: 'it', digests: { sha256: data.hash.value }, data: null };
    const key = keyIn(signature.publicKey.content);
    const good = await verifiesArtifact(artifact, 'sha256', key, Buffer.from(signature.content, 'base64'));
    return good && data.hash.algorithm === 'sha256' ? { apiVersion, kind, spec: { data, signature } } : null;
  }
  if (`${kind}/${apiVersion}` !== 'dsse/0.0.1') return null;
  const { proposedContent } = proposed.spec as { proposedContent: { envelope: string; verifiers: string[] } };
  const [verifier = ''] = proposedContent.verifiers;
  const { payload, payloadType, signatures } = JSON.parse(proposedContent.envelope);
  const bytes = Buffer.from(payload, 'base64');
  const signature: string = signatures[0].sig;
  const encoded = preAuthEncoding(payloadType, bytes);
  if (!verify('sha256', encoded, keyIn(verifier), Buffer.from(signature, 'base64'))) return null;
  const hash = (value: Buffer | string) => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(value).digest('hex'),
  });
  return {
    apiVersion,
    kind,
    spec: {
      envelopeHash: hash(proposedContent.envelope),
      payloadHash: hash(bytes),
      signatures: [{ signature, verifier }],
    },
  };
}

function keyIn(pem: string) {
  const text = Buffer.from(pem, 'base64').toString();
  return text.includes('CERTIFICATE') ? new X509Certificate(text).publicKey : createPublicKey(text);
}
