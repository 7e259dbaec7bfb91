import { describe, expect, it } from 'vitest';
import { FORBIDDEN_TRIGGERS } from '../../src/model/trust.ts';
import { requireTrustFrom, trustRules } from '../../src/policy/trust.ts';
import { merged, refusalOf } from './support.ts';

const workflow = {
  name: 'release',
  signs: ['release'],
  issuer: 'https://token.actions.githubusercontent.com',
  workflow: {
    repository: 'https://github.com/acme/gates',
    path: '.github/workflows/release.yml',
    refs: ['refs/heads/main'],
  },
  source: { repositoryId: '1', ownerId: '2' },
};
const text = (...signers: unknown[]) => JSON.stringify({ version: 1, trust: { signers } });
const other = (change: object) => ({ ...workflow, ...change });

const codeOf = (run: () => unknown) => refusalOf(run, 'accepted');

describe('rule 7: a policy says exactly who may sign', () => {
  it('reads workflows, people and keys', () => {
    const person = {
      name: 'alice',
      signs: ['deny-list', 'break-glass'],
      issuer: 'https://accounts.example.com',
      identity: 'alice@example.com',
    };
    const key = { name: 'hsm', signs: ['release'], publicKey: '-----BEGIN PUBLIC KEY-----' };
    const rules = trustRules(merged(text(workflow, person, key)));
    expect(rules.signers.map((one) => one.kind)).toEqual(['workflow', 'person', 'key']);
    expect(rules.signers[0]).toMatchObject({ runner: 'github-hosted', triggers: [], notBefore: null });
    expect(rules).toMatchObject({
      policies: [],
      rootDays: 30,
      breakGlass: [],
      denyList: { required: false },
    });
  });

  it.each<[string, object]>([
    ['a wildcard ref', { workflow: { ...workflow.workflow, refs: ['refs/heads/*'] } }],
    ['a ref that is no whole one', { workflow: { ...workflow.workflow, refs: ['main'] } }],
    [
      'a pattern for a repository',
      { workflow: { ...workflow.workflow, repository: 'https://github.com/acme/.*' } },
    ],
    ['a short commit', { workflow: { ...workflow.workflow, digests: ['abc1234'] } }],
    ['neither refs nor commits', { workflow: { ...workflow.workflow, refs: [] } }],
    ['a repository by name', { source: { repositoryId: 'acme/app', ownerId: '2' } }],
    ['no source at all', { source: undefined }],
    ['a workflow and a person at once', { identity: 'alice@example.com' }],
    ['no issuer', { issuer: undefined }],
    ...FORBIDDEN_TRIGGERS.map((trigger): [string, object] => [
      `the trigger ${trigger}`,
      { triggers: [trigger] },
    ]),
  ])('refuses %s', (_name, change) => {
    expect(codeOf(() => merged(text(other(change))))).toBe('SP-POLICY-INVALID');
  });
});

describe('rule 3: trust can only be narrowed', () => {
  const pack = text(other({ triggers: ['push', 'release'] }));
  it.each<[string, object]>([
    ['an earlier end', { triggers: ['push'], notAfter: '2027-01-01T00:00:00Z' }],
    ['fewer triggers', { triggers: ['push'] }],
  ])('takes %s', (_name, change) => {
    expect(codeOf(() => merged(pack, text(other(change))))).toBe('accepted');
  });

  it('takes a signer away', () => {
    expect(trustRules(merged(pack, text())).signers).toEqual([]);
  });

  it.each<[string, string]>([
    ['a service that adds itself', text(other({ triggers: ['push'] }), other({ name: 'mine' }))],
    [
      'another ref',
      text(other({ triggers: ['push'], workflow: { ...workflow.workflow, refs: ['refs/heads/dev'] } })),
    ],
    ['any trigger', text(other({}))],
    ['another runner', text(other({ triggers: ['push'], runner: 'any' }))],
    ['another repository', text(other({ triggers: ['push'], source: { repositoryId: '9', ownerId: '2' } }))],
    ['more that it may sign', text(other({ triggers: ['push'], signs: ['release', 'deploy'] }))],
    ['a policy of its own', JSON.stringify({ version: 1, trust: { policies: ['a'.repeat(64)] } })],
    ['an exception', JSON.stringify({ version: 1, trust: { breakGlass: { environments: ['production'] } } })],
  ])('refuses %s', (_name, later) => {
    expect(codeOf(() => merged(pack, later))).toBe('SP-POLICY-LOOSENED');
  });

  it('holds the limits down', () => {
    const limits = (trust: object) => JSON.stringify({ version: 1, trust });
    const base = limits({
      roots: { maxAge: '10d' },
      summaries: { maxAge: '5d' },
      denyList: { required: true, minimum: 7 },
    });
    expect(trustRules(merged(base))).toMatchObject({ rootDays: 10, summaryHours: 120 });
    for (const loose of [
      { roots: { maxAge: '11d' } },
      { summaries: { maxAge: '6d' } },
      { denyList: { required: false, minimum: 7 } },
      { denyList: { required: true, minimum: 6 } },
    ])
      expect(codeOf(() => merged(base, limits(loose)))).toBe('SP-POLICY-LOOSENED');
  });

  it('refuses trust that only a service’s own file states', () => {
    const service = merged(text(workflow)).layers;
    expect(codeOf(() => requireTrustFrom(merged('version: 1\n'), service))).toBe('SP-POLICY-LOOSENED');
    expect(codeOf(() => requireTrustFrom(merged(text(workflow)), service))).toBe('accepted');
  });
});
