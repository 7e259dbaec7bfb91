import { z } from 'zod';
import { cloudwatch } from './cloudwatch.ts';
import { evidence } from './evidence.ts';
import { datadog, type MetricPlan, metric, prometheus } from './metrics.ts';
import { duration, identifier, probability } from './parts.ts';
import { state, traffic } from './providers.ts';
import { checkSource } from './source.ts';

const WEIGHT = 'expected a whole number from 1 to 99: all of the traffic is given by the promotion';

const step = z
  .strictObject({
    weight: z
      .int(WEIGHT)
      .min(1, WEIGHT)
      .max(99, WEIGHT)
      .meta({ description: 'Percent of the traffic that goes to the canary.' }),
    min: duration.meta({ description: 'Stays at least this long after the weight has settled.' }),
    max: duration.meta({ description: 'Without a reason to go on by then, the result is inconclusive.' }),
    approval: z.boolean().default(false).meta({
      description: 'Somebody must approve before this step begins (sallyport canary resume --approve).',
    }),
  })
  .refine((s) => s.min <= s.max, { message: 'min is longer than max', path: ['min'] });

/** canary.yml. Durations are milliseconds once read. */
export const canaryFile = z
  .strictObject({
    version: z.literal(1),
    service: identifier,
    environment: identifier,
    look: duration.prefault('10s').meta({ description: 'How often the counters are read and judged.' }),
    lag: duration
      .prefault('15s')
      .meta({ description: 'How far behind the present the counters are complete.' }),
    propagation: duration
      .prefault('10s')
      .meta({ description: 'After a change of weight, this much is not counted.' }),
    lease: duration
      .prefault('60s')
      .meta({ description: 'Without a sign of the controller for this long, the weight goes back to 0.' }),
    noData: duration
      .prefault('2m')
      .meta({ description: 'Without usable data for this long, the canary is rolled back.' }),
    deadline: duration.prefault('30m').meta({ description: 'The promotion must have been decided by then.' }),
    approvalTimeout: duration.prefault('1h').meta({ description: 'Waiting for an approval, at most 5h.' }),
    alpha: probability
      .max(0.2)
      .default(0.01)
      .meta({ description: 'Chance at most of rolling back a version that is not worse.' }),
    promotion: z
      .strictObject({
        ratio: z
          .number()
          .gt(1)
          .max(10)
          .default(2)
          .meta({ description: 'R: this many times the baseline’s rate is bad.' }),
        floor: probability.meta({ description: 'p_floor: a rate that is good whatever the baseline does.' }),
        beta: probability
          .max(0.2)
          .default(0.01)
          .meta({ description: 'Chance at most of promoting a bad version.' }),
      })
      .meta({ description: 'What a promotion must show.' }),
    expected: z
      .strictObject({
        requestsPerSecond: z.number().positive().max(10_000_000),
        errorRate: z.number().min(0).lt(1).default(0),
      })
      .meta({
        description: 'The traffic of the whole service, for the check that the plan can be decided in time.',
      }),
    shareTolerance: z.number().gt(0).max(1).default(0.5).meta({
      description: 'How far the observed share of traffic may be from the weight, as a part of the weight.',
    }),
    inconclusive: z
      .enum(['rollback', 'hold'])
      .default('rollback')
      .meta({ description: 'What a deadline without evidence does.' }),
    evidence: z.array(evidence).max(32).default([]).meta({
      description: 'Statements about the promoted digest that must be there before any traffic moves.',
    }),
    steps: z.array(step).min(1).max(32),
    metrics: z.array(metric).min(1).max(16),
    prometheus: prometheus.optional(),
    datadog: datadog.optional(),
    cloudwatch: cloudwatch.optional(),
    traffic,
    state,
  })
  .superRefine((plan, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const [index, { weight }] of plan.steps.entries()) {
      const before = plan.steps[index - 1];
      if (before !== undefined && weight <= before.weight)
        issue(['steps', index, 'weight'], `expected more than the ${before.weight} of the step before`);
    }
    if (plan.approvalTimeout > 5 * 3_600_000) issue(['approvalTimeout'], 'expected at most 5h');
    if (plan.lease < 2 * plan.look)
      issue(['lease'], 'expected at least two looks, or a slow look would end it');
    checkMetrics(plan.metrics, issue);
    checkSource(plan, issue);
  })
  .meta({
    title: 'Sallyport canary plan',
    description: 'How a version is brought to its users, and what sends it back.',
  });

function checkMetrics(
  metrics: readonly MetricPlan[],
  issue: (path: (string | number)[], message: string) => void,
): void {
  const names = new Set<string>();
  let shares = 0;
  for (const [index, one] of metrics.entries()) {
    if (names.has(one.name)) issue(['metrics', index, 'name'], `the name ${one.name} is taken`);
    names.add(one.name);
    shares += one.share;
    if (shares > 1 + 1e-9) issue(['metrics', index, 'share'], 'the shares add up to more than 1');
  }
  for (const [index, one] of metrics.entries()) {
    if (one.kind === 'slo' && !metrics.some((m) => m.kind === 'errors' && m.name === one.of))
      issue(['metrics', index, 'of'], 'expected the name of a metric of kind errors');
  }
  // An SLO alone only ever stops: nothing could be promoted.
  if (metrics.every((one) => one.kind === 'slo'))
    issue(['metrics'], 'expected a metric of kind errors or latency');
}

export type CanaryPlan = z.output<typeof canaryFile>;
