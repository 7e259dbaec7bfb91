import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

const rate = z.number().min(0).max(1);

export default defineCommand({
  name: 'canary simulate',
  summary: 'Forecast a canary plan: how long until a bad version is found and a good one promoted.',
  description: `Checks the plan and walks it many times with random traffic, with the same code that decides in earnest. Tells for a good version (as good as the baseline) how often it is promoted, how often it is rolled back all the same, and how long that takes; and for the version of \`--canary\` how soon it is rolled back. Touches nothing.`,
  examples: [
    { run: 'sallyport canary simulate', does: 'forecasts canary.yml with the traffic that it expects' },
    {
      run: 'sallyport canary simulate --baseline 0.005 --canary 0.02 --traffic 200',
      does: 'the same for 0.5 % and 2 % errors at 200 requests a second',
    },
  ],
  inputs: z.strictObject({
    plan: z
      .string()
      .default('canary.yml')
      .meta({ description: 'The plan.', placeholder: 'FILE', environment: false }),
    baseline: rate.optional().meta({
      description: 'Error rate of the version that runs, 0 to 1; by default what the plan expects.',
      placeholder: 'RATE',
    }),
    canary: rate
      .default(0.05)
      .meta({ description: 'Error rate of a bad version, 0 to 1.', placeholder: 'RATE' }),
    traffic: z.number().positive().max(1_000_000).optional().meta({
      description: 'Requests a second of the whole service; by default what the plan expects.',
      placeholder: 'N',
    }),
    runs: z.int().min(10).max(100_000).default(500).meta({ description: 'How often.', placeholder: 'N' }),
    seed: z.int().default(1).meta({ description: 'Of the random numbers.', placeholder: 'N' }),
    format: z
      .enum(['table', 'json'])
      .default('table')
      .meta({ description: 'How the forecast is written.', placeholder: 'FORMAT' }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [{ loadPlan }, { reachOf }, { simulatePlan }] = await Promise.all([
      import('./canary-shared.ts'),
      import('../deliver/plan/feasibility.ts'),
      import('../deliver/simulate.ts'),
    ]);
    const { plan } = await loadPlan(inputs.plan, context);
    const requestsPerSecond = inputs.traffic ?? plan.expected.requestsPerSecond;
    const baseline = inputs.baseline ?? plan.expected.errorRate;
    const given = { ...plan, expected: { requestsPerSecond, errorRate: baseline } };
    const at = (canary: number) =>
      simulatePlan(plan, { baseline, canary, requestsPerSecond }, inputs.runs, inputs.seed);
    const [good, bad] = [at(baseline), at(inputs.canary)];
    const reach = reachOf(given);
    if (inputs.format === 'json') {
      context.out(
        `${JSON.stringify({ requestsPerSecond, baseline, canary: inputs.canary, reach, good, bad }, null, 2)}\n`,
      );
      return { exit: 0 };
    }
    const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
    const time = (q: { p10: number; p50: number; p90: number } | null) =>
      q === null
        ? ''
        : `, after ${Math.round(q.p50)} s (10 to 90 of 100 runs: ${Math.round(q.p10)} to ${Math.round(q.p90)} s)`;
    const seconds = (ms: number | null) => (ms === null ? 'never' : `${Math.round(ms / 1000)} s`);
    const lines = (name: string, outcome: typeof good) => [
      `${name}`,
      `  promoted      ${percent(outcome.promoted)}${time(outcome.promotionTime)}`,
      `  rolled back   ${percent(outcome.rolledBack)}${time(outcome.rollbackTime)}`,
      `  undecided     ${percent(outcome.inconclusive)}`,
    ];
    context.out(
      [
        `${plan.service} in ${plan.environment}: ${requestsPerSecond} requests a second, baseline ${percent(baseline)} errors, ${inputs.runs} runs`,
        ...lines(`a good version (${percent(baseline)} errors)`, good),
        ...lines(`a version with ${percent(inputs.canary)} errors`, bad),
        `earliest promotion possible after ${seconds(reach.needed)} of the ${seconds(reach.available)} that the plan has`,
        '',
      ].join('\n'),
    );
    return { exit: 0 };
  },
});
