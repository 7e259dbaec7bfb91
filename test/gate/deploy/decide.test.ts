import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decideDeploy, decideException } from '../../../src/gate/deploy/decide.ts';
import type { DeployInput } from '../../../src/gate/deploy/deploy.ts';
import { chainOf, linesOf } from '../../../src/gate/deploy/explain.ts';
import { database } from '../../scan/dependencies/support.ts';
import { npmBom as bom, temporaryFolder, testContext } from '../support.ts';
import { DIGEST, deployment, forced, NOW, summary, trusted } from './support.ts';

const CYCLONEDX = 'https://cyclonedx.org/bom';
const RULES = `rules:
  - { id: high, over: finding, condition: 'atLeast(finding.severity, "high")', action: fail, message: m }
`;
const policy = forced(`version: 1\ngates: { deploy: { rules: [high] } }\n${RULES}`);
const strict = forced(
  `version: 1\ngates: { deploy: { stages: { dependencies: always }, rules: [high] } }\n${RULES}`,
);

const payload = (digit: string) => digit.repeat(64);
const kept = (digit: string, document: unknown, type = CYCLONEDX) =>
  trusted(type, document, { payload: payload(digit) });
const accepted = (...all: ReturnType<typeof trusted>[]) => ({ accepted: all, refused: [] });

const vex = (status = 'not_affected') => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'a',
  timestamp: '2026-06-01T08:00:00Z',
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1001' },
      products: [{ '@id': 'pkg:npm/deep@1.0.1' }],
      status,
      justification: 'vulnerable_code_not_in_execute_path',
    },
  ],
});

async function decided(
  over: Parameters<typeof deployment>[0],
  named: string[],
  more: {
    policy?: typeof policy;
    advisories?: string;
    input?: Partial<DeployInput>;
    env?: Record<string, string>;
  } = {},
) {
  const none = join(temporaryFolder(), 'none');
  const input = {
    advisories: more.advisories ?? none,
    running: undefined,
    rollbackTo: undefined,
    ...more.input,
  };
  return await decideDeploy(
    deployment(over),
    summary(...named),
    more.policy ?? policy,
    input as DeployInput,
    testContext({ clock: { now: () => NOW }, env: more.env ?? { CI: 'true' } }),
  );
}

const verdict = async (...args: Parameters<typeof decided>) => (await decided(...args)).decision.verdict;

describe('a deployment', () => {
  it('rests on the summary and the bills of materials that the summary names, each once', async () => {
    const released = accepted(
      kept('1', bom('one')),
      kept('1', bom('one')),
      kept('2', bom('two')),
      kept('3', bom('three'), 'https://slsa.dev/provenance/v1'),
      trusted(CYCLONEDX, bom('four'), { payload: null }),
      trusted('', null, { statement: null, payload: payload('5') }),
      kept('6', bom('six'), `${CYCLONEDX}/v1.4`),
    );
    const all = ['1', '3', '5', '6'].map(payload);
    const { decision, reports, inputs } = await decided({ released }, all);
    expect(reports.map(({ bom: of }) => of?.components.map(({ name }) => name))).toEqual([['one'], ['six']]);
    expect(inputs.map(({ sha256 }) => sha256)).toEqual([payload('f'), payload('1'), payload('6')]);
    expect(inputs[1]?.uri).toBe(CYCLONEDX);
    expect(decision).toMatchObject({
      gate: 'deploy',
      verdict: 'passed',
      local: false,
      decidedAt: NOW.toISOString(),
      subject: { name: 'app.tgz', digest: { sha256: DIGEST.slice(7) }, uri: 'oci:registry.example/payments' },
    });
    expect((await decided({}, [], { env: {} })).decision.local).toBe(true);
  });

  it('is held against the advisories of the day', async () => {
    const advisories = await database();
    const released = accepted(kept('1', bom('deep')));
    expect(await verdict({ released }, [payload('1')], { advisories })).toBe('failed');
    const { reports } = await decided({ released }, [payload('1')], { advisories });
    expect(reports.map(({ engine }) => engine.name)).toEqual(['sallyport-sbom', 'sallyport-advisories']);
    expect(
      await verdict({ released: accepted(kept('1', bom('fine'))) }, [payload('1')], { advisories }),
    ).toBe('passed');
    // What the summary does not name is nobody’s.
    expect(await verdict({ released }, [payload('2')], { advisories })).toBe('passed');
    expect((await decided({ released }, [], { advisories })).reports).toEqual([]);
  });

  it('is no verdict where advisories are asked for, and there is no bill of materials or no database', async () => {
    const problem = async (...args: Parameters<typeof decided>) => {
      const { verdict: said, problems } = (await decided(...args)).decision;
      return `${said} ${problems.map(({ code, next }) => `${code} ${next}`).join()}`;
    };
    const released = accepted(kept('1', bom('fine')));
    const named = [payload('1')];
    const advisories = await database();
    expect(await problem({ released }, named, { policy: strict })).toBe(
      'error SP-ADVISORIES-MISSING sallyport advisories import',
    );
    expect(await problem({}, [], { policy: strict, advisories })).toMatch(
      /^error SP-ADVISORIES-MISSING hand one/u,
    );
    expect(await problem({ released }, named, { policy: strict, advisories })).toBe('passed ');
    expect(await problem({}, [])).toBe('passed ');
  });

  it('counts what those say who are trusted with VEX, and tells what cannot be read', async () => {
    const advisories = await database();
    const released = accepted(kept('1', bom('deep')));
    const say = async (...said: ReturnType<typeof trusted>[]) =>
      await decided({ released, excused: accepted(...said) }, [payload('1')], { advisories });
    const type = 'https://openvex.dev/ns/v0.2.0';
    const excused = await say(kept('7', vex(), type));
    expect(excused.decision.verdict).toBe('passed');
    expect(excused.inputs.map(({ sha256 }) => sha256)).toEqual([payload('f'), payload('1'), payload('7')]);
    expect((await say(kept('7', vex('affected'), type))).decision.verdict).toBe('failed');
    const broken = await say(kept('7', { ...vex(), author: undefined }, type));
    expect(broken.decision.verdict).toBe('failed');
    expect(broken.decision.notes.join()).toContain('does not count');
    expect(broken.inputs).toHaveLength(2);
  });

  it('says what it could not see', async () => {
    const notes = async (...args: Parameters<typeof decided>) =>
      (await decided(...args)).decision.notes.join('\n');
    const released = accepted(kept('1', bom('fine')));
    const advisories = await database();
    expect(await notes({ released }, [payload('1')])).toMatch(/--running[^\n]*\nno advisories are here/u);
    expect(await notes({}, [])).not.toContain('advisories');
    expect(await notes({ released }, [payload('1')], { advisories })).not.toContain('advisories');
    expect(await notes({}, [], { input: { running: 'old.tgz' } })).toBe('');
    expect(await notes({}, [], { input: { rollbackTo: DIGEST } })).toBe('');
  });
});

const exception = {
  environment: 'production',
  people: [
    { name: 'alice', reason: 'payments are down' },
    { name: 'bob', reason: 'so they are' },
  ],
  expires: new Date('2026-06-01T13:00:00Z'),
  owed: new Date('2026-06-02T12:00:00Z'),
  signatures: [kept('8', {}, 'break-glass'), kept('9', {}, 'break-glass')],
};

describe('an exception', () => {
  it('passes with everything about it told, and rests on its signatures', () => {
    const context = (env: Record<string, string>) => testContext({ clock: { now: () => NOW }, env });
    const { decision, inputs, reports } = decideException(
      deployment(),
      exception,
      policy,
      context({ CI: 'true' }),
    );
    expect(decision).toMatchObject({
      gate: 'deploy',
      verdict: 'passed',
      local: false,
      base: null,
      decidedAt: NOW.toISOString(),
      policy: { uri: policy.whole.uri, digest: policy.whole.digest },
      summary:
        'passed as an exception until 2026-06-01T13:00:00.000Z, by alice: payments are down; bob: so they are',
      notes: [expect.stringContaining('owed by 2026-06-02T12:00:00.000Z')],
    });
    const { stages, findings, facts, problems } = decision;
    expect([stages, findings, facts, problems, reports]).toEqual([[], [], [], [], []]);
    expect(inputs.map(({ sha256 }) => sha256)).toEqual([payload('8'), payload('9')]);
    expect(decideException(deployment(), exception, policy, context({})).decision.local).toBe(true);
  });
});

describe('the chain of a deployment', () => {
  const told = async (over: Parameters<typeof deployment>[0], named: string[] = []) => {
    const { decision } = await decided(over, named, { env: {} });
    return [...linesOf(chainOf(deployment(over), decision, { release: summary(...named) }))];
  };

  it('tells by whom each piece was signed, when, and by which entry of the policy', async () => {
    const claimless = trusted(CYCLONEDX, bom('one'), { payload: payload('1') });
    (claimless.verified.signer as unknown as { claims: object }).claims = {
      identity: 'https://people.example/alice',
      issuer: 'https://token.example',
      sourceRepositoryId: null,
    };
    const keyed = trusted(CYCLONEDX, bom('two'), {
      payload: payload('2'),
      crossChecks: [{ field: 'builder.id', claim: 'build signer URI' }] as never,
      signed: new Date(NOW.getTime() + 60_000),
      verified: {
        signer: { kind: 'key', fingerprint: 'SHA256:abc' },
        times: [{ how: 'timestamp', by: 'tsa' }],
      } as never,
    });
    const lines = await told({ released: accepted(claimless, keyed) }, ['1', '2', '3'].map(payload));
    expect(lines[0]).toBe(`deploy to production: passed, ${DIGEST} (oci:registry.example/payments)`);
    const by = 'signed by https://github.com/acme/gates/release.yml, issuer https://token.example';
    const from = 'source repository 1001 of owner 2002, trigger push, runner github-hosted';
    expect(lines.slice(3, 20)).toEqual([
      '├─ deny-list: the policy asks for none',
      '├─ release summary: SALLYPORT_RELEASE by https://github.com/sallyport/sallyport/verifiers/release for oci:registry.example/payments (rule 8)',
      `│  ├─ ${by}, ${from} = trust entry the release workflow (rule 7)`,
      '│  ├─ signed at 2026-06-01T09:30:00.000Z, 2 hours ago, by the log of log.example (rule 8)',
      `│  ├─ policy sha256:${payload('d')}, which is accepted`,
      `│  ├─ rests on ${CYCLONEDX} sha256:${payload('1')}`,
      '│  │  ├─ signed by https://people.example/alice, issuer https://token.example = trust entry the release workflow (rule 7)',
      '│  │  └─ signed at 2026-06-01T09:30:00.000Z, 2 hours ago, by the log of log.example (rule 8)',
      `│  ├─ rests on ${CYCLONEDX} sha256:${payload('2')}`,
      '│  │  ├─ signed with key SHA256:abc = trust entry the release workflow (rule 7)',
      '│  │  ├─ signed at 2026-06-01T12:01:00.000Z, 0 hours ago, by the timestamp of tsa (rule 8)',
      '│  │  └─ builder.id = the certificate’s build signer URI',
      `│  └─ rests on ${CYCLONEDX} sha256:${payload('3')}, which is not kept here`,
      '├─ dependencies: passed, sallyport-sbom, sallyport-sbom',
      expect.stringMatching(/^├─ note: nothing says what runs there now/u),
      expect.stringMatching(/^└─ note: no advisories are here/u),
    ]);
  });

  it('tells the policy, each root once, the deny-list and the images of an index', async () => {
    const denied = { number: 7, expires: new Date('2026-06-08T00:00:00Z') };
    const expectation = {
      instances: [{ digest: 'aa' }, { digest: 'bb' }, { digest: 'aa' }],
      signers: [],
      denied,
      now: NOW,
    };
    const platforms = [{ name: 'linux/amd64', digest: DIGEST }];
    const lines = await told({ expectation: expectation as never, platforms });
    expect(lines[1]).toBe(
      `├─ policy of the deploying side: sha256:${policy.whole.digest.sha256} ${policy.whole.uri}`,
    );
    expect(lines[2]).toBe('├─ trusted roots: sha256:aa, sha256:bb (rule 12)');
    expect(lines[3]).toMatch(/^├─ deny-list 7, until 2026-06-08T00:00:00.000Z: neither/u);
    expect(lines).toContain('├─ images of the index, each named by the summary');
    expect(lines).toContain(`│  └─ linux/amd64 ${DIGEST}`);
    expect((await told({})).join()).not.toContain('images of the index');
  });

  it('tells an exception by its people, and the stages of a decision', async () => {
    const { decision } = await decided({}, [], { policy: strict, env: {} });
    const lines = [...linesOf(chainOf(deployment(), decision, { exception }))];
    expect(lines).toContain('├─ exception by two people until 2026-06-01T13:00:00.000Z (rule 10)');
    expect(lines).toContain('│  ├─ alice: payments are down');
    expect(lines).toContain('│  └─ bob: so they are');
    const [stage] = decision.stages;
    expect(lines).toContain(`├─ ${stage?.stage}: ${stage?.outcome}, ${stage?.reason}`);
  });
});
