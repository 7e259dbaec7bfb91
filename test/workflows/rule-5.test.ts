import { describe, expect, it } from 'vitest';
import { offencesIn, renderedWorkflows } from './rendered.ts';

const SHA = '3d3c42e5aac5ba805825da76410c181273ba90b1';
const CHECKOUT = `{ uses: actions/checkout@${SHA}, with: { persist-credentials: false } }`;
const job = (steps: string, more = '') =>
  `jobs:\n  release:\n    permissions: { id-token: write }\n    steps: [${steps}]\n${more}`;
const OWN = '{ uses: sallyport/sallyport/actions/sign@v1 }';

describe('rule 5: a job that can sign or push runs nothing but Sallyport', () => {
  it('in every workflow that is published, written into a repository or shown', async () => {
    const workflows = await renderedWorkflows();
    expect([...workflows.keys()]).toEqual(
      expect.arrayContaining(['.github/workflows/ci.yml', 'init: .github/workflows/sallyport.yml']),
    );
    for (const [path, text] of workflows) expect(offencesIn(text), path).toEqual([]);
  });

  it('may read the commit, move files and call what is ours', () => {
    const steps = `${CHECKOUT}, { uses: actions/download-artifact@${SHA} }, ${OWN}, { uses: $/actions/gate }`;
    expect(offencesIn(job(steps))).toEqual([]);
    expect(
      offencesIn(
        'permissions: { id-token: write }\njobs: { a: { uses: ./.github/workflows/release.yml } }\n',
      ),
    ).toEqual([]);
  });

  // The test above passes where nothing holds an identity: that the checker sees an offence is shown by planting them.
  it.each([
    ['a script', job(`${OWN}, { run: npm ci }`), 'runs npm ci'],
    ['an action of somebody else', job(`{ uses: acme/build@${SHA} }`), 'uses acme/build'],
    ['a name like ours', job('{ uses: evil/sallyport/actions/sign@v1 }'), 'uses evil'],
    ['a name that begins as ours', job('{ uses: sallyport/sallyport-x/actions/sign@v1 }'), 'uses sallyport'],
    ['a checkout that moves', job('{ uses: actions/checkout@v7 }'), 'uses actions/checkout@v7'],
    ['a checkout that leaves its token', job(`{ uses: actions/checkout@${SHA} }`), 'leaves the token'],
    [
      'the commit of a pull request',
      job(`{ uses: actions/checkout@${SHA}, with: { persist-credentials: false, ref: main } }`),
      'another commit',
    ],
    ['a container that steps run in', job(OWN, '    container: acme/build\n'), 'sets container'],
    ['a service beside it', job(OWN, '    services: { x: { image: y } }\n'), 'sets services'],
    ['a default shell', job(OWN, '    defaults: { run: { shell: evil } }\n'), 'sets defaults'],
    [
      'an identity for every job',
      'permissions: { id-token: write }\njobs: { test: { steps: [{ run: npm test }] } }\n',
      'test has id-token and runs npm test',
    ],
    [
      'write-all',
      'permissions: write-all\njobs: { test: { steps: [{ run: npm test }] } }\n',
      'write-all and runs',
    ],
    ['nothing said', 'jobs: { test: { steps: [{ run: npm test }] } }\n', 'test: permissions are not said'],
    [
      'the right to push images beside a build',
      'jobs: { build: { permissions: { packages: write }, steps: [{ run: make }] } }\n',
      'build has packages and runs make',
    ],
    [
      'somebody else’s reusable workflow',
      `jobs: { a: { permissions: { id-token: write }, uses: acme/x/.github/workflows/y.yml@${SHA} } }\n`,
      'calls acme/x',
    ],
    [
      'every secret handed on',
      'jobs: { a: { permissions: { id-token: write }, uses: ./.github/workflows/y.yml, secrets: inherit } }\n',
      'hands on every secret',
    ],
  ])('is refused with %s', (_name, text, offence) => {
    expect(offencesIn(text).join('\n')).toContain(offence);
  });
});
