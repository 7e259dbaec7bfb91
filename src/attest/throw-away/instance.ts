import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Json, textOf } from '../../model/json/values.ts';
import { sha256 } from '../encoding/x509.ts';
import type { ServicesInProcess, SigningServices } from '../sign/services.ts';
import { type EntryRequest, verifierOf } from '../sign/tiled-log.ts';
import type { LogEntry } from '../verify/bundle.ts';
import { ARC, EXTENSIONS } from '../verify/claims.ts';
import { readTrustedRoot, type TrustedInstance } from '../verify/trusted-root.ts';

/** The identity provider of the demo: a name that no network resolves (RFC 6761, 6.4). */
export const DEMO_ISSUER = 'https://token.demo.invalid';
const URLS = {
  authority: 'https://fulcio.demo.invalid',
  log: 'https://rekor.demo.invalid',
  certificates: 'https://ct.demo.invalid',
  time: 'https://tsa.demo.invalid',
};
const SHA256_OID = '2.16.840.1.101.3.4.2.1';
const POLICY_OID = '1.3.6.1.4.1.57264.2';
const START = '2020-01-01T00:00:00Z';

/** A Sigstore that lives as long as the process: authority, certificate log, log and time, without a network. */
export interface ThrowAway {
  services: SigningServices;
  instances: readonly TrustedInstance[];
  /** Its trusted root, which everything else refuses (trust-model rule 13). */
  root: string;
}

/** Makes one with new keys. For the demo and for tests: anybody who runs it can be anybody. */
export async function throwAwayInstance(): Promise<ThrowAway> {
  // By their own modules: the package's front also loads what fakes a network.
  const [{ initializeCA }, { initializeCTLog }, { initializeTLog }, { initializeTSA }] = await Promise.all([
    import('@sigstore/mock/dist/fulcio/ca.js'),
    import('@sigstore/mock/dist/fulcio/ctlog.js'),
    import('@sigstore/mock/dist/rekor/tlog.js'),
    import('@sigstore/mock/dist/timestamp/tsa.js'),
  ]);
  const keys = { ca: pair('P-384'), ct: pair('P-256'), log: pair('P-256'), time: pair('P-384') };
  const ctLog = await initializeCTLog(keys.ct);
  const ca = await initializeCA(keys.ca, ctLog);
  const log = await initializeTLog(URLS.log, keys.log);
  const time = await initializeTSA(keys.time);
  const inProcess: ServicesInProcess = {
    certify: async (publicKey, claims) => {
      const der = await ca.issueCertificate({
        publicKey: spki(publicKey),
        subjectAltName: github(claim(claims, 'job_workflow_ref')) ?? claim(claims, 'sub') ?? '',
        extensions: extensionsOf(claims),
      });
      return `-----BEGIN CERTIFICATE-----\n${bytesOf(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    },
    log: async (request) => entryOf(Object.values(await log.log(bodyOf(request)))[0] as Answer | undefined),
    timestamp: async (signature) =>
      bytesOf(
        await time.timestamp({
          artifactHash: sha256(signature),
          hashAlgorithmOID: SHA256_OID,
          nonce: 1,
          policyOID: POLICY_OID,
          certReq: false,
        }),
      ),
  };
  const root = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logPart(URLS.log, spki(keys.log.publicKey))],
    ctlogs: [logPart(URLS.certificates, spki(keys.ct.publicKey))],
    certificateAuthorities: [authorityPart(URLS.authority, [ca.rootCertificate])],
    timestampAuthorities: [authorityPart(URLS.time, [time.intCertificate, time.rootCertificate])],
  });
  return {
    services: { authority: null, logs: [], timestamps: [], inProcess },
    instances: readTrustedRoot(Buffer.from(root), 'the demo’s root', { demo: true }),
    root,
  };
}

function pair(namedCurve: string): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve });
}

function spki(key: KeyObject): Buffer<ArrayBuffer> {
  return Buffer.from(key.export({ type: 'spki', format: 'der' }));
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function logPart(baseUrl: string, key: Buffer) {
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: key.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: START },
    },
    logId: { keyId: sha256(key).toString('base64') },
  };
}

function authorityPart(uri: string, chain: readonly ArrayBufferView[]) {
  return {
    subject: { organization: 'sallyport demo', commonName: uri },
    uri,
    certChain: { certificates: chain.map((der) => ({ rawBytes: bytesOf(der).toString('base64') })) },
    validFor: { start: START },
  };
}

function claim(claims: Json, name: string): string | undefined {
  return textOf(claims[name]);
}

function github(path: string | undefined): string | undefined {
  return path === undefined ? undefined : `https://github.com/${path}`;
}

/** What the authority of the real thing puts into a certificate, from the same claims (fulcio: docs/oid-info.md). */
function extensionsOf(claims: Json): { oid: string; value: string }[] {
  const one = (name: string) => claim(claims, name);
  const id = one('run_id');
  const run =
    id === undefined ? undefined : `${one('repository')}/actions/runs/${id}/attempts/${one('run_attempt')}`;
  const values: Record<keyof typeof EXTENSIONS, string | undefined> = {
    issuer: one('iss'),
    buildSignerUri: github(one('job_workflow_ref')),
    buildSignerDigest: one('job_workflow_sha'),
    runnerEnvironment: one('runner_environment'),
    sourceRepositoryUri: github(one('repository')),
    sourceRepositoryDigest: one('sha'),
    sourceRepositoryRef: one('ref'),
    sourceRepositoryId: one('repository_id'),
    sourceOwnerUri: github(one('repository_owner')),
    sourceOwnerId: one('repository_owner_id'),
    buildConfigUri: github(one('workflow_ref')),
    buildConfigDigest: one('workflow_sha'),
    buildTrigger: one('event_name'),
    runInvocationUri: github(run),
    sourceVisibility: one('repository_visibility'),
    deploymentEnvironment: one('environment'),
    subject: one('sub'),
  };
  return Object.entries(EXTENSIONS).flatMap(([name, number]) => {
    const value = values[name as keyof typeof EXTENSIONS];
    return value === undefined ? [] : [{ oid: `${ARC}${number}`, value }];
  });
}

/** A hashedrekord 0.0.2, as rekor-tiles writes it. */
function bodyOf({ digest, signature, verifier }: EntryRequest): object {
  return {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: digest.toString('base64') },
        signature: {
          content: signature.toString('base64'),
          verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifierOf(verifier) },
        },
      },
    },
  };
}

interface Answer {
  body: unknown;
  logID: string;
  verification?: {
    inclusionProof?: { logIndex: number; treeSize: number; rootHash: string; checkpoint: string };
  };
}

function entryOf(answer: Answer | undefined): LogEntry {
  const proof = answer?.verification?.inclusionProof;
  if (answer === undefined || proof === undefined) throw new Error('the log of the demo gave no proof');
  return {
    logIndex: proof.logIndex,
    logId: Buffer.from(answer.logID, 'hex'),
    kind: 'hashedrekord',
    version: '0.0.2',
    integratedTime: null,
    signedEntryTimestamp: null,
    proof: {
      logIndex: proof.logIndex,
      rootHash: Buffer.from(proof.rootHash, 'hex'),
      treeSize: proof.treeSize,
      hashes: [],
      checkpoint: proof.checkpoint,
    },
    body: Buffer.from(String(answer.body), 'base64'),
  };
}
