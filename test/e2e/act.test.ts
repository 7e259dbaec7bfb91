import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/model/version.ts';
import { copyRelease, exampleRepository, git, payload, run, temporaryFolder } from './support.ts';
import { lacks, tool } from './tools.ts';

const WORKFLOW = `name: gate
on: [push, pull_request, merge_group]
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0
      - id: gate
        uses: sallyport/sallyport/actions/gate@v${VERSION}
      - if: always()
        run: echo "decision=\${{ steps.gate.outputs.decision }}"
`;

describe.skipIf(lacks('act'))('a workflow, run by act on this machine', () => {
  const release = copyRelease();
  git(release, 'init', '--quiet');
  git(release, 'add', '--all', '--force');
  git(release, 'commit', '--quiet', '--message', 'release');

  it.each([
    ['push', true, 'failed'],
    ['push', false, 'passed'],
    ['pull_request', true, 'failed'],
    ['pull_request', false, 'passed'],
    ['merge_group', true, 'failed'],
    ['merge_group', false, 'passed'],
  ])('%s, broken: %s', (event, broken, decision) => {
    const root = exampleRepository(broken, { '.github/workflows/gate.yml': WORKFLOW });
    const home = temporaryFolder();
    writeFileSync(join(home, '.actrc'), '');
    const { code, stdout } = run(
      tool('act') ?? 'act',
      [
        event,
        '-P',
        'ubuntu-latest=-self-hosted',
        '-W',
        '.github/workflows/gate.yml',
        '--local-repository',
        `sallyport/sallyport@v${VERSION}=${release}`,
        '-e',
        payload(root, event),
      ],
      { cwd: root, env: { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: join(home, 'cache') } },
    );
    expect(stdout).toContain(`decision=${decision}`);
    expect(code === 0).toBe(decision === 'passed');
  });
});
