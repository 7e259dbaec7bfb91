import { describe, expect, it } from 'vitest';
import { BAD, database, service } from '../scan/dependencies/support.ts';
import { TestRepository } from './support.ts';

const LOCK = service(BAD)['package-lock.json'] ?? '';
const packages = (entries: object) => JSON.stringify({ lockfileVersion: 3, packages: entries });
const deep = `{"lockfileVersion":3,"packages":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`;

/** By path, what is wrong with it and the code that says so. */
const BROKEN: Record<string, [text: string, code: RegExp]> = {
  'cut/package-lock.json': [LOCK.slice(0, 300), /^SP-JSON-SYNTAX$/u],
  'deep/package-lock.json': [deep, /^SP-JSON-DEPTH$/u],
  'nul/yarn.lock': ['# yarn lockfile v1\n\na@1:\n  version "1\0"\n', /^SP-LOCK-/u],
  'other/Cargo.lock': ['it all went well', /^SP-LOCK-SYNTAX$/u],
  'name/package-lock.json': [
    packages({ '': { name: 'shop' }, 'node_modules/': { version: '1.0.0' } }),
    /^SP-LOCK-ENTRY$/u,
  ],
};

describe('lockfiles that cannot be read', () => {
  it('end without a verdict, each says where, and none hides what others lock', async () => {
    const broken = Object.entries(BROKEN).map(([path, [text]]) => [path, text]);
    const repository = new TestRepository({ ...service(BAD), ...Object.fromEntries(broken) });
    const { decision } = await repository.gate({ advisories: await database() });
    expect(decision.verdict).toBe('error');
    const problems = decision.stages.flatMap(({ runs }) => runs.flatMap((one) => one.problems));
    for (const [path, [, code]] of Object.entries(BROKEN))
      expect(problems.find(({ place }) => place?.path === path)?.code).toMatch(code);
    expect(decision.findings.map(({ finding }) => finding.rule)).toContain('vulnerable-dependency');
  });
});

describe('a lockfile that says strange things', () => {
  it('with prototype keys, circles and absurd versions is judged, and nothing is called clean', async () => {
    const entry = { version: '1.0.0', integrity: 'sha512-eA==' };
    const text = packages({
      '': { name: 'shop', version: '1.0.0', dependencies: { deep: '1', a: '1' } },
      'node_modules/deep': { ...entry, version: '9'.repeat(400) },
      'node_modules/a': { ...entry, dependencies: { b: '1' } },
      'node_modules/b': { ...entry, dependencies: { a: '1' } },
    }).replace(
      '"node_modules/a":',
      '"__proto__":{"version":"1.0.0","polluted":true},"constructor":{},"node_modules/a":',
    );
    const repository = new TestRepository({ 'package.json': '{"name":"shop"}', 'package-lock.json': text });
    const { decision } = await repository.gate({ advisories: await database() });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(decision.findings.map(({ finding }) => finding.rule)).toContain('vulnerability-undecided');
  });
});
