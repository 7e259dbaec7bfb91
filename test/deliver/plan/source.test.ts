import { describe, expect, it } from 'vitest';
import { planText } from '../../../src/deliver/kubernetes/plan-text.ts';
import { readPlan } from '../../../src/deliver/plan/read.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { planWith } from '../plan.ts';

const PROMETHEUS = "prometheus: { url: 'http://127.0.0.1:9090', scrapeInterval: 5s }";

function refused(...replacements: [string | RegExp, string][]): string {
  try {
    planWith(...replacements);
  } catch (error) {
    if (error instanceof SallyportError) return `${error.problem.place?.line} ${error.problem.expected}`;
    throw error;
  }
  return 'accepted';
}

describe('the source of a plan’s counts', () => {
  it('is one, and its selectors are in its form', () => {
    expect(refused([PROMETHEUS, ''])).toMatch(/one of prometheus, datadog and cloudwatch/u);
    expect(refused([PROMETHEUS, `${PROMETHEUS}\ndatadog: {}`])).toMatch(/^29 one of/u);
    expect(refused([PROMETHEUS, 'datadog: { interval: 5s }'])).toMatch(/^21 a sum of a count/u);
    expect(refused([PROMETHEUS, 'cloudwatch: { region: eu-central-1, period: 5s }'])).toMatch(
      /^21 a map of/u,
    );
    expect(refused(['req{v="2"}', 'sum:req{v:2}'])).toMatch(/^21 a plain selector/u);
    expect(refused([`'req{v="2"}'`, '{ namespace: a, metric: b }'])).toMatch(/^21 a plain selector/u);
  });

  it('has buckets that fit into a look and into the lag', () => {
    const selectors: [RegExp, string] = [
      / {6}canary: [^\n]+\n {6}baseline: [^\n]+/u,
      "      canary: { requests: 'sum:a{*}', errors: 'sum:b{*}' }\n      baseline: { requests: 'sum:c{*}', errors: 'sum:d{*}' }",
    ];
    expect(refused([PROMETHEUS, 'datadog: { interval: 20s }'], selectors)).toMatch(/^4 at least the 20 s/u);
    expect(refused([PROMETHEUS, 'datadog: { interval: 10s }'], selectors)).toMatch(/^5 at least the 10 s/u);
    expect(refused([PROMETHEUS, 'datadog: { interval: 5s }'], selectors)).toBe('accepted');
    expect(refused([PROMETHEUS, 'datadog: { interval: 1500ms }'], selectors)).toMatch(/whole seconds/u);
  });

  it('other than Prometheus has no presets and no histograms', () => {
    const preset = (text: string): [RegExp, string] => [/ {4}selectors:[\s\S]*?(?= {2}- kind: slo)/u, text];
    expect(
      refused(
        [PROMETHEUS, 'datadog: { interval: 5s }'],
        preset("    preset: istio\n    canary: a='b'\n    baseline: a='c'\n"),
      ),
    ).toMatch(/^20 kind errors with selectors/u);
  });
});

describe('AWS in a plan', () => {
  const traffic = "traffic: { provider: command, set: [set, '{weight}'], get: [get] }";
  const group = (name: string) =>
    `'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/${name}/0a1b'`;
  const alb = (forwards: string) =>
    `traffic: { provider: aws-alb, region: eu-central-1, forwards: '${forwards}', canary: ${group('c')}, baseline: ${group('b')} }`;

  it('is named by ARNs', () => {
    const listener = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener';
    expect(refused([traffic, alb(`${listener}-rule/app/pay/1a/2b/3c`)])).toBe('accepted');
    expect(refused([traffic, alb(`${listener}/app/pay/1a/2b`)])).toBe('accepted');
    expect(refused([traffic, alb(`${listener}/net/pay/1a/2b`)])).toMatch(/^29 the ARN of a listener rule/u);
    expect(
      refused([traffic, 'traffic: { provider: aws-codedeploy, region: mars, deploymentFrom: DEPLOYMENT }']),
    ).toMatch(/^29 a region/u);
  });
});

describe('the plan that the reconciler gets', () => {
  it('is the same but for the access to the API server', () => {
    const access = "server: 'https://k.example', tokenAudience: kubernetes, caFile: /ca";
    const { plan } = planWith(
      [
        /traffic: .*/u,
        `traffic: { provider: gateway-api, ${access}, namespace: shop, route: pay, canary: c, baseline: b }`,
      ],
      [
        /state: .*/u,
        `state: { store: kubernetes, server: 'https://k.example', tokenCommand: [aws, eks], namespace: shop, name: pay }`,
      ],
    );
    const loaded = readPlan(
      'canary.yml',
      planText({ plan, sha256: '', uri: '', place: () => ({ path: '' }) }),
    );
    expect(loaded.plan).toEqual({
      ...plan,
      traffic: {
        provider: 'gateway-api',
        namespace: 'shop',
        route: 'pay',
        rule: 0,
        canary: 'c',
        baseline: 'b',
      },
      state: { store: 'kubernetes', namespace: 'shop', name: 'pay' },
    });
  });
});
