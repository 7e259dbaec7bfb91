import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { refuseForks } from '../../src/gate/fork.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

async function tried(env: Record<string, string>, payload?: unknown): Promise<string> {
  const file = join(temporaryFolder(), 'event.json');
  if (payload !== undefined)
    writeFileSync(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
  const context = testContext({ env: { GITHUB_EVENT_PATH: file, ...env } });
  return await refuseForks(context).then(
    () => 'goes on',
    (thrown: { problem: { code: string } }) => thrown.problem.code,
  );
}

const actions = (event: string) => ({ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: event });
const ends = (base: number, head: number | null) => ({
  pull_request: { base: { repo: { id: base } }, head: { repo: head === null ? null : { id: head } } },
});

describe('trying credentials out', () => {
  it.each<[string, Record<string, string>, unknown, string]>([
    ['on a laptop', {}, undefined, 'goes on'],
    ['on a push', actions('push'), undefined, 'goes on'],
    ['in a pull request of the repository itself', actions('pull_request'), ends(1, 1), 'goes on'],
    ['in a pull request from a fork', actions('pull_request'), ends(1, 2), 'SP-SECRETS-FORK'],
    ['from a fork that is gone', actions('pull_request'), ends(1, null), 'SP-SECRETS-FORK'],
    [
      'from a fork, with a token that can write',
      actions('pull_request_target'),
      ends(1, 2),
      'SP-SECRETS-FORK',
    ],
    ['where the event cannot be read', actions('pull_request'), undefined, 'SP-SECRETS-FORK'],
    ['where the event is no JSON', actions('pull_request'), '{', 'SP-SECRETS-FORK'],
    ['where the event tells nothing', actions('pull_request'), {}, 'SP-SECRETS-FORK'],
    [
      'where repositories have the same name',
      actions('pull_request'),
      {
        pull_request: { base: { repo: { full_name: 'a/b' } }, head: { repo: { full_name: 'a/b' } } },
      },
      'SP-SECRETS-FORK',
    ],
    [
      'after a run for a fork',
      actions('workflow_run'),
      {
        repository: { id: 1 },
        workflow_run: { head_repository: { id: 2 } },
      },
      'SP-SECRETS-FORK',
    ],
    [
      'after a run of the repository itself',
      actions('workflow_run'),
      {
        repository: { id: 1 },
        workflow_run: { head_repository: { id: 1 } },
      },
      'goes on',
    ],
    ['after a run that tells nothing', actions('workflow_run'), { repository: { id: 1 } }, 'SP-SECRETS-FORK'],
    [
      'in a pull request of the repository itself, with a token that can write',
      actions('pull_request_target'),
      ends(1, 1),
      'goes on',
    ],
    [
      'on a comment whose event tells of a run, too',
      actions('issue_comment'),
      { repository: { id: 1 }, workflow_run: { head_repository: { id: 1 } }, ...ends(1, 1) },
      'SP-SECRETS-FORK',
    ],
    [
      'in a merge request of the project itself',
      { CI: 'true', GITLAB_CI: 'true', CI_PROJECT_ID: '1', CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1' },
      undefined,
      'goes on',
    ],
    ['on somebody’s comment', actions('issue_comment'), {}, 'SP-SECRETS-FORK'],
    ['in a pipeline of GitLab', { CI: 'true', GITLAB_CI: 'true', CI_PROJECT_ID: '1' }, undefined, 'goes on'],
    [
      'in a merge request from another project',
      {
        CI: 'true',
        GITLAB_CI: 'true',
        CI_PROJECT_ID: '1',
        CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '2',
      },
      undefined,
      'SP-SECRETS-FORK',
    ],
    ['in a CI that is not known', { CI: 'true' }, undefined, 'SP-SECRETS-FORK'],
  ])('%s', async (_where, env, payload, expected) => {
    expect(await tried(env, payload)).toBe(expected);
  });

  it('is an option of secrets, needs the network, and is refused in a fork’s pull request', async () => {
    const repository = new TestRepository({ 'a.txt': 'a\n' });
    const scan = async (raw: Record<string, unknown>, over = {}) => {
      const context = testContext({ cwd: repository.root, ...over });
      const { exit } = await invoke(await loadCommand('scan'), { verify: true, ...raw }, context);
      return `${exit} ${context.said.join('')}`;
    };
    expect(await scan({ stage: 'configuration' })).toMatch(/^2 SP-USAGE/u);
    expect(await scan({ stage: 'secrets', offline: true })).toMatch(/^2 SP-USAGE.*--offline/u);
    repository.change({ 'b.txt': 'b\n' });
    expect(await scan({ stage: 'secrets' }, { ...repository.pullRequest(), surface: 'cli' })).toMatch(
      /^2 SP-SECRETS-FORK/u,
    );
  });
});
