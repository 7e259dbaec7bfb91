import { describe, expect, it } from 'vitest';
import type { Component } from '../../src/model/component.ts';
import { componentFacts, findingFacts, ruleTags } from '../../src/policy/facts.ts';
import { finding } from './support.ts';

const component = (over: Partial<Component> = {}): Component => ({
  ref: 'r',
  type: 'library',
  name: 'a',
  licenses: ['MIT'],
  hashes: [{ algorithm: 'SHA-256', content: 'ab' }],
  scope: 'runtime',
  direct: true,
  places: [],
  ...over,
});
const of = (over: Partial<Component> = {}) => {
  const { resembles: _lazy, ...facts } = Object.getOwnPropertyDescriptors(
    componentFacts(component(over), 'dependencies', 2, null, new Date('2026-06-01T00:00:00Z')),
  );
  return Object.fromEntries(Object.entries(facts).map(([name, { value }]) => [name, value]));
};
const hosts = (...references: [type: string, url: unknown][]) =>
  of({ rest: { externalReferences: references.map(([type, url]) => ({ type, url })) } }).hosts;

describe('what conditions are told of a component', () => {
  it('is what is known, and null where nothing is', () => {
    expect(of()).toMatchObject({
      ref: 'r',
      purl: null,
      group: null,
      version: null,
      licenses: ['MIT'],
      depth: 2n,
      hosts: [],
      hashes: ['SHA-256:ab'],
      installScripts: null,
      deprecated: null,
      ageDays: null,
      unresolved: false,
      path: null,
      stage: 'dependencies',
    });
    const said = { purl: 'pkg:npm/a@1', group: 'g', version: '1', installScripts: true, deprecated: false };
    const places = [{ path: 'package-lock.json' }];
    expect(of({ ...said, places, released: '2026-05-22T00:00:00Z', unresolved: 'why' })).toMatchObject({
      ...said,
      unresolved: true,
      ageDays: 10,
      path: 'package-lock.json',
    });
  });

  it('is from which hosts it comes, each once, in small letters', () => {
    const at = (url: string) => hosts(['distribution', url]);
    expect(at('https://Registry.Example:8443/a.tgz?x#y')).toEqual(['registry.example']);
    expect(at('https://user:password@registry.example/a')).toEqual(['registry.example']);
    expect(at('git+ssh://git@github.com/a/b.git')).toEqual(['github.com']);
    expect(at('https://registry.example')).toEqual(['registry.example']);
    expect(at('http://[2001:db8::1]:80/a')).toEqual(['[2001:db8::1]']);
    expect(at('https://registry.example/https://other.example/')).toEqual(['registry.example']);
    expect(
      hosts(
        ['vcs', 'https://a.example'],
        ['distribution', 'https://b.example/1'],
        ['vcs', 'https://B.example/2'],
      ),
    ).toEqual(['a.example', 'b.example']);
    expect(
      hosts(['website', 'https://a.example'], ['vcs', 7], ['vcs', 'no address'], ['vcs', undefined]),
    ).toEqual([]);
    expect(of({ rest: { externalReferences: 'x' } }).hosts).toEqual([]);
  });

  it('leaves out no host that a program would ask', () => {
    const at = (url: string) => hosts(['distribution', url]);
    const both = ['good.example', 'evil.example'];
    expect(at('https://evil.example\\@good.example/a.tgz')).toEqual(expect.arrayContaining(both));
    expect(at('git+https://evil.example\\@good.example/a.git')).toEqual(expect.arrayContaining(both));
    expect(at('https:\\\\evil.example/a.tgz')).toEqual(['evil.example']);
    expect(at('https://%65vil.example/a.tgz')).toContain('evil.example');
  });
});

describe('what conditions are told of a finding', () => {
  it('is what is known, and null where nothing is', () => {
    expect(findingFacts(finding({ places: [] }), null, [])).toMatchObject({
      path: null,
      line: null,
      introduced: null,
      component: null,
      vulnerability: null,
      aliases: [],
      fixedVersion: null,
      epss: null,
      exploited: null,
      fixable: false,
      verification: null,
    });
    const advisory = {
      id: 'CVE-1',
      aliases: ['GHSA-1'],
      fixed: '2',
      epss: 0.5,
      exploited: true,
      vectors: [],
    };
    const known = finding({
      component: 'pkg:npm/a@1',
      advisory: advisory as never,
      fix: { description: 'd', edits: [], safe: true },
    });
    expect(findingFacts(known, true, ['t'])).toMatchObject({
      path: 'Dockerfile',
      line: 1n,
      introduced: true,
      tags: ['t'],
      component: 'pkg:npm/a@1',
      vulnerability: 'CVE-1',
      aliases: ['GHSA-1'],
      fixedVersion: '2',
      epss: 0.5,
      exploited: true,
      fixable: true,
    });
  });

  it('are tags of its own and of its rule, weaknesses first', () => {
    const tagsOf = ruleTags([
      { id: 'r', severity: 'high', summary: 's', tags: ['external/cwe/cwe-079', 'x'] },
    ]);
    expect(tagsOf(finding({ rule: 'r' }))).toEqual(['CWE-79', 'external/cwe/cwe-079', 'x']);
    expect(tagsOf(finding({ rule: 'r' }))).toEqual(['CWE-79', 'external/cwe/cwe-079', 'x']);
    expect(tagsOf(finding({ rule: 'r', tags: ['CWE-89: SQL'] }))).toEqual([
      'CWE-89',
      'CWE-79',
      'CWE-89: SQL',
      'external/cwe/cwe-079',
      'x',
    ]);
    expect(tagsOf(finding({ rule: 'other' }))).toEqual([]);
    expect(tagsOf(finding({ rule: 'other', tags: ['y'] }))).toEqual(['y']);
  });
});
