import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Base, resolveBase } from '../../src/gate/base.ts';
import type { SallyportError } from '../../src/model/error.ts';
import type { Git } from '../../src/platform/git.ts';
import type { Repository } from '../../src/platform/open-tree.ts';
import { temporaryFolder, testContext } from './support.ts';

const id = (letter: string) => letter.repeat(40);
const [BASE, HEAD, FORK, MERGE, NEWER] = [id('b'), id('a'), id('c'), id('e'), id('d')];

/** A repository as its answers: which commits there are, where HEAD is, and what its parents are. */
function repository(
  over: {
    commits?: Record<string, string>;
    parents?: readonly string[] | null;
    after?: readonly [string, string][];
    mergeBase?: string | null;
    shallow?: string | null;
  } = {},
): Repository {
  const commits = over.commits ?? { HEAD, [BASE]: BASE, [NEWER]: NEWER, main: BASE };
  const answers = (args: readonly string[]): string | null => {
    const asked = args.join(' ');
    if (asked === 'rev-parse HEAD^@')
      return over.parents === null ? null : (over.parents ?? [FORK]).join('\n');
    if (asked === 'rev-parse --is-shallow-repository')
      return over.shallow === undefined ? 'false' : over.shallow;
    if (args[0] === 'merge-base' && args[1] === '--is-ancestor')
      return (over.after ?? []).some(([before, later]) => args[2] === before && args[3] === later)
        ? ''
        : null;
    if (
      args[0] === 'merge-base' &&
      args.length === 3 &&
      args[2] === 'HEAD' &&
      commits[args[1] ?? ''] !== undefined
    )
      return over.mergeBase === undefined ? FORK : over.mergeBase;
    throw new Error(`git was asked ${asked}`);
  };
  const git = {
    commit: async (revision: string) => commits[revision] ?? null,
    maybe: async (args: readonly string[]) => answers(args),
    renames: async (from: string) => ({ from }),
  };
  return { git: git as unknown as Git, prefix: '' };
}

const pull = (base: unknown = BASE, head: unknown = HEAD) => ({
  pull_request: { base: { sha: base }, head: { sha: head } },
});

interface Asked {
  surface?: 'cli' | 'action';
  env?: Record<string, string>;
  event?: unknown;
  given?: string;
  at?: Repository | null;
}

async function asked({
  surface = 'action',
  env = {},
  event,
  given,
  at = repository(),
}: Asked): Promise<Base | null> {
  const path = join(temporaryFolder(), 'event.json');
  if (event !== undefined) writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event));
  return await resolveBase(at, given, testContext({ surface, env: { GITHUB_EVENT_PATH: path, ...env } }));
}

async function problem(input: Asked): Promise<SallyportError['problem']> {
  return await asked(input).then(
    (base) => {
      throw new Error(`a base was found: ${JSON.stringify(base)}`);
    },
    (thrown: SallyportError) => thrown.problem,
  );
}

const named = (event: string) => ({ GITHUB_EVENT_NAME: event, GITHUB_ACTIONS: 'true' });
const inPull = named('pull_request');
const found = (revision: string) => ({ revision, mergeBase: FORK, renames: { from: FORK } });

describe('the base of a change', () => {
  it('is on a laptop what was asked for, and none where nothing was', async () => {
    expect(await asked({ surface: 'cli' })).toBe(null);
    expect(await asked({ surface: 'cli', at: null })).toBe(null);
    expect(await asked({ surface: 'cli', given: 'main' })).toEqual(found(BASE));
    expect(await problem({ surface: 'cli', given: 'main', at: null })).toMatchObject({
      code: 'SP-BASE-MISSING',
    });
    const missing = await problem({ surface: 'cli', given: 'gone' });
    expect(missing).toMatchObject({
      code: 'SP-BASE-MISSING',
      found: expect.stringContaining('--base names gone'),
    });
    expect(missing.found).not.toContain('shallow');
  });

  it('is no input in a workflow, in whatever way it is started there', async () => {
    const code = 'SP-BASE-INPUT';
    expect(await problem({ given: 'main' })).toMatchObject({ code });
    expect(await problem({ given: 'main', env: named('push') })).toMatchObject({ code });
    expect(await problem({ surface: 'cli', given: 'main', env: inPull, event: pull() })).toMatchObject({
      code,
    });
  });

  it.each(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release'])(
    'is none on %s: the whole tree is judged',
    async (event) => {
      expect(await asked({ env: named(event), at: null })).toBe(null);
    },
  );

  it.each(['pull_request_target', 'workflow_run', 'issue_comment'])('is refused on %s', async (event) => {
    const refused = await problem({ env: named(event), event: pull() });
    expect(refused).toMatchObject({
      code: 'SP-EVENT',
      found: event,
      message: expect.stringContaining('can write'),
    });
  });

  it('is refused on an event that is not known, or that nothing names', async () => {
    const refused = await problem({ env: named('fork'), event: pull() });
    expect(refused).toMatchObject({ code: 'SP-EVENT', message: expect.stringContaining('"fork"') });
    expect(await problem({ event: pull() })).toMatchObject({ code: 'SP-EVENT', found: '' });
  });

  it('is that of the event', async () => {
    expect(await asked({ env: inPull, event: pull() })).toEqual(found(BASE));
    expect(await asked({ surface: 'cli', env: inPull, event: pull() })).toEqual(found(BASE));
    const event = { merge_group: { base_sha: BASE, head_sha: HEAD } };
    expect(await asked({ env: named('merge_group'), event })).toEqual(found(BASE));
    expect(await problem({ env: inPull, event: pull(), at: null })).toMatchObject({
      code: 'SP-BASE-MISSING',
    });
  });

  it.each<[string, string, unknown]>([
    ['pull_request', 'without a base', { pull_request: { head: { sha: HEAD } } }],
    ['pull_request', 'whose base is a branch', pull('main')],
    ['pull_request', 'whose base is an option', pull('--all')],
    ['pull_request', 'whose head is none', pull(BASE, 7)],
    ['pull_request', 'of another kind', { merge_group: { base_sha: BASE, head_sha: HEAD } }],
    ['merge_group', 'of another kind', pull()],
    ['merge_group', 'whose base is a branch', { merge_group: { base_sha: 'main', head_sha: HEAD } }],
    ['pull_request', 'that is a list', []],
    ['pull_request', 'that is no JSON', '{'],
    ['pull_request', 'that is not there', undefined],
  ])('is not taken from the event %s %s', async (name, _how, event) => {
    expect(await problem({ env: named(name), event })).toMatchObject({
      code: 'SP-EVENT',
      place: { path: expect.stringContaining('event.json') },
    });
  });

  it('is not taken where the event has no file', async () => {
    expect(await problem({ env: { ...inPull, GITHUB_EVENT_PATH: '' } })).toMatchObject({ code: 'SP-EVENT' });
  });

  it('is taken only where what is checked out is the head, or what the runner says it checked out', async () => {
    const at = repository({ commits: { HEAD: MERGE, [BASE]: BASE }, parents: [FORK] });
    expect(await problem({ env: inPull, event: pull(), at })).toMatchObject({
      code: 'SP-EVENT-HEAD',
      found: MERGE,
    });
    const said = { ...inPull, GITHUB_SHA: MERGE };
    expect(await asked({ env: said, event: pull(), at })).toEqual(found(BASE));
    const empty = repository({ commits: {} });
    expect(await problem({ env: inPull, event: pull(), at: empty })).toMatchObject({ code: 'SP-EVENT-HEAD' });
    const group = { merge_group: { base_sha: BASE, head_sha: MERGE } };
    expect(await asked({ env: named('merge_group'), event: group, at })).toEqual(found(BASE));
  });

  it('is the newer tip where GitHub’s own merge of that head is checked out', async () => {
    const merged = (over: Parameters<typeof repository>[0]) =>
      repository({
        commits: { HEAD: MERGE, [BASE]: BASE, [NEWER]: NEWER },
        parents: [NEWER, HEAD],
        after: [[BASE, NEWER]],
        ...over,
      });
    const env = { ...inPull, GITHUB_SHA: MERGE };
    const revision = async (over: Parameters<typeof repository>[0] = {}) =>
      (await asked({ env, event: pull(), at: merged(over) }))?.revision;
    expect(await revision()).toBe(NEWER);
    // Not a merge of that head, not of two, or one whose first parent does not come after the base.
    expect(await revision({ parents: [NEWER, FORK] })).toBe(BASE);
    expect(await revision({ parents: [NEWER, HEAD, FORK] })).toBe(BASE);
    expect(await revision({ parents: [NEWER] })).toBe(BASE);
    expect(await revision({ parents: null })).toBe(BASE);
    expect(await revision({ after: [[NEWER, BASE]] })).toBe(BASE);
  });

  it('that this clone does not have, or shares nothing with, is an error that says so', async () => {
    const code = 'SP-BASE-MISSING';
    const gone = await problem({ env: inPull, event: pull(), at: repository({ commits: { HEAD } }) });
    expect(gone).toMatchObject({ code, found: expect.stringContaining('pull_request event') });
    const alone = repository({ mergeBase: null, shallow: 'true' });
    const strange = await problem({ env: inPull, event: pull(), at: alone });
    expect(strange).toMatchObject({ code, found: expect.stringContaining('the clone is shallow') });
  });
});
