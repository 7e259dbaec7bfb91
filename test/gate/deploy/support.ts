import type { GateSummary } from '../../../src/attest/gate-summary.ts';
import type { Trusted } from '../../../src/attest/trusted.ts';
import type { Deployment } from '../../../src/gate/deploy/deploy.ts';
import type { ForcedPolicy } from '../../../src/gate/release/policy.ts';
import { trustRules } from '../../../src/policy/trust.ts';
import { compiled, merged } from '../../policy/support.ts';

export const DIGEST = `sha256:${'1'.repeat(64)}`;
export const NOW = new Date('2026-06-01T12:00:00Z');
const SIGNED = new Date('2026-06-01T09:30:00Z');

/** What somebody whom the policy trusts has signed, as it comes out of its verification. */
export function trusted(predicateType: string, predicate: unknown, over: Partial<Trusted> = {}): Trusted {
  return {
    where: 'app.tgz.sigstore.json',
    statement: { subject: [], predicateType, predicate } as never,
    verified: {
      signer: {
        kind: 'certificate',
        claims: {
          identity: 'https://github.com/acme/gates/release.yml',
          issuer: 'https://token.example',
          sourceRepositoryId: '1001',
          sourceOwnerId: '2002',
          buildTrigger: 'push',
          runnerEnvironment: 'github-hosted',
        },
      },
      times: [{ how: 'log', by: 'log.example', at: SIGNED }],
    } as never,
    crossChecks: [],
    entry: { name: 'the release workflow' } as never,
    signed: SIGNED,
    payload: 'a'.repeat(64),
    ...over,
  };
}

/** The summary of a release that rests on these payloads. */
export function summary(...inputs: string[]): GateSummary {
  return {
    trusted: trusted('https://slsa.dev/verification_summary/v1', {}, { payload: 'f'.repeat(64) }),
    summary: {
      verifierId: 'https://github.com/sallyport/sallyport/verifiers/release',
      resourceUri: 'oci:registry.example/payments',
      levels: ['SALLYPORT_RELEASE'],
      policyDigest: 'd'.repeat(64),
      inputs: inputs.map((sha256) => ({ uri: 'https://cyclonedx.org/bom', sha256 })),
      ageMilliseconds: 1,
    },
  };
}

export function deployment(over: Partial<Deployment> = {}): Deployment {
  const nothing = { accepted: [], refused: [] };
  return {
    subject: {
      text: 'app.tgz',
      kind: 'file',
      name: 'app.tgz',
      artifact: { name: 'app.tgz', digests: { sha256: DIGEST.slice(7) }, data: null },
      digest: DIGEST,
      store: null,
      path: '/app.tgz',
      manifest: null,
    },
    platforms: [],
    environment: 'production',
    resource: 'oci:registry.example/payments',
    rules: trustRules(merged('version: 1\n')),
    expectation: { instances: [], signers: [], denied: null, now: NOW },
    released: nothing,
    deployed: nothing,
    excused: nothing,
    ...over,
  };
}

export function forced(text: string): ForcedPolicy {
  const whole = compiled(text);
  return { whole, pack: whole, trust: merged(text) };
}
