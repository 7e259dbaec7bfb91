import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  copyRelease,
  exampleRepository,
  git,
  payload,
  readOutputs,
  run,
  temporaryFolder,
} from './support.ts';

const release = copyRelease();

/** Runs the packed action as a runner does: inputs and event in the environment, nothing of ours. */
function step(
  root: string,
  event: string,
  inputs: Record<string, string> = {},
  over: Record<string, string> = {},
) {
  const folder = temporaryFolder();
  const [output, summary] = [join(folder, 'output'), join(folder, 'summary')];
  writeFileSync(output, '');
  writeFileSync(summary, '');
  const env: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOME: folder,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: over.GITHUB_EVENT_PATH ?? payload(root, event),
    GITHUB_SHA: git(root, 'rev-parse', 'HEAD'),
    GITHUB_REPOSITORY: 'acme/payments',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
    ...over,
  };
  const ran = run(process.execPath, [join(release, 'dist', 'gate.js')], { cwd: root, env });
  return { ...ran, outputs: readOutputs(output), summary: readFileSync(summary, 'utf8') };
}

describe('the packed action, away from its sources', () => {
  it.each([
    ['pull_request', true, 1, 'failed'],
    ['pull_request', false, 0, 'passed'],
    ['merge_group', true, 1, 'failed'],
    ['merge_group', false, 0, 'passed'],
    ['push', true, 1, 'failed'],
    ['push', false, 0, 'passed'],
  ])('%s, broken: %s', (event, broken, code, decision) => {
    const { code: exit, outputs, summary, stdout, stderr } = step(exampleRepository(broken), event);
    expect(stderr).toBe('');
    expect({ exit, decision: outputs.decision }).toEqual({ exit: code, decision });
    expect(outputs.summary).toContain(decision);
    expect(summary).toContain(broken ? 'Dockerfile' : 'PASSED');
    if (broken) expect(stdout).toMatch(/^::error [^\n]*file=Dockerfile,[^\n]*::/mu);
    else expect(stdout).not.toMatch(/^::(?:error|warning)/mu);
  });

  it('keeps workflow commands of the repository from the runner', () => {
    const root = exampleRepository(false);
    const name = '::error::forged\n::set-output name=decision::passed.dockerfile';
    writeFileSync(join(root, name), 'FROM node:latest\n');
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message', 'hostile');
    const { stdout, outputs } = step(root, 'pull_request');
    expect(outputs.decision).toBe('passed');
    const [, token] = /^::stop-commands::(\w+)$/mu.exec(stdout) ?? [];
    const after = stdout.slice(stdout.indexOf(`\n::${token}::\n`));
    expect(token).toBeTruthy();
    expect(after).not.toMatch(/^::error::forged/mu);
    expect(after).not.toMatch(/^::set-output/mu);
  });

  it.each([
    ['an unknown input', { polciy: 'x' }, {}, 'did you mean policy?'],
    ['a base set by input', { base: 'HEAD' }, {}, 'no input base'],
    [
      'an event that it is not judged on',
      {},
      { GITHUB_EVENT_NAME: 'pull_request_target' },
      'pull_request_target',
    ],
    ['an event that cannot be read', {}, { GITHUB_EVENT_PATH: '/nowhere' }, 'SP-EVENT'],
    [
      'a checkout of something else',
      {},
      { GITHUB_SHA: '0'.repeat(40), GITHUB_EVENT_PATH: '/nowhere' },
      'SP-EVENT',
    ],
  ])('%s is no verdict', (_name, inputs, over, said) => {
    const { code, outputs, stdout } = step(
      exampleRepository(false),
      'pull_request',
      inputs as Record<string, string>,
      over as Record<string, string>,
    );
    expect(code).toBe(2);
    expect(outputs.decision).toBe('error');
    expect(stdout).toContain(said);
  });

  it('a shallow clone without the base says what to add to the checkout step', () => {
    const root = exampleRepository(false);
    const clone = temporaryFolder();
    git(clone, 'clone', '--quiet', '--depth=1', '--branch=change', `file://${root}`, 'shallow');
    const shallow = join(clone, 'shallow');
    const { code, stdout } = step(
      shallow,
      'push',
      {},
      { GITHUB_EVENT_NAME: 'pull_request', GITHUB_EVENT_PATH: payload(root, 'pull_request') },
    );
    expect(code).toBe(2);
    expect(stdout).toContain('fetch-depth: 0');
  });
});
