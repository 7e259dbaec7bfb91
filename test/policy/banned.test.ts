import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bom, Component } from '../../src/model/component.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { explainPolicy } from '../../src/policy/explain.ts';
import { allowedLicenses, deniedLicenses } from '../../src/policy/licenses.ts';
import { likenessFor } from '../../src/policy/likeness/names.ts';
import { compiled, evaluation, finding, report } from './support.ts';

function component(purl: string, over: Partial<Component> = {}): Component {
  const [, name = '', version] = /\/([^/@]+)(?:@(.+))?$/u.exec(purl) ?? [];
  return {
    ref: purl,
    type: 'library',
    name,
    ...(version === undefined ? {} : { version }),
    purl,
    licenses: [],
    hashes: [],
    scope: 'runtime',
    direct: null,
    places: [{ path: 'package-lock.json', line: 7 }],
    ...over,
  };
}

/** A service that needs the first component, which needs the second, and so on. */
function chain(...components: Component[]): Bom {
  const all = [component('pkg:generic/shop', { ref: 'root', type: 'application' }), ...components];
  const edges = Object.fromEntries(
    all.map(({ ref }, i) => [ref, all[i + 1] === undefined ? [] : [all[i + 1]?.ref ?? '']]),
  );
  return { components: all, edges, roots: ['root'] };
}

const stage = (bom: Bom, over = {}) =>
  report({
    stage: 'dependencies',
    engine: { name: 'sallyport-lockfiles', version: '1', publisher: 'sallyport', how: 'in-process' },
    bom,
    ...over,
  });

const policy = (entries: string) =>
  compiled(`version: 1\ngates: { pull-request: { stages: { dependencies: always } } }\nbanned:\n${entries}`);

const LOG4J = `  - { id: log4j, package: pkg:maven/org.apache/log4j-core, versions: 'vers:maven/<2.17.1', reason: old, instead: Use 2.17.1. }\n`;
const log4j = (version: string) => component(`pkg:maven/org.apache/log4j-core@${version}`);
const judge = (bom: Bom, entries: string, base?: Bom) =>
  evaluate(
    evaluation({
      policy: policy(entries),
      reports: [stage(bom)],
      baseReports: base === undefined ? null : [stage(base)],
    }),
  );

describe('banned components', () => {
  it.each([
    ['2.14.1', 'failed'],
    ['2.17.0', 'failed'],
    ['2.0-beta9', 'failed'],
    ['2.17.1', 'passed'],
    ['3.0.0', 'passed'],
  ])('by a vers range: %s is %s', (version, verdict) => {
    expect(judge(chain(component('pkg:maven/a/web@1'), log4j(version)), LOG4J).verdict).toBe(verdict);
  });

  it('says the way from the service, by whom it came and what to do', () => {
    const { findings } = judge(chain(component('pkg:maven/a/web@1'), log4j('2.14.1')), LOG4J);
    expect(findings[0]?.finding).toMatchObject({
      message: 'log4j-core 2.14.1 (shop > web 1 > log4j-core 2.14.1) is banned (log4j): old',
      help: 'Use 2.17.1. It comes with web 1.',
      places: [{ path: 'package-lock.json', line: 7 }],
    });
    expect(findings[0]?.violations).toMatchObject([{ rule: 'log4j', action: 'fail', message: 'old' }]);
  });

  it('weighs as much as its entry says', () => {
    const severities = (entries: string) =>
      judge(chain(log4j('2.14.1')), entries).findings.map(({ finding }) => finding.severity);
    expect(severities(LOG4J)).toEqual(['high']);
    expect(severities(LOG4J.replace('reason', 'action: warn, reason'))).toEqual(['medium']);
  });

  it('takes a version that cannot be told for a banned one', () => {
    expect(judge(chain(component('pkg:maven/org.apache/log4j-core')), LOG4J).verdict).toBe('failed');
  });

  it('is mild with what was there before, unless it says otherwise', () => {
    const bom = chain(log4j('2.14.1'));
    const before = judge(bom, LOG4J, bom);
    expect(before.findings.map(({ introduced, outcome }) => [introduced, outcome])).toEqual([
      [false, 'warned'],
    ]);
    expect(before.verdict).toBe('passed');
    expect(judge(bom, LOG4J.replace('reason', 'existing: fail, reason'), bom).verdict).toBe('failed');
    const change = judge(bom, LOG4J, chain(log4j('2.17.1')));
    expect(change.findings.map(({ introduced, outcome }) => [introduced, outcome])).toEqual([
      [true, 'failed'],
    ]);
  });

  it.each([
    ['component.scope == "development"', true],
    ['component.depth != null && component.depth > 1', true],
    ['component.hosts.exists(host, host != "registry.npmjs.org")', true],
    ['component.installScripts == true', true],
    ['component.deprecated == true', true],
    ['size(component.licenses) == 0', false],
    ['!allowedLicenses(component.licenses, ["MIT", "BSD-*"])', true],
    ['deniedLicenses(component.licenses, ["GPL-*"])', true],
    ['component.hashes.size() == 0', true],
    ['component.purl != null && component.purl.startsWith("pkg:npm/%40x/")', false],
  ])('by a condition: %s', (condition, banned) => {
    const bad = component('pkg:npm/bad@1.0.0', {
      scope: 'development',
      licenses: ['GPL-3.0-only'],
      installScripts: true,
      deprecated: true,
      rest: { externalReferences: [{ type: 'distribution', url: 'https://evil.example/bad.tgz' }] },
    });
    const good = component('pkg:npm/good@1.0.0', {
      licenses: ['MIT'],
      hashes: [{ algorithm: 'SHA-256', content: 'aa' }],
      installScripts: false,
      deprecated: false,
    });
    const entry = `  - { id: one, condition: '${condition}', reason: because }\n`;
    const names = judge(chain(good, bad), entry).findings.map(({ finding: { component: purl } }) => purl);
    expect(names).toEqual(banned ? ['pkg:npm/bad@1.0.0'] : []);
  });

  it.each([
    [`  - { id: a, package: 'pkg:npm/x@1', reason: r }\n`, /without a version/u],
    [`  - { id: a, package: 'nothing', reason: r }\n`, /purl/u],
    [`  - { id: a, package: 'pkg:npm/x', versions: 'vers:pypi/<1', reason: r }\n`, /pkg:npm/u],
    [`  - { id: a, package: 'pkg:npm/x', versions: '<1', reason: r }\n`, /vers/u],
  ])('refuses an entry that it cannot use: %s', (entry, expected) => {
    expect(() => policy(entry)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'SP-POLICY-INVALID',
          expected: expect.stringMatching(expected),
        }),
      }),
    );
  });

  it.each([
    `  - { id: a, reason: r }\n`,
    `  - { id: a, condition: 'true', versions: 'vers:npm/*', reason: r }\n`,
    `  - { id: a, package: 'pkg:npm/x', condition: 'true', reason: r }\n`,
    `  - { id: a, package: 'pkg:npm/x' }\n`,
    `  - { id: a, condition: 'component.nothing', reason: r }\n`,
  ])('refuses what the schema or the conditions do not know: %s', (entry) => {
    expect(() => policy(entry)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^SP-(?:POLICY|CONDITION)/u) }),
    );
  });

  it('are added to by a later layer, and shown by policy explain', () => {
    const later = LOG4J.replace('id: log4j', 'id: other');
    const both = compiled(`version: 1\nbanned:\n${LOG4J}`, `version: 1\nbanned:\n${later}`);
    expect(both.bans.map(({ entry }) => entry.id)).toEqual(['log4j', 'other']);
    expect(explainPolicy(both)).toContain('log4j: pkg:maven/org.apache/log4j-core vers:maven/<2.17.1: fail');
  });

  it('can be waived by rule and path, never by an advisory', () => {
    const until = 'owner: o, reason: r, expires: 2026-12-31';
    const bom = chain(log4j('2.14.1'));
    const withWaiver = (waiver: string) =>
      evaluate(
        evaluation({
          policy: compiled(
            `version: 1\ngates: { pull-request: { stages: { dependencies: always } } }\nbanned:\n${LOG4J}waivers:\n  - { ${waiver}, ${until} }\n`,
          ),
          reports: [stage(bom)],
        }),
      ).findings.find(({ finding: { rule } }) => rule === 'banned-component')?.outcome;
    expect(withWaiver('rule: banned-component, path: package-lock.json')).toBe('waived');
    expect(withWaiver('component: "pkg:maven/org.apache/log4j-core", advisory: CVE-2021-44228')).toBe(
      'failed',
    );
  });
});

describe('a waiver for a vulnerability of a component', () => {
  const vulnerable = finding({
    stage: 'dependencies',
    rule: 'vulnerable-dependency',
    component: 'pkg:npm/a@1.0.0',
    advisory: {
      id: 'CVE-2026-1',
      aliases: ['GHSA-x'],
      fixed: null,
      vectors: [],
      epss: null,
      exploited: null,
    },
  });
  it.each([
    ['pkg:npm/a', 'GHSA-x', 'waived'],
    ['pkg:npm/a@1.0.0', 'CVE-2026-1', 'waived'],
    ['pkg:npm/a@1.0.1', 'CVE-2026-1', 'failed'],
    ['pkg:npm/b', 'CVE-2026-1', 'failed'],
    ['pkg:npm/a', 'CVE-2026-2', 'failed'],
  ])('%s, %s: %s', (purl, advisory, outcome) => {
    const rules = `gates: { pull-request: { rules: [r] } }\nrules: [{ id: r, over: finding, condition: 'finding.stage == "dependencies"', action: fail, message: m }]`;
    const waiver = `waivers: [{ component: '${purl}', advisory: ${advisory}, owner: o, reason: r, expires: 2026-12-31 }]`;
    const decision = evaluate(
      evaluation({
        policy: compiled(`version: 1\n${rules}\n${waiver}\n`),
        reports: [report({ stage: 'dependencies', findings: [vulnerable] })],
      }),
    );
    expect(decision.findings.find(({ finding: { rule } }) => rule === 'vulnerable-dependency')?.outcome).toBe(
      outcome,
    );
  });
});

describe('licences', () => {
  it.each<[string[], string[], boolean]>([
    [['MIT'], ['MIT'], true],
    [['mit'], ['MIT'], true],
    [['MIT OR GPL-3.0-only'], ['MIT'], true],
    [['MIT AND GPL-3.0-only'], ['MIT'], false],
    [['(MIT OR Apache-2.0) AND BSD-3-Clause'], ['Apache-2.0', 'BSD-*'], true],
    [['MIT', 'GPL-3.0-only'], ['MIT'], false],
    [[], ['*'], false],
    [['SEE LICENSE IN LICENSE'], ['MIT'], false],
    [['SEE LICENSE IN LICENSE'], ['SEE LICENSE IN LICENSE'], true],
    [['GPL-2.0-only WITH Classpath-exception-2.0'], ['GPL-2.0-only'], false],
    [['GPL-2.0-only WITH Classpath-exception-2.0'], ['GPL-2.0-only WITH Classpath-exception-2.0'], true],
  ])('%j with %j allowed: %s', (licences, allowed, expected) => {
    expect(allowedLicenses(licences, allowed)).toBe(expected);
  });

  it.each<[string[], string[], boolean]>([
    [['GPL-3.0-only'], ['GPL-*'], true],
    [['MIT OR GPL-3.0-only'], ['GPL-*'], false],
    [['MIT AND GPL-3.0-only'], ['GPL-*'], true],
    [['MIT', 'AGPL-3.0-only'], ['AGPL-*'], true],
    [['GPL-2.0-only WITH Classpath-exception-2.0'], ['GPL-2.0-only'], true],
    [[], ['*'], false],
  ])('%j with %j denied: %s', (licences, denied, expected) => {
    expect(deniedLicenses(licences, denied)).toBe(expected);
  });

  it('never throw, whatever a package calls its licence', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 4 }), (licences) => {
        expect(typeof allowedLicenses(licences, ['MIT'])).toBe('boolean');
        expect(typeof deniedLicenses(licences, ['MIT'])).toBe('boolean');
      }),
    );
  });
});

describe('a ban by age', () => {
  it.each([
    ['2026-05-30T00:00:00.000Z', 1],
    // One that is yet to come is no older.
    ['2030-01-01T00:00:00.000Z', 1],
    ['2026-05-01T00:00:00.000Z', 0],
    [undefined, 0],
    ['yesterday', 0],
  ])('of what was released %s', (released, count) => {
    const YOUNG =
      "  - { id: young, condition: 'component.ageDays != null && component.ageDays < 7.0', reason: young }\n";
    const bom = chain(component('pkg:pypi/a@1', { released }));
    expect(judge(bom, YOUNG).findings).toHaveLength(count);
  });
});

describe('a ban by likeness', () => {
  const LIKE =
    "  - { id: look-alike, condition: 'component.resembles != null', reason: mistaken, instead: Look twice. }\n";
  const bom = chain(component('pkg:npm/shop-lib@1.0.0'), component('pkg:npm/loadsh@1.0.0'));

  it('names whom the component could be taken for', async () => {
    const compiledPolicy = policy(LIKE);
    const input = evaluation({ policy: compiledPolicy, reports: [stage(bom)] });
    const likeness = await likenessFor(compiledPolicy);
    const found = evaluate({ ...input, likeness }).findings;
    expect(found.map(({ finding }) => [finding.component, finding.help])).toEqual([
      [
        'pkg:npm/loadsh@1.0.0',
        'Its name could be taken for lodash. Look twice. It comes with shop-lib 1.0.0.',
      ],
    ]);
  });

  it('has no verdict where the names are not there', () => {
    const input = evaluation({ policy: policy(LIKE), reports: [stage(bom)] });
    expect(() => evaluate(input)).toThrow(expect.objectContaining({ code: 'SP-CONDITION-FAILED' }));
  });

  it('loads no names where nothing asks for them', async () => {
    expect(await likenessFor(policy(LOG4J))).toBeNull();
    const known = await likenessFor(policy(LIKE));
    expect(known?.of(component('pkg:npm/lodash@4.17.21'))).toBeNull();
  });
});
