import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Bom, Component } from '../../../src/model/component.ts';
import { writeCycloneDx } from '../../../src/model/cyclonedx/write.ts';
import { database } from '../../scan/dependencies/support.ts';
import { later, outcomeOf, PACK, person, ReleaseWorld, releaseSigner, sha256, signedWith } from './world.ts';

const OPEN_VEX = 'https://openvex.dev/ns/v0.2.0';
const PURL = 'pkg:npm/deep@1.0.1';

function bom(...purls: string[]): string {
  const component = (ref: string, name: string): Component => ({
    ref,
    type: 'library',
    name,
    version: '1.0.1',
    purl: ref,
    licenses: [],
    hashes: [],
    scope: 'runtime',
    direct: true,
    places: [],
  });
  const root = { ...component('pkg:npm/shop@1.0.1', 'shop'), type: 'application' };
  const parts = purls.map((purl) => component(purl, purl.split('/')[1]?.split('@')[0] ?? ''));
  const all: Bom = { components: [root, ...parts], edges: { [root.ref]: purls }, roots: [root.ref] };
  return [...writeCycloneDx(all, { timestamp: '2026-01-01T00:00:00Z' })].join('');
}

const vex = (change: object = {}, timestamp = new Date(Date.now() - 60_000).toISOString()) => ({
  '@context': OPEN_VEX,
  '@id': 'https://example.com/vex',
  author: 'Product security',
  timestamp,
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1001' },
      products: [{ '@id': 'pkg:generic/shop', subcomponents: [{ '@id': PURL }] }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      ...change,
    },
  ],
});

const team = (...signs: string[]) => [releaseSigner(), person('product-security', ...signs)];

describe('VEX that a signer attests', () => {
  let advisories: string;
  beforeEach(async () => {
    advisories = await database();
  });

  /** Released when nothing was known against its one component, `deep`. */
  async function released(purls = [PURL]): Promise<ReleaseWorld> {
    const world = new ReleaseWorld();
    const text = bom(...purls);
    const file = world.write('bom.cdx.json', text);
    const handed = [
      ...world.evidence('secrets'),
      ...world.evidence('code'),
      `sbom=${file}@sha256:${sha256(text)}`,
    ];
    await world.release({ handed });
    return world;
  }
  const attest = async (world: ReleaseWorld, document: unknown, name = 'vex', type = OPEN_VEX) =>
    await signedWith(await world.personSession('product-security'), world, `app.tgz.${name}`, type, document);

  it('lets a vulnerability pass at deploy, and the report says who said it', async () => {
    const world = await released();
    const trust = { signers: team('vex') };
    expect((await world.deploy({ advisories, trust })).decision.verdict).toBe('failed');
    await attest(world, vex());
    const { decision } = await world.deploy({ advisories, trust });
    expect(decision.verdict).toBe('passed');
    const found = decision.findings.find(({ finding }) => finding.component === PURL);
    expect(found?.outcome).toBe('suppressed');
    expect(found?.suppressedBy).toMatch(
      /^VEX of Product security on .*, attested by product-security \(.*\): not_affected, vulnerable_code/u,
    );
  });

  it.each<[string, string[], object | string]>([
    ['a signer that the policy trusts with something else', ['evidence', 'break-glass'], vex()],
    ['another version', ['vex'], vex({ products: ['pkg:npm/deep@1.0.0'] })],
    ['a document that cannot be read', ['vex'], vex({ justification: 'because' })],
    ['a statement that concerns it after all', ['vex'], vex({ status: 'affected', action_statement: 'x' })],
  ])('of %s does not count', async (_name, signs, document) => {
    const world = await released();
    await attest(world, document);
    const run = await world.deploy({ advisories, trust: { signers: team(...signs) } });
    expect(run.decision.verdict).toBe('failed');
  });

  it('is taken back by what the same people say later', async () => {
    const world = await released();
    await attest(world, vex({}, new Date(Date.now() - 120_000).toISOString()));
    await attest(world, vex({ status: 'affected', action_statement: 'update' }), 'vex-2');
    const run = await world.deploy({ advisories, trust: { signers: team('vex') } });
    expect(run.decision.verdict).toBe('failed');
  });

  it('is no older than its signature, whatever it says of itself', async () => {
    const world = await released();
    await attest(world, vex({}, '2999-01-01T00:00:00Z'));
    const policy = JSON.parse(readFileSync(world.policyFile({ signers: team('vex') }), 'utf8'));
    const limited = world.write('limited.yml', JSON.stringify({ ...policy, limits: { vexDays: 10 } }));
    const at = async (days: number) =>
      (await world.deploy({ advisories, policy: limited, context: later(days) })).decision.verdict;
    expect(await at(9)).toBe('passed');
    expect(await at(12)).toBe('failed');
  });

  it('as CycloneDX counts too; a bill of materials without vulnerabilities is none', async () => {
    const world = await released();
    const trust = { signers: team('vex') };
    const document = JSON.parse(bom(PURL));
    await attest(world, document, 'plain', 'https://cyclonedx.org/bom');
    expect((await world.deploy({ advisories, trust })).decision.verdict).toBe('failed');
    document.metadata.authors = [{ name: 'Product security' }];
    document.vulnerabilities = [
      {
        id: 'CVE-2026-1001',
        affects: [{ ref: PURL }],
        analysis: { state: 'not_affected', justification: 'code_not_reachable' },
      },
    ];
    await attest(world, document, 'cdx', 'https://cyclonedx.org/bom');
    expect((await world.deploy({ advisories, trust })).decision.verdict).toBe('passed');
  });

  it('never hides a malicious component', async () => {
    const world = await released(['pkg:npm/evil@1.0.1']);
    await attest(world, vex({ vulnerability: { name: 'MAL-2026-9' }, products: ['pkg:npm/evil@1.0.1'] }));
    const run = await world.deploy({ advisories, trust: { signers: team('vex') } });
    expect(run.decision.verdict).toBe('failed');
  });

  describe('at the release', () => {
    const world = () => {
      const made = new ReleaseWorld();
      const text = bom(PURL);
      const file = made.write('bom.cdx.json', text);
      return {
        made,
        handed: [
          ...made.evidence('secrets'),
          ...made.evidence('code'),
          `sbom=${file}@sha256:${sha256(text)}`,
        ],
      };
    };
    async function release(
      signs: string[],
      document: unknown,
      type = OPEN_VEX,
      subject?: string[],
    ): Promise<string> {
      const { made, handed } = world();
      const bundle = await signedWith(
        await made.personSession('product-security'),
        made,
        'elsewhere',
        type,
        document,
        subject,
      );
      const pack = JSON.stringify({ ...JSON.parse(PACK), trust: { signers: team(...signs) } });
      const policy = `${made.write('pack.yml', pack)}@sha256:${sha256(pack)}`;
      const evidence = [...handed, `vex=${bundle}@sha256:${sha256(readFileSync(bundle))}`];
      return await outcomeOf(() => made.release({ handed: evidence, advisories, policy }));
    }

    it('counts where its signer is trusted with VEX', async () => {
      expect(await release(['vex'], vex())).toBe('passed');
    });

    it('is evidence and excuses nothing where its signer is trusted with evidence alone', async () => {
      expect(await release(['evidence'], vex())).toBe('failed');
    });

    it('makes no evidence of anything else that the signer of VEX signed', async () => {
      expect(await release(['vex'], { builder: 'x' }, 'https://example.com/other')).toBe(
        'error SP-EVIDENCE-UNSIGNED',
      );
    });

    it('counts among 1,024 artefacts of one statement, and not for one that it does not name', async () => {
      const others = Array.from({ length: 1023 }, (_, index) => sha256(`other ${index}`));
      const all = [...others, sha256('the artefact')];
      expect(await release(['vex'], vex(), OPEN_VEX, all)).toBe('passed');
      expect(await release(['vex'], vex(), OPEN_VEX, others)).toBe('error SP-EVIDENCE-UNSIGNED');
    });

    it('excuses nothing where a job hands it over unsigned', async () => {
      const { made, handed } = world();
      const text = JSON.stringify(vex());
      const file = made.write('vex.json', text);
      const evidence = [...handed, `vex=${file}@sha256:${sha256(text)}`];
      expect(await outcomeOf(() => made.release({ handed: evidence, advisories }))).toBe('failed');
    });
  });
});
