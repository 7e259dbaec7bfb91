import { describe, expect, it } from 'vitest';
import { database } from '../../scan/dependencies/support.ts';
import { later, outcomeOf, PACK, ReleaseWorld, sha256 } from './world.ts';

const BOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'application', name: 'payments', 'bom-ref': 'payments' } },
  components: [
    { type: 'library', name: 'deep', version: '1.0.0', 'bom-ref': 'deep', purl: 'pkg:npm/deep@1.0.0' },
  ],
  dependencies: [{ ref: 'payments', dependsOn: ['deep'] }, { ref: 'deep' }],
});

/** Stage jobs that found nothing, and a bill of materials that names what has a vulnerability. */
function handed(world: ReleaseWorld): string[] {
  const bom = `sbom=${world.write('bom.cdx.json', BOM)}@sha256:${sha256(BOM)}`;
  return [...world.evidence('secrets'), ...world.evidence('code'), bom];
}

describe('rule 1: the gates hold the bill of materials against the advisories themselves', () => {
  it('so that a stage job which saw nothing lets nothing through', async () => {
    const world = new ReleaseWorld();
    const silent = [...handed(world), ...world.evidence('dependencies')];
    const advisories = await database();
    expect(await outcomeOf(() => world.release({ handed: silent, advisories, session: null }))).toBe(
      'failed',
    );
    expect(await outcomeOf(() => world.release({ handed: silent, session: null }))).toBe('passed');
  });

  it('and again at the deployment, against the advisories of that day', async () => {
    const world = new ReleaseWorld();
    expect(await outcomeOf(() => world.release({ handed: handed(world) }))).toBe('passed');
    expect(await outcomeOf(() => world.deploy())).toBe('passed');
    expect(await outcomeOf(async () => world.deploy({ advisories: await database() }))).toBe('failed');
  });
});

describe('rule 3: a feature branch that runs the release workflow with a weakened policy', () => {
  const WEAK = PACK.replace('"secrets":"always"', '"secrets":"when-present"').replace('"high"', '"critical"');

  it('gets no release: the ref of its token is not protected', async () => {
    const world = new ReleaseWorld();
    const claims = { ref: 'refs/heads/feature', ref_protected: 'false' };
    const branch = await world.session(claims);
    expect(await outcomeOf(() => world.release({ session: branch }))).toBe('error SP-RELEASE-SOURCE');
  });

  it('gets no deployment even where it has somebody sign: the policy is not among those that count', async () => {
    expect(WEAK).not.toBe(PACK);
    const world = new ReleaseWorld();
    const policy = `${world.write('weak.yml', WEAK)}@sha256:${sha256(WEAK)}`;
    expect(await outcomeOf(() => world.release({ policy }))).toBe('passed');
    expect(await outcomeOf(() => world.deploy())).toBe('no SP-VERIFY-SUMMARY');
    expect(await outcomeOf(() => world.deploy({ context: later(1) }))).toBe('no SP-VERIFY-SUMMARY');
  });
});
