import { describe, expect, it } from 'vitest';
import { provenanceOf } from '../../src/attest/statement/provenance.ts';
import { resolvedDependencies } from '../../src/commands/provenance-dependencies.ts';
import { TestRepository, temporaryFolder, testContext } from '../gate/support.ts';

const A = 'a'.repeat(40);
const WORKFLOW = '.github/workflows/release.yml';
const BOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'application', name: 'app', 'bom-ref': 'app' } },
  components: [
    {
      type: 'library',
      name: 'left',
      version: '1.0.0',
      'bom-ref': 'left',
      purl: 'pkg:npm/left@1.0.0',
      hashes: [{ alg: 'SHA-512', content: 'b'.repeat(128) }],
    },
    { type: 'library', name: 'right', 'bom-ref': 'right', purl: 'pkg:npm/right@1.0.0' },
  ],
});

function world() {
  const repository = new TestRepository({
    [WORKFLOW]: `jobs: { x: { steps: [{ uses: actions/checkout@${A} }, { uses: a/b@main }] } }\n`,
    'bom.json': BOM,
  });
  const sha = repository.git('rev-parse', 'HEAD');
  const claims = {
    repository: 'acme/payments',
    repository_id: '1',
    repository_owner_id: '2',
    sha,
    ref: 'refs/heads/main',
    event_name: 'push',
    run_id: '42',
    run_attempt: '1',
    runner_environment: 'github-hosted',
    workflow_ref: `acme/payments/${WORKFLOW}@refs/heads/main`,
    workflow_sha: sha,
    job_workflow_ref: `acme/payments/${WORKFLOW}@refs/heads/main`,
  };
  return { repository, claims, context: testContext({ cwd: repository.root }) };
}

describe('what provenance says that went into a build', () => {
  it('is the source first, then what the workflow pins and the bill of materials names', async () => {
    const { claims, context, repository } = world();
    // The working tree counts for nothing: the workflow is read at the token's commit.
    repository.write({ [WORKFLOW]: `jobs: { x: { steps: [{ uses: evil/x@${'e'.repeat(40)} }] } }\n` });
    const found = await resolvedDependencies({ bom: ['bom.json'], checkout: undefined }, claims, context);
    const checkout = { uri: `git+https://github.com/actions/checkout@${A}`, digest: { gitCommit: A } };
    const left = { uri: 'pkg:npm/left@1.0.0', digest: { sha512: 'b'.repeat(128) } };
    expect(found).toEqual([checkout, left]);
    const { buildDefinition } = provenanceOf(claims, {}, found) as {
      buildDefinition: { resolvedDependencies: unknown };
    };
    expect(buildDefinition.resolvedDependencies).toEqual([
      { uri: 'git+https://github.com/acme/payments@refs/heads/main', digest: { gitCommit: claims.sha } },
      checkout,
      left,
    ]);
    expect(context.said.join('\n')).toContain('1 of the workflow’s actions are not pinned');
    expect(context.said.join('\n')).toContain('1 components have no digest');
  });

  it('is told to be incomplete where the commit is not here, and refused where it was asked for', async () => {
    const { claims, context } = world();
    const elsewhere = { ...claims, workflow_sha: 'f'.repeat(40) };
    const ask = async (checkout: string | undefined, of = elsewhere, cwd = context.cwd) =>
      await resolvedDependencies({ bom: [], checkout }, of, { ...context, cwd });
    expect(await ask(undefined)).toEqual([]);
    expect(await ask(undefined, claims, temporaryFolder())).toEqual([]);
    expect(context.said.filter((line) => line.includes('not in the provenance'))).toHaveLength(2);
    const refused = { code: 'SP-PROVENANCE-SOURCE' };
    await expect(ask('.')).rejects.toMatchObject(refused);
    await expect(ask(temporaryFolder(), claims)).rejects.toMatchObject(refused);
    const renamed = { ...claims, workflow_ref: 'acme/payments/.github/workflows/x.yml@refs/heads/main' };
    await expect(ask('.', renamed)).rejects.toMatchObject(refused);
    await expect(ask('.', { ...claims, workflow_sha: '--output=x' })).rejects.toMatchObject(refused);
  });
});
