import { describe, expect, it } from 'vitest';
import { promote } from '../../../src/deliver/controller/run.ts';
import type { Ending } from '../../../src/deliver/controller/world.ts';
import { chartPoints } from '../../../src/deliver/show/chart.ts';
import { recordOf, testResult } from '../../../src/deliver/show/record.ts';
import { renderCanary } from '../../../src/report/canary.ts';
import { renderCanarySummary } from '../../../src/report/canary-summary.ts';
import { FakeService } from '../controller/fake.ts';
import { planWith } from '../plan.ts';

async function ending(breaks: boolean): Promise<Ending> {
  const service = new FakeService(planWith());
  if (breaks) service.canaryRate = (at) => (at > 40_000 ? 0.05 : 0.001);
  let found: Ending | null = null;
  const subject = `payments@sha256:${'c'.repeat(64)}`;
  void promote({ ...service.world('one'), subject }).then((value) => {
    found = value;
  });
  await service.clock.run(() => found !== null, 3_600_000);
  if (found === null) throw new Error('no end');
  return found;
}

describe('what a promotion leaves behind', () => {
  it('a promotion: lead time from the commit, nothing to recover, a test result that passed', async () => {
    const good = await ending(false);
    const record = recordOf(good, good.state.startedAt - 600_000);
    const lasted = Math.round(((good.state.endedAt ?? 0) - good.state.startedAt) / 1000);
    expect(record.dora).toEqual({
      deployment: true,
      leadTimeSeconds: lasted + 600,
      changeFailed: false,
      recoverySeconds: null,
    });
    expect(recordOf(good, null).dora.leadTimeSeconds).toBeNull();
    const statement = testResult(good, planWith(), 'text', 'local');
    expect(statement.subject).toEqual([{ name: 'payments', digest: { sha256: 'c'.repeat(64) } }]);
    expect(statement.predicate).toMatchObject({
      result: 'PASSED',
      passedTests: ['errors', 'availability'],
      failedTests: [],
    });
  });

  it('a rollback: a failed change with its recovery time, a test result that failed', async () => {
    const bad = await ending(true);
    const record = recordOf(bad, 0);
    expect(record.dora).toMatchObject({ leadTimeSeconds: null, changeFailed: true });
    expect(record.dora.recoverySeconds).toBe(
      Math.round(((bad.state.endedAt ?? 0) - bad.state.startedAt) / 1000),
    );
    expect(testResult(bad, planWith(), '', 'local').predicate).toMatchObject({
      result: 'FAILED',
      passedTests: [],
    });
  });

  it('a picture that is well formed, without a number that is none', async () => {
    for (const one of [await ending(true), await ending(false)]) {
      const points = chartPoints(one.state);
      expect(points.length).toBeGreaterThan(3);
      expect(points.at(-1)?.weight).toBe(one.outcome === 'promoted' ? 100 : 0);
      const svg = [
        ...renderCanary({ title: '<svc> & "x"', outcome: one.outcome, reason: one.reason, points }),
      ].join('');
      expect(svg).not.toMatch(/NaN|Infinity|undefined|<svc>/u);
      expect(svg.match(/<(?!\/|\?)[a-z]+/gu)?.length).toBe(
        (svg.match(/<\/[a-z]+>/gu)?.length ?? 0) + (svg.match(/\/>/gu)?.length ?? 0),
      );
    }
    const empty = [...renderCanary({ title: 't', outcome: 'rolled-back', reason: 'r', points: [] })].join('');
    expect(empty).not.toMatch(/NaN|Infinity/u);
  });

  it('keeps every count when the course is drawn with fewer points', async () => {
    const { state } = await ending(false);
    const long = Array.from({ length: 119 }, (_, i) => ({
      at: state.startedAt + i * 1000,
      weight: i < 60 ? 10 : 50,
      canary: { requests: 10, errors: 1 },
      baseline: { requests: 90, errors: 0 },
      evidence: 0,
      threshold: 2,
    }));
    const points = chartPoints({ ...state, course: long });
    expect(points.length).toBeLessThanOrEqual(64);
    for (const point of points) if (point.canary !== null) expect(point.canary.rate).toBeCloseTo(0.1, 12);
  });

  it('a summary in which nothing of the service’s text is markup', async () => {
    const bad = await ending(true);
    const record = { ...recordOf(bad, null), reason: '<b>|[x](http://y)' };
    const text = [...renderCanarySummary(record, chartPoints(bad.state))].join('');
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('[x](');
    expect(text).toContain('| change failed | yes |');
    expect(text.match(/```mermaid\n%%\{init: .*\}%%\nxychart-beta\n/gu)).toHaveLength(3);
    expect(text).not.toMatch(/NaN|Infinity|undefined|null/u);
    expect([...renderCanarySummary(record, [])].join('')).not.toContain('mermaid');
  });
});
