import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { haproxy, load, program, prometheus, service, stopAll, until } from './canary-parts.ts';
import { project, temporaryFolder } from './support.ts';
import { lacks } from './tools.ts';

afterEach(stopAll);

const SUBJECT = `payments@sha256:${'a'.repeat(64)}`;

interface Parts {
  url: string;
  socket: string;
  lease?: string;
  metrics?: string;
  evidence?: string;
  approval?: boolean;
}

function plan({ url, socket, lease = '8s', metrics, evidence = '[]', approval = false }: Parts): string {
  return `version: 1
service: payments
environment: production
look: 1s
lag: 1200ms
propagation: 1s
lease: ${lease}
noData: 10s
deadline: 3m
alpha: 0.01
promotion: { ratio: 2, floor: 0.02, beta: 0.01 }
expected: { requestsPerSecond: 200 }
evidence: ${evidence}
steps:
  - { weight: 10, min: 3s, max: 60s }
  - { weight: 50, min: 3s, max: 120s, approval: ${approval} }
metrics:
  - kind: errors
    name: errors
    share: 1
${
  metrics ??
  `    selectors:
      canary: { requests: 'http_requests_total{version="2"}', errors: 'http_requests_total{version="2",code=~"5.."}' }
      baseline: { requests: 'http_requests_total{version="1"}', errors: 'http_requests_total{version="1",code=~"5.."}' }`
}
prometheus: { url: '${url}', scrapeInterval: 500ms }
traffic: { provider: haproxy, socket: '${socket}', backend: payments, canary: canary, baseline: baseline }
state: { store: file, path: state }
`;
}

async function parts(change: Partial<Parts> = {}) {
  const [one, two] = [await service('1'), await service('2')];
  const proxy = await haproxy(two.port, one.port);
  const url = await prometheus({
    one: `127.0.0.1:${one.port}`,
    two: `127.0.0.1:${two.port}`,
    proxy: proxy.metrics,
  });
  load(proxy.port, 200);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'canary.yml'), plan({ url, socket: proxy.socket, ...change }));
  // What the baseline counted must be there before anything can be compared.
  await until('the counters', async () => {
    const query = 'query=count_over_time(http_requests_total{version="1"}[10s]) > 4';
    const answer = await fetch(`${url}/api/v1/query?${encodeURI(query)}`);
    return (await answer.text()).includes('instance');
  });
  return { one, two, folder, proxy };
}

function canary(folder: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  return program(process.execPath, [join(project, 'bin', 'sallyport.cjs'), 'canary', ...args], {
    cwd: folder,
    env,
  });
}

function state(folder: string): { phase: string; weight: number; step: number; reason: string | null } {
  const newest =
    readdirSync(join(folder, 'state'))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .at(-1) ?? '';
  return JSON.parse(readFileSync(join(folder, 'state', newest), 'utf8'));
}

describe.skipIf(lacks('haproxy', 'prometheus'))('a canary on HAProxy and Prometheus', () => {
  it('promotes a good version to 100 %, and leaves record, picture and statement', async () => {
    const { folder, two } = await parts();
    const run = canary(folder, 'run', '--subject', SUBJECT);
    expect([await run.ended, run.output()]).toEqual([0, expect.stringContaining('promoted after')]);
    expect(state(folder)).toMatchObject({ phase: 'promoted', weight: 100 });
    const before = two.served();
    await until('all traffic at the canary', () => two.served() > before + 100);
    const runs = join(folder, '.sallyport', 'runs');
    const files = readdirSync(join(runs, readdirSync(runs)[0] ?? ''));
    expect(files.sort()).toEqual(['canary.intoto.json', 'canary.json', 'canary.svg', 'summary.md']);
  });

  it('without the evidence that the plan asks for: exit 2, and nothing moves', async () => {
    const evidence = "[{ predicateType: 'https://slsa.dev/provenance/v1', signer: { key: key.pub } }]";
    const { folder, two } = await parts({ evidence });
    const run = canary(folder, 'run', '--subject', SUBJECT);
    expect([await run.ended, run.output()]).toEqual([2, expect.stringContaining('SP-CANARY-EVIDENCE')]);
    expect(readdirSync(folder)).toEqual(['canary.yml']);
    expect(two.served()).toBe(0);
  });

  it('waits for the approval of a step, and takes it from the state', async () => {
    const { folder } = await parts({ approval: true });
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the wait', () => run.output().includes('waiting for the approval of 50 %'));
    expect(state(folder)).toMatchObject({ phase: 'stepping', weight: 10 });
    const approve = canary(folder, 'resume', '--approve');
    expect([await approve.ended, approve.output()]).toEqual([0, '50 % approved\n']);
    expect([await run.ended, run.output()]).toEqual([0, expect.stringContaining('promoted after')]);
  });

  it('rolls back a version that breaks, by the proxy’s own counters', async () => {
    const metrics = `    preset: haproxy\n    canary: proxy="payments",server="canary"\n    baseline: proxy="payments",server="baseline"`;
    const { folder, two } = await parts({ metrics });
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the first step', () => run.output().includes('weight 10 %'));
    two.failing(0.3);
    const broken = Date.now();
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(
      /rolled back after \d+ s: canary \d+ % errors against 0 % \(errors\); e-value/u,
    );
    expect(Date.now() - broken).toBeLessThan(20_000);
    expect(state(folder)).toMatchObject({ phase: 'rolled-back', weight: 0 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = two.served();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(two.served()).toBe(before);
  });

  it('SIGKILL: the watchdog takes the weight back within lease + poll + propagation', async () => {
    const { folder, two } = await parts({ lease: '3s' });
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the first step', () => run.output().includes('weight 10 %'));
    run.child.kill('SIGKILL');
    const killed = Date.now();
    await until('the rollback', () => state(folder).phase === 'rolled-back', 20_000);
    expect(Date.now() - killed).toBeLessThan(3_000 + 750 + 1_000 + 1_000);
    expect(state(folder).reason).toMatch(/the controller gave no sign/u);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = two.served();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(two.served()).toBe(before);
  });

  it('SIGKILL and resume within the lease: goes on and promotes', async () => {
    const { folder } = await parts({ lease: '20s' });
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the first step', () => run.output().includes('weight 10 %'));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    run.child.kill('SIGKILL');
    const next = canary(folder, 'resume');
    expect([await next.ended, next.output()]).toEqual([0, expect.stringContaining('promoted after')]);
  });

  it('SIGTERM: rolled back within 7 s', async () => {
    const { folder } = await parts();
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the first step', () => run.output().includes('weight 10 %'));
    const at = Date.now();
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(1);
    expect(Date.now() - at).toBeLessThan(7_000);
    expect(run.output()).toMatch(/rolled back after \d+ s: interrupted by SIGTERM/u);
    expect(state(folder)).toMatchObject({ phase: 'rolled-back', weight: 0 });
  });

  it('a second run while one is under way: exit 2, and the first is not disturbed', async () => {
    const { folder } = await parts();
    const run = canary(folder, 'run', '--subject', SUBJECT);
    await until('the first step', () => run.output().includes('weight 10 %'));
    const second = canary(folder, 'run', '--subject', SUBJECT);
    expect(await second.ended).toBe(2);
    expect(second.output()).toContain('SP-CANARY-BUSY');
    expect(await run.ended).toBe(0);
  });
});
