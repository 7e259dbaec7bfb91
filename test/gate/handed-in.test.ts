import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildOutputs, type HandedIn, parseHandedIn, readHandedIn } from '../../src/gate/handed-in.ts';
import { SallyportError } from '../../src/model/error.ts';
import type { ScanReport } from '../../src/model/report.ts';
import type { Context } from '../../src/platform/context.ts';
import type { LineReader } from '../../src/platform/line-reader.ts';
import { toolEnvironment } from '../../src/platform/process.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ZEROS = '0'.repeat(64);
const COMMIT = 'a'.repeat(40);

const sarif = (revision?: string) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Tool', version: '2' } },
        ...(revision === undefined
          ? {}
          : { versionControlProvenance: [{ repositoryUri: 'x', revisionId: revision }] }),
        results: [
          {
            ruleId: 'r',
            level: 'error',
            message: { text: 'm' },
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'a.txt' }, region: { startLine: 2 } } },
            ],
          },
        ],
      },
    ],
  });

/** The reports with their findings in them. */
async function reportsIn(
  handed: HandedIn,
  root: string,
  commit: string | null,
  lineAt: LineReader,
  { cwd, clock, env, files, run }: Context,
  renames?: Record<string, string>,
): Promise<ScanReport[]> {
  const tools = toolEnvironment(env);
  const place = { root, cwd, now: clock.now(), lineAt, files, run, tools, renames };
  const reports = await readHandedIn(handed, Promise.resolve(commit), place);
  return reports.map(({ head, findings }) => ({
    ...head,
    findings: [...findings()].map(({ finding }) => finding),
  }));
}

describe('a report of another job', () => {
  it('is named by its stage, with its digest where it was handed over', () => {
    const hex = 'ab'.repeat(32);
    expect(parseHandedIn('sarif', 'code=a=b.sarif')).toEqual({
      stage: 'code',
      file: 'a=b.sarif',
      sha256: null,
    });
    expect(parseHandedIn('sarif', `code=a.sarif@sha256:${hex}`)).toEqual({
      stage: 'code',
      file: 'a.sarif',
      sha256: hex,
    });
    // A digest that is none is part of the name, and there is no such file.
    expect(parseHandedIn('sarif', `code=a@sha256:${hex}0`)).toMatchObject({
      file: `a@sha256:${hex}0`,
      sha256: null,
    });
    for (const text of ['a.sarif', 'nothing=a.sarif', 'code=', '=a.sarif', 'CODE=a', ' code=a', 'toString=a'])
      expect(() => parseHandedIn('base-sarif', text)).toThrow(
        expect.objectContaining({
          code: 'SP-USAGE',
          message: expect.stringContaining(`--base-sarif ${text}`),
        }),
      );
  });

  it('counts under its tool’s name, with the digest of its bytes and the lines of this tree', async () => {
    const cwd = temporaryFolder();
    const text = sarif();
    writeFileSync(join(cwd, 'code.sarif'), text);
    const read = async (line: string, renames?: Record<string, string>) => {
      const handed: HandedIn = { stage: 'code', file: 'code.sarif', sha256: null };
      const lineAt = (path: string, number: number) => (path === 'a.txt' && number === 2 ? line : undefined);
      return await reportsIn(handed, cwd, null, lineAt, testContext({ cwd }), renames);
    };
    const [report, ...more] = await read('the line');
    expect(more).toEqual([]);
    expect(report).toMatchObject({
      stage: 'code',
      state: 'findings',
      engine: { name: 'Tool', version: '2', how: 'handed-in', digest: sha256(text) },
    });
    const of = async (...args: Parameters<typeof read>) => (await read(...args))[0]?.findings[0]?.fingerprint;
    expect(await of('the line')).toBe(report?.findings[0]?.fingerprint);
    expect(await of('another')).not.toBe(report?.findings[0]?.fingerprint);
    expect(await of('the line', { 'a.txt': 'b.txt' })).not.toBe(report?.findings[0]?.fingerprint);
  });

  it.each<
    [string, (text: string) => { text?: string; sha256?: string | null; commit?: string | null }, string]
  >([
    ['with its digest', (text) => ({ sha256: sha256(text) }), 'findings'],
    ['with another digest', () => ({ sha256: ZEROS }), 'SP-EVIDENCE-DIGEST'],
    ['that is no SARIF', () => ({ text: '{}' }), 'SP-SARIF-VERSION'],
    ['about this commit', () => ({ text: sarif(COMMIT), commit: COMMIT }), 'findings'],
    ['about another commit', () => ({ text: sarif('b'.repeat(40)), commit: COMMIT }), 'SP-SARIF-REVISION'],
    ['about a commit, of a changed tree', () => ({ text: sarif(COMMIT), commit: null }), 'SP-SARIF-REVISION'],
    ['about no commit', () => ({ commit: COMMIT }), 'findings'],
  ])('%s', async (_what, change, outcome) => {
    const cwd = temporaryFolder();
    const { text = sarif(), sha256: digest = null, commit = null } = change(sarif());
    writeFileSync(join(cwd, 'code.sarif'), text);
    const handed: HandedIn = { stage: 'code', file: 'code.sarif', sha256: digest };
    const [report, ...more] = await reportsIn(handed, cwd, commit, () => undefined, testContext({ cwd }));
    expect(more).toEqual([]);
    if (report?.state !== 'error') return expect(report?.state).toBe(outcome);
    expect(report).toMatchObject({
      stage: 'code',
      engine: {
        name: 'code.sarif',
        version: 'unknown',
        publisher: 'unknown',
        how: 'handed-in',
        digest: sha256(text),
      },
    });
    expect(report.problems[0]?.code).toBe(outcome);
  });

  it('that is not there is an error, not nothing', async () => {
    const cwd = temporaryFolder();
    const handed: HandedIn = { stage: 'code', file: 'code.sarif', sha256: null };
    const [report] = await reportsIn(handed, cwd, null, () => undefined, testContext({ cwd }));
    expect(report?.state).toBe('error');
    expect(report?.engine).not.toHaveProperty('digest');
  });
});

describe('a report that lies in the repository', () => {
  const world = () => {
    const repository = new TestRepository({
      'svc/tracked.sarif': sarif(),
      'svc/a.txt': 'a\n',
      'top.sarif': sarif(),
    });
    repository.write({ 'svc/new.sarif': sarif() });
    return repository;
  };
  const codeOf = async (root: string, file: string, digest: string | null = null) => {
    const handed: HandedIn = { stage: 'code', file, sha256: digest };
    const [report] = await reportsIn(handed, root, null, () => undefined, testContext({ cwd: root }));
    return report?.problems[0]?.code ?? report?.state;
  };

  it('counts where a tool has just written it, or its digest is known', async () => {
    const { root } = world();
    const service = join(root, 'svc');
    expect(await codeOf(service, 'tracked.sarif')).toBe('SP-EVIDENCE-TRACKED');
    expect(await codeOf(service, '../top.sarif')).toBe('SP-EVIDENCE-TRACKED');
    expect(await codeOf(service, 'new.sarif')).toBe('findings');
    expect(await codeOf(service, 'tracked.sarif', sha256(sarif()))).toBe('findings');
    // A link from outside into the repository is what it leads to; a name that begins with two dots is inside.
    const outside = temporaryFolder();
    symlinkSync(join(service, 'tracked.sarif'), join(outside, 'link.sarif'));
    expect(await codeOf(service, join(outside, 'link.sarif'))).toBe('SP-EVIDENCE-TRACKED');
    writeFileSync(join(outside, 'own.sarif'), sarif());
    expect(await codeOf(service, join(outside, 'own.sarif'))).toBe('findings');
  });

  it('is of a build as well refused, and else known by its path in the tree', async () => {
    const repository = world();
    repository.write({ '..odd.txt': 'odd\n' });
    repository.git('add', '..odd.txt');
    const root = join(repository.root, 'svc');
    const outputs = async (...texts: string[]) =>
      await buildOutputs(texts, 'svc', testContext({ cwd: repository.root }));
    const file = join(root, 'new.sarif');
    const digest = sha256(sarif());
    expect(await outputs('svc/new.sarif')).toEqual([{ path: 'new.sarif', file, sha256: digest }]);
    expect(await outputs(`svc/new.sarif@sha256:${digest}`)).toEqual([
      { path: 'new.sarif', file, sha256: digest },
    ]);
    expect(await outputs(`svc/tracked.sarif@sha256:${digest}`)).toMatchObject([{ path: 'tracked.sarif' }]);
    mkdirSync(join(root, 'sub'));
    writeFileSync(join(root, 'sub', 'out.txt'), 'x');
    expect(await outputs('svc/sub/out.txt', 'svc/new.sarif')).toMatchObject([
      { path: 'sub/out.txt' },
      { path: 'new.sarif' },
    ]);
    const code = async (text: string) =>
      await outputs(text).then(
        () => 'taken',
        (thrown) => (thrown instanceof SallyportError ? thrown.code : 'other'),
      );
    expect(await code('svc/tracked.sarif')).toBe('SP-EVIDENCE-TRACKED');
    expect(await code('..odd.txt')).toBe('SP-EVIDENCE-TRACKED');
    expect(await code(`svc/new.sarif@sha256:${ZEROS}`)).toBe('SP-EVIDENCE-DIGEST');
    expect(await code('svc/none.txt')).not.toBe('taken');
  });
});
