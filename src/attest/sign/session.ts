import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { readCertificate, sha256 } from '../encoding/x509.ts';
import type { Bundle, LogEntry, SignedContent } from '../verify/bundle.ts';
import { claimsOf } from '../verify/claims.ts';
import { preAuthEncoding } from '../verify/signature.ts';
import { IN_TOTO_PAYLOAD } from '../verify/statement.ts';
import { certify } from './authority.ts';
import { ephemeralKey, hintOf, type KeyHolder } from './key.ts';
import { isPublic, type SigningServices } from './services.ts';
import { addToTiledLog, derOf } from './tiled-log.ts';
import { timestampOf } from './timestamp.ts';
import { type IdentityToken, requireFresh } from './token.ts';
import { addToTreeLog } from './tree-log.ts';

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
    const { content, digest } = await this.#content(item);
    const { signature } = content;
    const { inProcess, logs, timestamps } = this.#services;
    const [entries, times] = await Promise.all([
      inProcess !== undefined
        ? [await inProcess.log({ digest, signature, verifier: this.#verifier })]
        : Promise.all(logs.map(async (log) => await this.#log(log, content, digest))),
      inProcess !== undefined
        ? [await inProcess.timestamp(signature)]
        : Promise.all(
            timestamps.map(async ({ url }) => await timestampOf(signature, url, this.#context.http)),
          ),
    ]);
    return { version: '0.3', signer: this.#signer, entries, timestamps: times, content };
  }

  /** What is signed with its signature, and the digest of the bytes that the signature is over. */
  async #content(item: Signable): Promise<{ content: SignedContent; digest: Buffer }> {
    if (item.kind === 'file') {
      const signature = await this.#key.signStream(item.open());
      const digest = item.sha256;
      return { content: { kind: 'message', algorithm: 'sha256', digest, signature }, digest };
    }
    const { payload } = item;
    const encoded = preAuthEncoding(IN_TOTO_PAYLOAD, payload);
    const signature = await this.#key.sign(encoded);
    return {
      content: { kind: 'dsse', payload, payloadType: IN_TOTO_PAYLOAD, signature },
      digest: sha256(encoded),
    };
  }

  get #signer(): Bundle['signer'] {
    const der = derOf(this.#verifier);
    return 'certificate' in der
      ? { kind: 'certificate', leaf: der.certificate, others: [] }
      : { kind: 'key', hint: hintOf(der.key) };
  }

  /** Whose name is on what this session signs; null for a key, which has none. */
  get identity(): { issuer: string; identity: string } | null {
    const signer = this.#signer;
    if (signer.kind === 'key') return null;
    const { issuer, identity } = claimsOf(readCertificate(signer.leaf));
    return { issuer: issuer ?? '', identity };
  }

  get #verifier(): string {
    return this.#certificate ?? this.#key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  async #log(
    log: SigningServices['logs'][number],
    content: SignedContent,
    digest: Buffer,
  ): Promise<LogEntry> {
    const { http } = this.#context;
    const verifier = this.#verifier;
    return log.version === 1
      ? await addToTreeLog(log.url, content, verifier, http)
      : await addToTiledLog(log.url, { digest, signature: content.signature, verifier }, http);
  }
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
