import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import type { InternalError } from '@sigstore/sign';
import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { sha256 } from '../encoding/x509.ts';
import { preAuthEncoding } from '../verify/signature.ts';
import { IN_TOTO_PAYLOAD } from '../verify/statement.ts';
import { certify } from './authority.ts';
import { ephemeralKey, hintOf, type KeyHolder } from './key.ts';
import { RETRIES, serviceFailed, TIMEOUT } from './service.ts';
import { isPublic, type SigningServices } from './services.ts';
import { addToTiledLog } from './tiled-log.ts';
import { timestampOf } from './timestamp.ts';
import { type IdentityToken, requireFresh } from './token.ts';

export interface SessionOptions {
  services: SigningServices;
  /** A token for a short-lived certificate, or a key of one's own. */
  identity: { token: IdentityToken } | { key: KeyHolder };
  /** Lets a private repository's name, branch and commit be published for ever (trust-model rule 11). */
  publishIdentity: boolean;
}

/** What is signed: a file by its digest, or a statement in an envelope. */
export type Signable =
  | { kind: 'file'; sha256: Buffer; open: () => AsyncIterable<Uint8Array> }
  | { kind: 'statement'; payload: Buffer };

const FETCH = { timeout: TIMEOUT, retry: { retries: RETRIES, minTimeout: 500, maxTimeout: 3_000 } };

/** One certificate for as many signatures as are made while it lives. */
export class SigningSession {
  readonly #services: SigningServices;
  readonly #key: KeyHolder;
  /** PEM. */
  readonly #certificate: string | null;
  readonly #context: Context;

  private constructor(
    services: SigningServices,
    key: KeyHolder,
    certificate: string | null,
    context: Context,
  ) {
    this.#services = services;
    this.#key = key;
    this.#certificate = certificate;
    this.#context = context;
  }

  /** Throws SP-SIGN-PRIVATE, SP-SIGN-IDENTITY or SP-SIGN-CERTIFICATE. */
  static async open(options: SessionOptions, context: Context): Promise<SigningSession> {
    const { identity, services } = options;
    if ('key' in identity) {
      if (isPublic(services) && !options.publishIdentity)
        throw privately('a key, whose every use the public log would show');
      return new SigningSession(services, identity.key, null, context);
    }
    requireFresh(identity.token, context.clock.now());
    const visibility = identity.token.claims.repository_visibility;
    if (
      (visibility === 'private' || visibility === 'internal') &&
      isPublic(services) &&
      !options.publishIdentity
    )
      throw privately(`the token of a repository that is ${visibility}`);
    const key = ephemeralKey();
    if (services.inProcess !== undefined) {
      const own = await services.inProcess.certify(key.publicKey, identity.token.claims);
      return new SigningSession(services, key, own, context);
    }
    if (services.authority === null) throw new Error('an identity needs an authority');
    const certificate = await certify(key, identity.token, services.authority.url, context.http);
    return new SigningSession(services, key, certificate, context);
  }

  /** Signs, logs and timestamps one thing. Throws SP-SIGN-LOG or SP-SIGN-TIMESTAMP: never an unproven bundle. */
  async sign(item: Signable): Promise<Bundle> {
    const { toDSSEBundle, toMessageSignatureBundle } = await import('@sigstore/bundle');
    const pae = item.kind === 'statement' ? preAuthEncoding(IN_TOTO_PAYLOAD, item.payload) : null;
    const signature = pae !== null ? await this.#key.sign(pae) : await this.#signFile(item);
    const material = {
      signature,
      ...(this.#certificate === null
        ? { keyHint: hintOf(this.#key.publicKey) }
        : { certificate: derOf(this.#certificate), certificateChain: false }),
    };
    const digest = item.kind === 'file' ? item.sha256 : sha256(pae ?? Buffer.alloc(0));
    // `certificateChain: false` asks for the single certificate of v0.3.
    const bundle: Bundle =
      item.kind === 'file'
        ? toMessageSignatureBundle({ digest, ...material })
        : toDSSEBundle({ artifact: item.payload, artifactType: IN_TOTO_PAYLOAD, ...material });
    const { inProcess } = this.#services;
    const [entries, timestamps] = await Promise.all([
      inProcess !== undefined
        ? [await inProcess.log({ digest, signature, verifier: this.#verifier })]
        : Promise.all(
            this.#services.logs.map(async (log) => await this.#log(log, bundle, digest, signature)),
          ),
      inProcess !== undefined
        ? [{ signedTimestamp: await inProcess.timestamp(signature) }]
        : Promise.all(
            this.#services.timestamps.map(async ({ url }) => ({
              signedTimestamp: await timestampOf(signature, url, this.#context.http),
            })),
          ),
    ]);
    const { verificationMaterial } = bundle;
    verificationMaterial.tlogEntries = entries.flat() as typeof verificationMaterial.tlogEntries;
    verificationMaterial.timestampVerificationData = {
      rfc3161Timestamps: timestamps,
    };
    return bundle;
  }

  async #signFile(item: Signable): Promise<Buffer> {
    if (item.kind !== 'file') throw new Error('not a file');
    return await this.#key.signStream(item.open());
  }

  get #verifier(): string {
    return this.#certificate ?? this.#key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  async #log(
    log: SigningServices['logs'][number],
    bundle: Bundle,
    digest: Buffer,
    signature: Buffer,
  ): Promise<TransparencyLogEntry[]> {
    const verifier = this.#verifier;
    if (log.version === 2)
      return [await addToTiledLog(log.url, { digest, signature, verifier }, this.#context.http)];
    const { RekorWitness } = await import('@sigstore/sign');
    const witness = new RekorWitness({ rekorBaseURL: log.url, entryType: 'dsse', ...FETCH });
    try {
      return (await witness.testify(bundle.content, verifier)).tlogEntries;
    } catch (cause) {
      const status = ((cause as InternalError).cause as { statusCode?: number } | undefined)?.statusCode;
      throw serviceFailed(
        { code: 'SP-SIGN-LOG', what: 'the transparency log', url: log.url },
        cause,
        status ?? null,
      );
    }
  }
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
}

function privately(found: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGN-PRIVATE',
    message: 'signing here would publish a private identity for ever',
    expected: 'an instance of one’s own, or GitHub’s (--signing-config, --instance github)',
    found,
    next: 'choose another instance, or say --publish-identity if everybody may know',
  });
}
