import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/policy/evaluate.ts';
import { allowedLicenses, deniedLicenses } from '../../src/policy/licenses.ts';
import { combineTrust, requireTrustFrom, trustRules } from '../../src/policy/trust.ts';
import { compiled, evaluation, finding, merged, pack, refusalOf, report } from './support.ts';

const workflow = {
  name: 'release',
  signs: ['release', 'deploy'],
  issuer: 'https://token.example',
  workflow: {
    repository: 'https://github.com/acme/gates',
    path: '.github/workflows/release.yml',
    refs: ['refs/heads/main', 'refs/heads/next'],
    digests: ['a'.repeat(40), 'b'.repeat(40)],
  },
  source: { repositoryId: '1', ownerId: '2' },
  triggers: ['push', 'release'],
  runner: 'github-hosted',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
};
const person = {
  name: 'alice',
  signs: ['vex'],
  issuer: 'https://people.example',
  identity: 'alice@example.com',
};
const key = { name: 'hsm', signs: ['release'], publicKey: '-----BEGIN PUBLIC KEY-----' };

const trusting = (trust: object) => JSON.stringify({ version: 1, trust });
const signers = (...all: object[]) => trusting({ signers: all });

const codeOf = (run: () => unknown) => refusalOf(run, 'accepted');
const layered = (before: string, after: string) => codeOf(() => merged(before, after));
/** The same entry with another workflow, or another change. */
const other = (change: object) => ({ ...workflow, ...change });
const at = (change: object) => other({ workflow: { ...workflow.workflow, ...change } });

describe('an entry of trust that a later layer says again', () => {
  it.each<[string, object, object]>([
    ['the same', workflow, workflow],
    ['a person', person, person],
    ['a key', key, key],
    ['fewer roles', workflow, other({ signs: ['release'] })],
    ['fewer refs', workflow, at({ refs: ['refs/heads/main'] })],
    ['fewer commits', workflow, at({ digests: ['a'.repeat(40)] })],
    ['no refs, but commits', workflow, at({ refs: [] })],
    ['fewer triggers', workflow, other({ triggers: ['push'] })],
    ['triggers where any was accepted', other({ triggers: undefined }), workflow],
    ['triggers where an empty list meant any', other({ triggers: [] }), workflow],
    ['a runner where any was accepted', other({ runner: 'any' }), other({ runner: 'self-hosted' })],
    ['the runner that nothing said means', other({ runner: undefined }), workflow],
    ['no word of the runner, which means the same', workflow, other({ runner: undefined })],
    ['a later beginning', workflow, other({ notBefore: '2026-02-01T00:00:00Z' })],
    ['an earlier end', workflow, other({ notAfter: '2026-12-01T00:00:00Z' })],
    ['limits of time where there were none', other({ notBefore: undefined, notAfter: undefined }), workflow],
  ])('narrows it: %s', (_what, before, after) => {
    expect(layered(signers(before), signers(after))).toBe('accepted');
  });

  it.each<[string, object, object]>([
    ['another name', workflow, other({ name: 'mine' })],
    ['another role', workflow, other({ signs: ['release', 'vex'] })],
    ['another issuer', workflow, other({ issuer: 'https://other.example' })],
    ['another repository of the workflow', workflow, at({ repository: 'https://github.com/acme/other' })],
    ['another file', workflow, at({ path: '.github/workflows/other.yml' })],
    ['another ref', workflow, at({ refs: ['refs/heads/main', 'refs/heads/feature'] })],
    ['another commit', workflow, at({ digests: ['a'.repeat(40), 'c'.repeat(40)] })],
    ['commits where there were none', at({ digests: [] }), workflow],
    ['another source', workflow, other({ source: { repositoryId: '9', ownerId: '2' } })],
    ['another owner', workflow, other({ source: { repositoryId: '1', ownerId: '9' } })],
    ['another trigger', workflow, other({ triggers: ['push', 'schedule'] })],
    ['no triggers', workflow, other({ triggers: undefined })],
    ['an empty list of triggers', workflow, other({ triggers: [] })],
    ['any runner', workflow, other({ runner: 'any' })],
    ['another runner', other({ runner: undefined }), other({ runner: 'self-hosted' })],
    ['an earlier beginning', workflow, other({ notBefore: '2025-12-31T23:59:59Z' })],
    ['no beginning', workflow, other({ notBefore: undefined })],
    ['a later end', workflow, other({ notAfter: '2027-01-01T00:00:01Z' })],
    ['no end', workflow, other({ notAfter: undefined })],
    ['another person', person, { ...person, identity: 'mallory@example.com' }],
    ['another key', key, { ...key, publicKey: '-----BEGIN PUBLIC KEY----- x' }],
    ['a person in the place of a workflow', other({ name: 'alice', signs: ['vex'] }), person],
  ])('does not narrow it: %s', (_what, before, after) => {
    expect(layered(signers(before), signers(after))).toBe('SP-POLICY-LOOSENED');
  });

  it('narrows one of several, and adds none', () => {
    const all = signers(person, workflow, key);
    expect(layered(all, signers(other({ triggers: ['push'] }), key))).toBe('accepted');
    expect(layered(all, signers(key, { ...key, name: 'another' }))).toBe('SP-POLICY-LOOSENED');
  });
});

const digest = (letter: string) => letter.repeat(64);

describe('what a policy believes beside signers', () => {
  it.each<[string, object, object, object]>([
    [
      'policies',
      { policies: [digest('a'), digest('b')] },
      { policies: [digest('b')] },
      { policies: [digest('b'), digest('c')] },
    ],
    [
      'roots',
      { roots: { sha256: [digest('a'), digest('b')] } },
      { roots: { sha256: [digest('a')] } },
      { roots: { sha256: [digest('a'), digest('c')] } },
    ],
    [
      'the age of roots',
      { roots: { maxAge: '10d' } },
      { roots: { maxAge: '9d' } },
      { roots: { maxAge: '241h' } },
    ],
    [
      'the age of summaries',
      { summaries: { maxAge: '5d' } },
      { summaries: { maxAge: '4d' } },
      { summaries: { maxAge: '121h' } },
    ],
    [
      'a deny-list',
      { denyList: { required: false, minimum: 2 } },
      { denyList: { required: true, minimum: 3 } },
      { denyList: { required: true, minimum: 1 } },
    ],
    [
      'a deny-list that is required',
      { denyList: { required: true } },
      { denyList: { required: true, minimum: 2 } },
      { denyList: { required: false, minimum: 2 } },
    ],
    [
      'environments with exceptions',
      { breakGlass: { environments: ['production', 'staging'] } },
      { breakGlass: { environments: ['staging'] } },
      { breakGlass: { environments: ['staging', 'test'] } },
    ],
  ])('can be said again, and narrower, and not wider: %s', (_what, before, narrower, wider) => {
    expect(layered(trusting(before), trusting(before))).toBe('accepted');
    expect(layered(trusting(before), trusting(narrower))).toBe('accepted');
    expect(layered(trusting(before), trusting(wider))).toBe('SP-POLICY-LOOSENED');
  });

  it('stays unsaid where a layer before has said something else of trust', () => {
    const said = trusting({ summaries: { maxAge: '5d' } });
    for (const adds of [
      { signers: [key] },
      { policies: [digest('a')] },
      { breakGlass: { environments: ['test'] } },
    ])
      expect(layered(said, trusting(adds))).toBe('SP-POLICY-LOOSENED');
    expect(layered(said, trusting({ signers: [] }))).toBe('accepted');
    expect(layered('version: 1\n', trusting({ signers: [key] }))).toBe('accepted');
  });

  it('is what the last layer says, with what nothing said means', () => {
    const rules = trustRules(
      merged(trusting({ roots: { sha256: [digest('a')] }, signers: [workflow, person, key] })),
    );
    expect(rules).toMatchObject({ roots: [digest('a')], rootDays: 30, denyList: { required: false } });
    expect(rules.signers).toMatchObject([
      { kind: 'workflow', notBefore: new Date(workflow.notBefore), notAfter: new Date(workflow.notAfter) },
      { kind: 'person', notBefore: null, notAfter: null },
      { kind: 'key' },
    ]);
    expect(trustRules(merged('version: 1\n')).roots).toBe(null);
    const parts = [trusting({ signers: [key, person] }), trusting({ signers: [key] })];
    const combined = combineTrust(parts.map((text) => merged(text).trust));
    expect(trustRules({ trust: combined }).signers.map(({ name }) => name)).toEqual(['hsm']);
    expect(() => combineTrust([])).toThrow();
  });

  it('is none of a service’s, unless the pack has spoken of it', () => {
    const layers = merged('version: 1\ntitle: x\n').layers;
    expect(codeOf(() => requireTrustFrom(merged('version: 1\n'), layers))).toBe('accepted');
    const both = [...layers, ...merged(signers(key)).layers];
    expect(codeOf(() => requireTrustFrom(merged('version: 1\n'), both))).toBe('SP-POLICY-LOOSENED');
  });
});

describe('a signer', () => {
  it.each<[string, object]>([
    ['a person without an issuer', { ...person, issuer: undefined }],
    ['a person with a source', { ...person, source: { repositoryId: '1', ownerId: '2' } }],
    ['a person with triggers', { ...person, triggers: ['push'] }],
    ['a person with a runner', { ...person, runner: 'any' }],
    ['a key with an issuer', { ...key, issuer: 'https://token.example' }],
    ['a key with a source', { ...key, source: { repositoryId: '1', ownerId: '2' } }],
    ['a workflow at nothing', at({ refs: [], digests: [] })],
    ['a workflow without a source', other({ source: undefined })],
    ['a workflow with a key', other({ publicKey: 'x' })],
    ['nobody', { name: 'x', signs: ['vex'] }],
  ])('is refused: %s', (_what, entry) => {
    expect(codeOf(() => merged(signers(entry)))).toBe('SP-POLICY-INVALID');
  });

  it('may be a workflow at commits alone, or at refs alone', () => {
    expect(codeOf(() => merged(signers(at({ refs: [] }))))).toBe('accepted');
    expect(codeOf(() => merged(signers(at({ digests: undefined }))))).toBe('accepted');
    expect(codeOf(() => merged(signers(at({ refs: [], digests: ['a'.repeat(40), 'a'.repeat(40)] }))))).toBe(
      'accepted',
    );
  });
});

describe('other limits that a later layer says again', () => {
  const limits = (text: string) => `version: 1\n${text}\n`;
  it('are held down, all of them', () => {
    const vex = (duration: number) => limits(`limits: { vexDays: ${duration} }`);
    expect(layered(vex(30), vex(30))).toBe('accepted');
    expect(layered(vex(30), vex(29))).toBe('accepted');
    expect(layered(vex(30), vex(31))).toBe('SP-POLICY-LOOSENED');
    const lock = (...letters: string[]) =>
      limits(`engines: { trivy: { sha256: ${JSON.stringify(letters.map(digest))} } }`);
    expect(layered(lock('a', 'b'), lock('b'))).toBe('accepted');
    expect(layered(lock('a'), lock('a', 'b'))).toBe('SP-POLICY-LOOSENED');
  });

  it('keep the VEX documents of all layers', () => {
    const all = merged(limits('vex: [a.json]'), limits('vex: [b.json]')).vex;
    expect(all.map(({ value, place }) => [value, place.path])).toEqual([
      ['a.json', 'layer-0.yml'],
      ['b.json', 'layer-1.yml'],
    ]);
  });
});

describe('licences', () => {
  it('with a choice count where one of them does, and only then', () => {
    expect(allowedLicenses(['MIT OR GPL-3.0-only'], ['MIT'])).toBe(true);
    expect(allowedLicenses(['GPL-3.0-only OR MIT'], ['MIT'])).toBe(true);
    expect(allowedLicenses(['GPL-3.0-only OR LGPL-3.0-only'], ['MIT'])).toBe(false);
    expect(allowedLicenses(['MIT AND GPL-3.0-only'], ['MIT'])).toBe(false);
    expect(deniedLicenses(['GPL-3.0-only OR LGPL-3.0-only'], ['GPL-3.0-only', 'LGPL-3.0-only'])).toBe(true);
    expect(deniedLicenses(['GPL-3.0-only OR MIT'], ['GPL-3.0-only'])).toBe(false);
  });

  it('or later ones are others than those alone', () => {
    expect(allowedLicenses(['Apache-1.0+'], ['Apache-1.0'])).toBe(false);
    expect(allowedLicenses(['Apache-1.0+'], ['Apache-1.0+'])).toBe(true);
  });

  it('of a text that is too long are that text', () => {
    const long = `${'MIT OR '.repeat(5000)}MIT`;
    expect(allowedLicenses([long], ['MIT'])).toBe(false);
  });
});

describe('a stage that looked', () => {
  const policy = compiled(pack('baseline'), 'version: 1\nstages: { dependencies: { maxDataAge: 7d } }\n');
  const days = (count: number) =>
    new Date(Date.parse('2026-06-01T12:00:00Z') - count * 86_400_000).toISOString();
  const outcome = (updated: string | null) => {
    const { engine } = report();
    const data = updated === null ? {} : { data: { source: 's', updated } };
    const one = report({ stage: 'dependencies', engine: { ...engine, ...data } as never });
    const decision = evaluate(evaluation({ policy, reports: [one] }));
    return decision.stages.find(({ stage }) => stage === 'dependencies')?.outcome;
  };

  it('counts with data that are fresh, and none of the future', () => {
    expect(outcome(days(6.9))).toBe('passed');
    expect(outcome(days(7.1))).toBe('error');
    expect(outcome(days(-0.9))).toBe('passed');
    expect(outcome(days(-1.1))).toBe('error');
    expect(outcome('some day')).toBe('error');
    expect(outcome(null)).toBe('passed');
  });

  it('fails where one of its runs has findings of the policy, and not for others’', () => {
    const found = report({ stage: 'code', findings: [finding({ stage: 'code' })] });
    const quiet = report({ stage: 'code', engine: { ...report().engine, name: 'quiet' } });
    const { stages } = evaluate(evaluation({ policy, reports: [quiet, found, report()] }));
    expect(stages.find(({ stage }) => stage === 'code')).toMatchObject({
      state: 'findings',
      outcome: 'failed',
    });
    expect(stages.find(({ stage }) => stage === 'configuration')).toMatchObject({
      state: 'clean',
      outcome: 'passed',
    });
  });
});
