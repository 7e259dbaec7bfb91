import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collectBase, collectHead, type Look } from '../../src/gate/collect.ts';
import { RunFolder } from '../../src/gate/evidence.ts';
import type { StagePlan } from '../../src/gate/plan.ts';
import { type Scan, scanTree } from '../../src/gate/scan.ts';
import type { ScanReport } from '../../src/model/report.ts';
import type { Stage } from '../../src/model/stage.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import type { TreeEntry } from '../../src/platform/tree.ts';
import type { EmbeddedEngine } from '../../src/scan/engine.ts';
import type { ProcessEngine } from '../../src/scan/process-engine.ts';
import { merged } from '../policy/support.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const here = dirname(fileURLToPath(import.meta.url));
const workerEntry = join(here, '..', 'fixtures', 'threads', 'echo.mjs');

function engine(name: string, over: Partial<EmbeddedEngine> = {}): EmbeddedEngine {
  return {
    name,
    stage: 'configuration',
    summary: 's',
    rules: [{ id: 'asked', severity: 'high', summary: 's', tags: [] }],
    wants: (path) => path.endsWith('.txt'),
    directions: {},
    parseOptions: async (value) => value,
    run: async () => Promise.reject(new Error('runs in its thread')),
    ...over,
  };
}

/** An engine of somebody else that is nowhere installed. */
const absent = (name: string, over: Partial<ProcessEngine> = {}) =>
  ({
    name,
    stage: 'configuration',
    publisher: 'p',
    binary: 'no-such-program',
    homepage: 'h',
    ...over,
  }) as ProcessEngine;

const plan = (over: Partial<StagePlan> = {}): StagePlan => ({
  stage: 'configuration',
  embedded: [],
  processes: [],
  options: {},
  exclude: [],
  ...over,
});
const entry = (path: string, kind: TreeEntry['kind'] = 'file'): TreeEntry => ({ path, kind, bytes: 1 });

function folder(): string {
  const root = temporaryFolder();
  writeFileSync(join(root, 'a.txt'), 'a\n');
  return root;
}

function scanOf(over: Partial<Scan> = {}): Scan & { context: ReturnType<typeof testContext> } {
  const tree = { root: folder() };
  const context = testContext({ workerEntry, env: { PATH: '/nowhere', HOME: '/' } });
  return {
    plans: [],
    tree,
    trusted: tree,
    change: null,
    policy: merged('version: 1\n'),
    data: {},
    ...over,
    context,
  };
}

/** What the only finding of a report says that its engine was asked. */
function asked(report: ScanReport | undefined): Record<string, unknown> {
  return JSON.parse(report?.findings[0]?.message ?? '{}');
}
const statesOf = (reports: readonly ScanReport[]) =>
  reports.map(({ engine: { name }, state }) => `${name} ${state}`);

describe('engines over a tree', () => {
  it('are each given the options of their stage, what is left out, and the data', async () => {
    const builds = [{ path: 'b.txt', file: '/b.txt', sha256: 'x' }];
    const plans = [plan({ embedded: [engine('one')], options: { level: 1 }, exclude: ['x/**'] })];
    const scan = scanOf({ plans, data: { advisories: '/db', builds, entries: [entry('a.txt')] } });
    const [report] = await scanTree(scan);
    expect(asked(report)).toEqual({
      tree: scan.tree,
      options: { level: 1 },
      exclude: ['x/**'],
      entries: [entry('a.txt')],
      advisories: '/db',
      builds,
    });
  });

  it('are asked for more where a change is judged, and told which side of it this is', async () => {
    const change = { mergeBase: 'm', revision: 'r' };
    const optionsFor: EmbeddedEngine['optionsFor'] = (policy, of, side) => ({
      also: [policy.level, of.mergeBase, side],
    });
    const plans = [plan({ embedded: [engine('one', { optionsFor }), engine('two')], options: { level: 1 } })];
    const options = async (over: Partial<Scan>) =>
      (await scanTree(scanOf({ plans, ...over }))).map((report) => asked(report).options);
    expect(await options({ change: { change, side: 'base' } })).toEqual([
      { level: 1, also: [1, 'm', 'base'] },
      { level: 1 },
    ]);
    expect(await options({})).toEqual([{ level: 1 }, { level: 1 }]);
  });

  it('report in the order of the plan, ours first, those of others after', async () => {
    const plans = [
      plan({
        embedded: [engine('one'), engine('idle', { byName: true, wants: () => false }), engine('two')],
      }),
      plan({
        stage: 'code',
        processes: [absent('theirs', { stage: 'code' })],
        embedded: [engine('three', { stage: 'code' })],
      }),
    ];
    const early: string[] = [];
    const scan = scanOf({
      plans,
      data: { entries: [entry('a.txt')] },
      early: (stage, index, report) => early.push(`${stage} ${index} ${report.engine.name}`),
    });
    const progress: (string | null)[] = [];
    scan.context.log.progress = (text) => progress.push(text);
    const reports = await scanTree(scan);
    expect(statesOf(reports)).toEqual([
      'one findings',
      'idle nothing-scanned',
      'two findings',
      'three findings',
      'theirs error',
    ]);
    expect(early.sort()).toEqual(['code 0 three', 'configuration 0 one', 'configuration 2 two']);
    expect(progress).toEqual(['code: theirs ...', null]);
    expect(reports.at(-1)?.problems[0]?.code).toBe('SP-ENGINE-MISSING');
  });

  it('are not started where the walk met nothing of their kind, and nothing that cannot be told', async () => {
    const started = async (data: Scan['data'], over: Partial<EmbeddedEngine> = { byName: true }) => {
      const [report] = await scanTree(scanOf({ plans: [plan({ embedded: [engine('one', over)] })], data }));
      return report?.state === 'findings';
    };
    expect(await started({ entries: [entry('a.txt')] })).toBe(true);
    expect(await started({ entries: [entry('a.bin')] })).toBe(false);
    expect(await started({ entries: [] })).toBe(false);
    expect(await started({ entries: [entry('a.bin')] }, {})).toBe(true);
    // Where nobody has walked, or something cannot be looked at, the engine is asked.
    expect(await started({})).toBe(true);
    expect(await started({ entries: [entry('x', 'unreachable')] })).toBe(true);
    expect(await started({ entries: [entry('a.bin'), entry('x', 'submodule')] })).toBe(true);
    const build = (path: string) => [{ path, file: path, sha256: 'x' }];
    expect(await started({ entries: [], builds: build('b.txt') })).toBe(true);
    expect(await started({ entries: [], builds: build('b.bin') })).toBe(false);
  });

  it('of others are told whether the network is to be used', async () => {
    const code = async (over: Partial<ProcessEngine>, http?: typeof offlineHttp) => {
      const scan = scanOf({ plans: [plan({ processes: [absent('theirs', over)] })] });
      if (http !== undefined) scan.context.http = http;
      return (await scanTree(scan))[0]?.problems[0]?.code;
    };
    expect(await code({ network: true })).toBe('SP-OFFLINE');
    expect(await code({ network: true }, { ...offlineHttp })).toBe('SP-ENGINE-MISSING');
    expect(await code({})).toBe('SP-ENGINE-MISSING');
  });

  it('of others are held against the executables that the policy accepts', async () => {
    const bin = temporaryFolder();
    writeFileSync(join(bin, 'tool'), '#!/bin/sh\necho 1.2.3\n', { mode: 0o755 });
    const code = async (sha256: string) => {
      const policy = merged(`version: 1\nengines: { theirs: { sha256: ['${sha256}'] } }\n`);
      const tool = absent('theirs', { binary: 'tool', versionArgs: [], wants: () => false });
      const scan = scanOf({ policy, plans: [plan({ processes: [tool] })] });
      scan.context.env = { PATH: `${bin}:/usr/bin:/bin`, HOME: '/' };
      const [report] = await scanTree(scan);
      return report?.problems[0]?.code ?? report?.state;
    };
    expect(await code('0'.repeat(64))).toBe('SP-ENGINE-LOCK');
    const digest = createHash('sha256').update('#!/bin/sh\necho 1.2.3\n').digest('hex');
    expect(await code(digest)).toBe('nothing-scanned');
  });
});

const sarif = (uri: string, tool = 'Tool') =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool } },
        results: [
          {
            ruleId: 'r',
            level: 'error',
            message: { text: 'm' },
            locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
          },
        ],
      },
    ],
  });

function lookOf(
  root: string,
  plans: StagePlan[],
  env: Record<string, string | undefined> = { PATH: process.env.PATH },
): Look {
  const context = testContext({ workerEntry, cwd: root, env: { HOME: '/', ...env } });
  return {
    root,
    plans,
    trusted: { root },
    change: null,
    policy: merged('version: 1\n'),
    context,
    folder: new RunFolder(root, context),
    data: {
      entries: [entry('a.txt')],
      builds: [{ path: 'b.txt', file: '/b', sha256: 'x' }],
      advisories: '/db',
    },
  };
}

function handed(root: string, name: string, text: string, stage: Stage = 'code') {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
  return { stage, file: name, sha256: createHash('sha256').update(text).digest('hex') };
}

describe('what is collected', () => {
  it('at the head is what engines found and what others handed in, read back from the run’s folder', async () => {
    const root = folder();
    const look = lookOf(root, [plan({ embedded: [engine('one')] })]);
    const one = handed(root, 'out/code.sarif', sarif('a.txt'));
    const { reports, kept } = await collectHead(look, [one], Promise.resolve(null));
    expect(statesOf(reports).sort()).toEqual(['Tool findings', 'one findings']);
    expect([...kept.keys()].sort()).toEqual(['code', 'configuration']);
    expect(existsSync(join(look.folder.path, 'code.sarif'))).toBe(true);
    const own = asked(reports.find(({ stage }) => stage === 'configuration'));
    expect(own).toMatchObject({ tree: { root }, advisories: '/db', builds: [{ path: 'b.txt' }] });
    expect((own.tree as { commit?: string }).commit).toBeUndefined();
  });

  it('at the head is asked for by the side of the change that it is', async () => {
    const root = folder();
    const optionsFor: EmbeddedEngine['optionsFor'] = (_policy, change, side) => ({
      of: [change.revision, side],
    });
    const look = lookOf(root, [plan({ embedded: [engine('one', { optionsFor })] })]);
    const options = async (change: Look['change']) =>
      asked((await collectHead({ ...look, change }, [], Promise.resolve(null))).reports[0]).options;
    expect(await options({ mergeBase: 'm', revision: 'r' })).toEqual({ of: ['r', 'head'] });
    expect(await options(null)).toEqual({});
  });

  it('at the base is what was there before, by engines that found something at the head', async () => {
    const repository = new TestRepository({ 'old.txt': 'old\n' });
    const mergeBase = repository.git('rev-parse', 'HEAD');
    repository.git('mv', 'old.txt', 'a.txt');
    repository.commit({ 'a.txt': 'old\n' }, 'renamed');
    const { root } = repository;
    const optionsFor: EmbeddedEngine['optionsFor'] = (_policy, _change, side) => ({ side });
    const plans = [
      plan({ embedded: [engine('one', { optionsFor }), engine('two')], processes: [absent('theirs')] }),
      plan({
        stage: 'dependencies',
        embedded: [engine('three', { stage: 'dependencies' }), engine('four', { stage: 'dependencies' })],
      }),
    ];
    const look = lookOf(root, plans);
    const base = { revision: mergeBase, mergeBase, renames: { 'old.txt': 'a.txt' } };
    const of = (name: string, state: ScanReport['state'], stage: Stage = 'configuration') =>
      ({
        stage,
        state,
        engine: { name },
        findings: state === 'findings' ? [{}] : [],
      }) as unknown as ScanReport;
    const names = async (...head: ScanReport[]) =>
      (await collectBase(look, [], base, head)).reports.map((report) => report.engine.name);
    expect(await names()).toEqual([]);
    expect(await names(of('one', 'findings'), of('two', 'clean'))).toEqual(['one']);
    expect(await names(of('theirs', 'findings'))).toEqual(['theirs']);
    expect(await names(of('one', 'findings', 'code'))).toEqual([]);
    // Of dependencies it is told what a change takes away.
    expect(await names(of('three', 'clean', 'dependencies'), of('four', 'error', 'dependencies'))).toEqual([
      'three',
    ]);
    const { reports } = await collectBase(look, [], base, [of('one', 'findings')]);
    expect(asked(reports[0])).toEqual({
      tree: { root, commit: mergeBase },
      options: { side: 'base' },
      exclude: [],
      advisories: '/db',
    });
    expect(existsSync(join(look.folder.path, 'base', 'configuration.sarif'))).toBe(true);
  });

  it('at the base knows findings of others under the names that files have now', async () => {
    const repository = new TestRepository({ 'old.txt': 'the line\n' });
    const mergeBase = repository.git('rev-parse', 'HEAD');
    repository.git('mv', 'old.txt', 'a.txt');
    repository.commit({ 'a.txt': 'the line\n' }, 'renamed');
    const { root } = repository;
    const look = lookOf(root, []);
    const base = { revision: mergeBase, mergeBase, renames: { 'old.txt': 'a.txt' } };
    const head = handed(root, 'out/head.sarif', sarif('a.txt'));
    const before = handed(root, 'out/base.sarif', sarif('old.txt'));
    const now = await collectHead(look, [head], Promise.resolve(null));
    const { reports } = await collectBase(look, [before], base, []);
    const [found] = reports.flatMap(({ findings }) => findings);
    expect(found?.places[0]?.path).toBe('old.txt');
    expect(found?.fingerprint).toBe(now.reports[0]?.findings[0]?.fingerprint);
    // The fingerprint is that of the line: another line in its place would have another.
    repository.write({ 'a.txt': 'another line\n' });
    const changed = await collectHead(look, [head], Promise.resolve(null));
    expect(changed.reports[0]?.findings[0]?.fingerprint).not.toBe(found?.fingerprint);
  });
});
