import { describe, expect, it } from 'vitest';
import { optionsOf, type PlanInput, planStages, presenceOf, type StagePlan } from '../../src/gate/plan.ts';
import type { SallyportError } from '../../src/model/error.ts';
import type { SourceTree, TreeEntry } from '../../src/platform/tree.ts';
import { merged } from '../policy/support.ts';

const policy = merged(`version: 1
stages:
  configuration: { options: { allowed: [a] }, exclude: [old/**], engines: [hadolint] }
  secrets: { options: { looked: [b] } }
gates:
  pull-request: { stages: { configuration: always, secrets: when-present } }
  release: { stages: { code: always } }
`);

const planned = async (over: Partial<PlanInput> = {}) =>
  await planStages({ policy, gate: 'pull-request', engines: [], startProcesses: true, ...over });
const namesOf = (plans: readonly StagePlan[]) =>
  plans.map(({ stage, embedded, processes }) =>
    [stage, ...[...embedded, ...processes].map(({ name }) => name)].join(' '),
  );
const problem = async (over: Partial<PlanInput>) =>
  await planned(over).then(
    () => null,
    (thrown: SallyportError) => thrown.problem,
  );

describe('the stages that are run', () => {
  it('are those of the gate, with engines of ours and those that the policy asks for', async () => {
    expect(namesOf(await planned()).sort()).toEqual([
      'configuration sallyport-configuration hadolint',
      'secrets sallyport-secrets',
    ]);
    expect(namesOf(await planned({ gate: 'release' }))).toEqual(['code']);
    expect(namesOf(await planned({ gate: 'deploy' }))).toEqual([]);
  });

  it('start no other project’s engine on a runner', async () => {
    expect(namesOf(await planned({ startProcesses: false })).sort()).toEqual([
      'configuration sallyport-configuration',
      'secrets sallyport-secrets',
    ]);
  });

  it('grow by the stage of an engine that is asked for, each engine once', async () => {
    const plans = await planned({ engines: ['semgrep', 'hadolint', 'sallyport-secrets'] });
    expect(namesOf(plans).sort()).toEqual([
      'code semgrep',
      'configuration sallyport-configuration hadolint',
      'secrets sallyport-secrets',
    ]);
  });

  it('are the one that is asked for, whatever the gate says', async () => {
    expect(namesOf(await planned({ only: 'dependencies' }))).toEqual([
      'dependencies sallyport-lockfiles sallyport-advisories',
    ]);
    expect(namesOf(await planned({ only: 'code', engines: ['semgrep'] }))).toEqual(['code semgrep']);
  });

  it('have engines that there are, of their stage', async () => {
    const code = 'SP-ENGINE-UNKNOWN';
    expect(await problem({ engines: ['nothing'] })).toMatchObject({
      code,
      message: 'there is no engine nothing',
    });
    expect(await problem({ engines: ['toString'] })).toMatchObject({ code });
    const wrong = await problem({ only: 'code', engines: ['hadolint'] });
    expect(wrong).toMatchObject({
      code,
      message: 'there is no engine hadolint in stage code',
      expected: 'semgrep',
    });
    const asking = (name: string) =>
      merged(`version: 1\nstages: { configuration: { engines: [${name}] } }\n`);
    expect(await problem({ policy: asking('semgrep'), only: 'configuration' })).toMatchObject({ code });
    expect(await problem({ policy: asking('nothing'), only: 'configuration' })).toMatchObject({ code });
  });

  it('have the options of the policy, and over them those of the caller', async () => {
    const of = async (over: Partial<PlanInput>) =>
      (await planned(over)).find(({ stage }) => stage === 'configuration');
    expect(await of({})).toMatchObject({ options: { allowed: ['a'] }, exclude: ['old/**'] });
    expect((await of({ options: { allowed: ['c'], more: 1 } }))?.options).toEqual({
      allowed: ['c'],
      more: 1,
    });
    const [code] = await planned({ gate: 'release' });
    expect(code).toMatchObject({ options: {}, exclude: [] });
    expect({ ...optionsOf(policy, 'secrets') }).toEqual({ looked: ['b'] });
    expect(optionsOf(policy, 'secrets').constructor).toBeUndefined();
  });
});

describe('what there is of a stage’s kind', () => {
  const tree = (...entries: [string, TreeEntry['kind']][]) =>
    ({ entries: entries.map(([path, kind]) => ({ path, kind, bytes: 1 })) }) as unknown as SourceTree;
  const plan = (stage: StagePlan['stage'], embedded: string[], processes: string[] = []): StagePlan => {
    const engines = (endings: string[]) =>
      endings.map((ending) => ({ wants: (path: string) => path.endsWith(ending) })) as never[];
    return { stage, embedded: engines(embedded), processes: engines(processes), options: {}, exclude: [] };
  };
  const of = (plans: StagePlan[], ...entries: [string, TreeEntry['kind']][]) =>
    presenceOf(plans, tree(...entries));

  it('is a file that one of its engines wants', () => {
    const plans = [plan('secrets', ['.a'], ['.b'])];
    expect(of(plans, ['x.a', 'file']).get('secrets')).toEqual({ present: true, complete: true });
    expect(of(plans, ['x.b', 'file']).get('secrets')).toEqual({ present: true, complete: true });
    expect(of(plans, ['x.c', 'file']).get('secrets')).toEqual({ present: false, complete: true });
    expect(of(plans, ['x.a', 'submodule']).get('secrets')).toEqual({ present: false, complete: true });
  });

  it('is that of its own engines, not of another stage’s', () => {
    const plans = [plan('secrets', ['.a']), plan('configuration', ['.b'])];
    const found = of(plans, ['x.b', 'file']);
    expect([found.get('secrets')?.present, found.get('configuration')?.present]).toEqual([false, true]);
  });

  it('is not known whole where something of its kind cannot be reached', () => {
    const plans = [plan('secrets', ['.a'])];
    expect(of(plans, ['x.a', 'unreachable']).get('secrets')).toEqual({ present: false, complete: false });
    expect(of(plans, ['x.a', 'file'], ['y.a', 'unreachable']).get('secrets')).toEqual({
      present: true,
      complete: false,
    });
    expect(of(plans, ['x.a', 'file'], ['y.c', 'unreachable']).get('secrets')).toEqual({
      present: true,
      complete: true,
    });
  });

  it('is told by names alone where no engine is planned', () => {
    expect(of([], ['x.py', 'file']).get('code')).toEqual({ present: true, complete: true });
    expect(of([], ['x.txt', 'file']).get('code')).toEqual({ present: false, complete: true });
    expect(of([], ['x.py', 'file']).has('image')).toBe(false);
    expect(of([plan('code', [])], ['.github/workflows/a.yml', 'file']).get('workflows')?.present).toBe(true);
  });

  it('is taken to be there where nothing tells', () => {
    expect(of([plan('image', [])]).get('image')).toEqual({ present: true, complete: true });
    expect(of([plan('image', [])], ['x', 'unreachable']).get('image')).toEqual({
      present: true,
      complete: false,
    });
  });
});
