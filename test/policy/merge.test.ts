import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { held } from '../../src/policy/chain.ts';
import { mergePolicies, type Policy, policyOf } from '../../src/policy/merge.ts';
import { parseLayer } from '../../src/policy/parse.ts';
import { requirementsAt } from '../../src/policy/stages.ts';
import { trustRules } from '../../src/policy/trust.ts';
import { merged, optionRules, pack, refusalOf } from './support.ts';

const codeOf = (run: () => unknown) => refusalOf(run, 'merged');

const always = 'version: 1\ngates:\n  pull-request:\n    stages: { code: always }\n';
const whenPresent = 'version: 1\ngates:\n  pull-request:\n    stages: { code: when-present }\n';

describe('merging', () => {
  it.each([
    ['asks for a stage less strictly', always, whenPresent],
    [
      'lets a rule only warn',
      'version: 1\nrules: [{ id: a, action: fail }]\n',
      'version: 1\nrules: [{ id: a, action: warn }]\n',
    ],
    [
      'changes what a rule says',
      'version: 1\nrules: [{ id: a, over: run, condition: "true", message: m, action: warn }]\n',
      'version: 1\nrules: [{ id: a, over: run, condition: "false", message: m, action: fail }]\n',
    ],
    [
      'allows older data',
      'version: 1\nstages: { image: { maxDataAge: 7d } }\n',
      'version: 1\nstages: { image: { maxDataAge: 169h } }\n',
    ],
    ['allows another executable', lock('a'), lock('b')],
    [
      'lets waivers run longer',
      'version: 1\nlimits: { waiverDays: 30 }\n',
      'version: 1\nlimits: { waiverDays: 31 }\n',
    ],
    [
      'leaves paths out of a stage that is asked for',
      always,
      'version: 1\nstages: { code: { exclude: ["vendor/**"] } }\n',
    ],
    [
      'asks for a stage of which an earlier one has left paths out',
      'version: 1\nstages: { code: { exclude: ["**"] } }\n',
      always,
    ],
    [
      'leaves more out',
      'version: 1\nstages: { code: { exclude: [a] } }\n',
      'version: 1\nstages: { code: { exclude: [a, b] } }\n',
    ],
    ['allows more by an option', option('allowed: [a]'), option('allowed: [a, b]')],
    ['looks for less by an option', option('looked: [a, b]'), option('looked: [a]')],
  ])('refuses a layer that %s', (_name, before, after) => {
    expect(codeOf(() => merged(before, after))).toBe('SP-POLICY-LOOSENED');
  });

  it.each([
    ['asks more strictly', whenPresent, always],
    ['asks the same', always, always],
    [
      'lets a rule fail',
      'version: 1\nrules: [{ id: a, action: warn }]\n',
      'version: 1\nrules: [{ id: a, action: fail }]\n',
    ],
    [
      'narrows a lock',
      `version: 1\nengines: { x: { sha256: ["${'a'.repeat(64)}", "${'b'.repeat(64)}"] } }\n`,
      lock('a'),
    ],
    [
      'wants fresher data',
      'version: 1\nstages: { image: { maxDataAge: 7d } }\n',
      'version: 1\nstages: { image: { maxDataAge: 24h } }\n',
    ],
    [
      'asks again for a stage of which the one that asked first has left paths out',
      `${whenPresent}stages: { code: { exclude: [a] } }\n`,
      always,
    ],
    ['allows less by an option', option('allowed: [a, b]'), option('allowed: [a]')],
    [
      'adds a waiver',
      always,
      'version: 1\nwaivers: [{ rule: a, path: b, owner: c, reason: d, expires: 2030-01-01 }]\n',
    ],
  ])('takes a layer that %s', (_name, before, after) => {
    expect(codeOf(() => merged(before, after))).toBe('merged');
  });

  it('lets nobody name first what an organisation’s pack lets nobody pass, but fills in what our own packs leave open', () => {
    const exempting = option('exempt: [a]');
    const on = (first: string, builtIn: boolean) =>
      codeOf(() =>
        mergePolicies(
          policyOf({ ...parseLayer('a', 'a.yml', first), builtIn }),
          policyOf(parseLayer('b', 'b.yml', exempting)),
          optionRules,
        ),
      );
    expect(on(always, false)).toBe('SP-POLICY-LOOSENED');
    expect(on(always, true)).toBe('merged');
    expect(codeOf(() => merged(always, option('allowed: [a]')))).toBe('merged');
  });

  it('says what stood where', () => {
    try {
      merged(always, whenPresent);
      expect.unreachable();
    } catch (thrown) {
      const { problem } = thrown as SallyportError;
      expect(problem.place).toEqual({ path: 'layer-1.yml', line: 4, column: 15 });
      expect(problem.expected).toContain('layer-0.yml:4');
    }
  });

  it('keeps the packs in their order of strictness', () => {
    const policy = merged(pack('baseline'), pack('strict'), pack('pci-dss-4'));
    expect(requirementsAt(policy, 'pull-request').get('code')).toBe('always');
    expect(held(policy.actions.get('existing-high'))).toBe('fail');
    expect(held(policy.waiverDays)).toBe(90);
  });
});

function person(name: string, notAfter: string | undefined) {
  return {
    name,
    signs: ['deny-list'],
    issuer: 'https://accounts.example.com',
    identity: `${name}@example.com`,
    ...(notAfter === undefined ? {} : { notAfter }),
  };
}

/** Layers over few names, so that they meet. */
const layerText = fc
  .record(
    {
      code: fc.constantFrom('always', 'when-present'),
      configuration: fc.constantFrom('always', 'when-present'),
      action: fc.constantFrom('fail', 'warn'),
      age: fc.constantFrom('7d', '168h', '24h', '2d'),
      days: fc.constantFrom(30, 60, 90),
      exclude: fc.subarray(['a', 'b', 'c']),
      allowed: fc.subarray(['a', 'b', 'c']),
      exempt: fc.subarray(['a', 'b', 'c']),
      lock: fc.subarray(['a', 'b'], { minLength: 1 }),
      waivers: fc.nat(2),
      signers: fc.subarray(['x', 'y']),
      until: fc.constantFrom('2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'),
      breakGlass: fc.subarray(['production', 'staging']),
      denied: fc.record({ required: fc.boolean(), minimum: fc.constantFrom(1, 2) }),
    },
    { requiredKeys: [] },
  )
  .map((l) =>
    JSON.stringify({
      version: 1,
      gates: {
        'pull-request': {
          stages: {
            ...(l.code ? { code: l.code } : {}),
            ...(l.configuration ? { configuration: l.configuration } : {}),
          },
        },
      },
      stages: {
        code: {
          ...(l.age ? { maxDataAge: l.age } : {}),
          ...(l.exclude ? { exclude: l.exclude } : {}),
          options: {
            ...(l.allowed ? { allowed: l.allowed } : {}),
            ...(l.exempt ? { exempt: l.exempt } : {}),
          },
        },
      },
      ...(l.lock ? { engines: { x: { sha256: l.lock.map((c) => c.repeat(64)) } } } : {}),
      ...(l.days ? { limits: { waiverDays: l.days } } : {}),
      ...(l.action ? { rules: [{ id: 'r', action: l.action }] } : {}),
      trust: {
        ...(l.signers ? { signers: l.signers.map((name) => person(name, l.until)) } : {}),
        ...(l.breakGlass ? { breakGlass: { environments: l.breakGlass } } : {}),
        ...(l.denied ? { denyList: l.denied } : {}),
      },
      waivers: Array.from({ length: l.waivers ?? 0 }, (_, i) => ({
        rule: `w${i}`,
        path: 'p',
        owner: 'o',
        reason: 'r',
        expires: '2030-01-01',
      })),
    }),
  );

/** What holds, without who said it. */
function effect(policy: Policy): unknown {
  const last = (map: ReadonlyMap<string, readonly { value: unknown }[]>) =>
    [...map].map(([key, chain]) => [key, chain.at(-1)?.value]).sort();
  return [
    last(policy.requirements),
    last(policy.actions),
    last(policy.excludes),
    last(policy.maxDataAge),
    last(policy.options),
    last(policy.locks),
    held(policy.waiverDays),
    trustRules(policy),
    policy.waivers.map((w) => w.value.rule),
    policy.layers.map((l) => l.name),
  ];
}

describe('merging, for any layers', () => {
  const policy = (text: string, name: string) => policyOf(parseLayer(name, name, text));
  const merge = (a: Policy, b: Policy) => mergePolicies(a, b, optionRules);

  it('is associative, in what holds and in what is refused', () => {
    fc.assert(
      fc.property(layerText, layerText, layerText, (x, y, z) => {
        const [a, b, c] = [policy(x, 'a'), policy(y, 'b'), policy(z, 'c')];
        const attempt = (run: () => Policy) => {
          try {
            return JSON.stringify(effect(run()));
          } catch (thrown) {
            if (thrown instanceof SallyportError && thrown.code === 'SP-POLICY-LOOSENED') return 'refused';
            throw thrown;
          }
        };
        expect(attempt(() => merge(merge(a, b), c))).toBe(attempt(() => merge(a, merge(b, c))));
      }),
      { numRuns: 600 },
    );
  });

  it('is monotone: what a layer demands, every later layer demands', () => {
    fc.assert(
      fc.property(layerText, layerText, (x, y) => {
        const [a, b] = [policy(x, 'a'), policy(y, 'b')];
        let both: Policy;
        try {
          both = merge(a, b);
        } catch {
          return;
        }
        for (const [key, chain] of a.requirements) {
          if (held(chain) === 'always') expect(held(both.requirements.get(key))).toBe('always');
          expect(both.requirements.has(key)).toBe(true);
        }
        for (const [key, chain] of a.actions)
          if (held(chain) === 'fail') expect(held(both.actions.get(key))).toBe('fail');
        for (const [stage, chain] of a.maxDataAge)
          expect(held(both.maxDataAge.get(stage))).toBeLessThanOrEqual(held(chain) ?? 0);
        for (const [name, chain] of a.locks)
          expect(held(chain)).toEqual(expect.arrayContaining([...(held(both.locks.get(name)) ?? [])]));
        if (held(a.waiverDays) !== undefined)
          expect(held(both.waiverDays)).toBeLessThanOrEqual(held(a.waiverDays) ?? 0);
        if (Object.values(a.trust).some((chain) => chain.length > 0)) {
          const [before, after] = [trustRules(a), trustRules(both)];
          for (const signer of after.signers) {
            const own = before.signers.find((one) => one.name === signer.name);
            expect(own).toBeDefined();
            expect(signer.notAfter?.getTime() ?? Infinity).toBeLessThanOrEqual(
              own?.notAfter?.getTime() ?? Infinity,
            );
          }
          expect(before.breakGlass).toEqual(expect.arrayContaining([...after.breakGlass]));
          expect(after.denyList.minimum).toBeGreaterThanOrEqual(before.denyList.minimum);
          expect(after.denyList.required || !before.denyList.required).toBe(true);
        }
        for (const [stage, chain] of both.excludes) {
          if (b.requirements.has(`pull-request/${stage}`) && a.excludes.has(stage))
            expect(a.requirements.has(`pull-request/${stage}`)).toBe(true);
          if (a.requirements.has(`pull-request/${stage}`)) {
            expect(held(a.excludes.get(stage)) ?? []).toEqual(
              expect.arrayContaining([...(held(chain) ?? [])]),
            );
          }
        }
      }),
      { numRuns: 600 },
    );
  });
});

function lock(letter: string): string {
  return `version: 1\nengines: { x: { sha256: [${letter.repeat(64)}] } }\n`;
}

function option(text: string): string {
  return `version: 1\nstages: { code: { options: { ${text} } } }\n`;
}
