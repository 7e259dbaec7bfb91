import { type LoadedPlan, readPlan } from '../../src/deliver/plan/read.ts';

/** A plan that is valid, as text; replacements are made in it before it is read. */
export const PLAN = `version: 1
service: payments
environment: production
look: 10s
lag: 5s
propagation: 5s
lease: 60s
noData: 1m
deadline: 30m
alpha: 0.01
promotion: { ratio: 2, floor: 0.005, beta: 0.01 }
expected: { requestsPerSecond: 50, errorRate: 0.001 }
steps:
  - { weight: 10, min: 30s, max: 10m }
  - { weight: 50, min: 30s, max: 20m }
metrics:
  - kind: errors
    name: errors
    share: 0.6
    selectors:
      canary: { requests: 'req{v="2"}', errors: 'err{v="2"}' }
      baseline: { requests: 'req{v="1"}', errors: 'err{v="1"}' }
  - kind: slo
    name: availability
    share: 0.4
    of: errors
    budget: 0.02
prometheus: { url: 'http://127.0.0.1:9090', scrapeInterval: 5s }
traffic: { provider: command, set: [set, '{weight}'], get: [get] }
state: { store: file, path: state.json }
`;

export function planWith(...replacements: [string | RegExp, string][]): LoadedPlan {
  let text = PLAN;
  for (const [from, to] of replacements) {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`nothing replaced: ${String(from)}`);
    text = next;
  }
  return readPlan('canary.yml', text);
}
