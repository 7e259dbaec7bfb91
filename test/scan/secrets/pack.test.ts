import { describe, expect, it } from 'vitest';
import { severities } from '../../../src/model/severity.ts';
import { checks } from '../../../src/scan/secrets/checks/registry.ts';
import { compileRules, nodeOf } from '../../../src/scan/secrets/match/compile.ts';
import { Scanner } from '../../../src/scan/secrets/match/scanner.ts';
import { startsOf } from '../../../src/scan/secrets/match/starts.ts';
import { packStarts } from '../../../src/scan/secrets/pack/starts.generated.ts';
import { ownPack, packFiles } from '../../../src/scan/secrets/rules/pack.ts';
import { checkPack } from './examples/check-pack.ts';
import { score } from './examples/score.ts';

const rules = packFiles.flatMap(({ vendors }) =>
  vendors.flatMap((vendor) => vendor.rules.map((rule) => ({ vendor, rule }))),
);

describe('the rule pack', () => {
  it('has at least 250 rules of 90 vendors, each id once', () => {
    const ids = rules.map(({ rule }) => rule.id);
    expect(ids.length).toBeGreaterThanOrEqual(250);
    expect(new Set(ids).size).toBe(ids.length);
    expect(packFiles.flatMap(({ vendors }) => vendors).length).toBeGreaterThanOrEqual(90);
  });

  it('says of every rule what it finds, how bad it is, where that is documented and how it is revoked', () => {
    for (const { vendor, rule } of rules) {
      expect(rule.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/u);
      expect(rule.what.length).toBeGreaterThan(5);
      expect(severities).toContain(rule.severity);
      expect(rule.source ?? vendor.source).toMatch(/^https:\/\//u);
      expect(rule.revoke ?? vendor.revoke).toMatch(/^https:\/\//u);
      expect(rule.find.length, rule.id).toBeGreaterThan(0);
      expect(rule.miss.length, rule.id).toBeGreaterThan(0);
      if (rule.check !== undefined) expect(checks.has(rule.check), rule.id).toBe(true);
      expect(
        rule.pattern !== undefined ||
          rule.path !== undefined ||
          (rule.names !== undefined && rule.value !== undefined),
        rule.id,
      ).toBe(true);
    }
  });

  it('finds every example of every rule and none of the near misses', () => {
    const { missed, wrong, tried } = checkPack(1, 20_261);
    expect(tried).toBeGreaterThan(1500);
    expect(missed).toEqual([]);
    expect(wrong).toEqual([]);
  });

  it('finds nine of ten credentials of the labelled set, and at most 3 in 100 of the lookalikes', () => {
    const result = score(2, 1000, 77);
    expect(result.formats).toBeGreaterThanOrEqual(90);
    expect(result.negatives).toBe(1000);
    expect(result.recall).toBeGreaterThanOrEqual(0.9);
    expect(result.falseAlarmShare).toBeLessThanOrEqual(0.03);
  });

  it('knows where its matches can begin', () => {
    expect(JSON.parse(packStarts)).toEqual(startsOf(ownPack(), nodeOf));
  });

  it('takes time in proportion to the text, whatever the text is', () => {
    const compiled = compileRules(ownPack());
    const scanner = new Scanner(compiled);
    const words = [
      'password',
      'secret',
      'token',
      'api_key',
      '-----BEGIN PRIVATE KEY-----\n',
      'eyJ',
      'https://a:',
      'machine login password ',
      'kind: Secret\n',
      'server=x;',
      'client_secret',
    ];
    const fillers = ['a', '=', ' ', '"', ':', '-', 'A1', '\n', '/', '.', 'eyJ.', '='.repeat(7), "password='"];
    for (const word of words) {
      for (const filler of fillers) {
        const text = (word + filler.repeat(Math.ceil(1000 / filler.length))).repeat(60).slice(0, 60_000);
        const started = performance.now();
        scanner.scan({ bytes: Buffer.from(text), text, path: 'config/a.yml', commit: '' });
        expect(performance.now() - started, `${word} ${filler}`).toBeLessThan(1500);
      }
    }
  });
});
