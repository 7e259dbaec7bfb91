import { describe, expect, it } from 'vitest';
import { dependencyNotes } from '../../src/gate/dependency-notes.ts';
import type { Bom, Component } from '../../src/model/component.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { ScanReport } from '../../src/model/report.ts';
import { finding, report } from '../policy/support.ts';

function bom(...packages: string[]): Bom {
  const components = packages.map((text): Component => {
    const at = text.lastIndexOf('@');
    const [name, version] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, undefined];
    const purl = `pkg:npm/${name.replace('@', '%40')}${version === undefined ? '' : `@${version}`}`;
    return {
      ref: purl,
      type: 'library',
      name,
      version,
      purl,
      licenses: [],
      hashes: [],
      scope: 'runtime',
      direct: true,
      places: [],
    };
  });
  return { components, edges: {}, roots: [] };
}

const data = { source: 's', updated: '2026-05-30T00:00:00Z' } as ScanReport['engine']['data'];

/** A vulnerability in a package, as the lookup tells it. */
const known = (name: string, id: string, over: Partial<Finding> = {}): Finding =>
  finding({
    stage: 'dependencies',
    rule: 'vulnerable-dependency',
    component: `pkg:npm/${name}@1.0.0`,
    advisory: { id, aliases: [], vectors: [], fixed: null } as never,
    ...over,
  });

/** The reports of one side: the bill of materials, and the lookup unless it was left out. */
function side(
  packages: string[],
  found: Finding[] = [],
  lookup: Partial<ScanReport> | null = {},
): ScanReport[] {
  const { engine } = report();
  const own = report({ stage: 'dependencies', bom: bom(...packages) });
  const looked = report({ stage: 'dependencies', engine: { ...engine, data }, findings: found, ...lookup });
  return lookup === null
    ? [own, ...(found.length > 0 ? [report({ stage: 'dependencies', findings: found })] : [])]
    : [own, looked];
}

const many = (count: number, version: string) =>
  Array.from({ length: count }, (_, index) => `lib${index}@${version}`);

describe('what a change does to the dependencies', () => {
  it('is told package by package, with what it removes and brings', () => {
    const before = side(
      ['moved@1.0.0', 'same@1.0.0', 'gone@1.0.0'],
      [known('moved', 'CVE-1'), known('moved', 'CVE-2'), known('gone', 'CVE-3')],
    );
    const after = side(
      ['moved@2.0.0', 'same@1.0.0', 'new@1.0.0'],
      [known('moved', 'CVE-2'), known('moved', 'CVE-4'), known('new', 'CVE-5'), known('new', 'CVE-6')],
    );
    expect(dependencyNotes(after, before)).toEqual([
      'dependencies: new 1.0.0 is new: removes 0, brings 2',
      'dependencies: moved 1.0.0 -> 2.0.0 removes 1, brings 1',
      'dependencies: gone 1.0.0 is gone: removes 1, brings 0',
    ]);
  });

  it('is nothing without a base, or without a bill of materials on one side', () => {
    const one = side(['a@1.0.0']);
    const two = side(['a@2.0.0']);
    expect(dependencyNotes(two, one)).toHaveLength(1);
    expect(dependencyNotes(two, null)).toEqual([]);
    expect(dependencyNotes(two, [])).toEqual([]);
    expect(dependencyNotes([], one)).toEqual([]);
    expect(dependencyNotes(one, one)).toEqual([]);
    // One of another stage is none.
    expect(dependencyNotes(two, [report({ stage: 'image', bom: bom('a@1.0.0') })])).toEqual([]);
    const bare = report({ stage: 'dependencies' });
    expect(dependencyNotes([bare, ...two], [bare, ...one])).toHaveLength(1);
  });

  it('counts vulnerabilities only where both sides were looked up', () => {
    const line = (head: ScanReport[], base: ScanReport[]) => dependencyNotes(head, base)[0];
    const [before, after] = [['a@1.0.0'], ['a@2.0.0']];
    const plain = 'dependencies: a 1.0.0 -> 2.0.0';
    expect(line(side(after), side(before))).toBe(`${plain} removes 0, brings 0`);
    expect(line(side(after, [], { state: 'clean' }), side(before, [known('a', 'CVE-1')]))).toBe(
      `${plain} removes 1, brings 0`,
    );
    expect(line(side(after, [], null), side(before))).toBe(plain);
    expect(line(side(after), side(before, [], null))).toBe(plain);
    expect(line(side(after, [], { state: 'error' }), side(before))).toBe(plain);
    expect(line(side(after), side(before, [], { state: 'nothing-scanned' }))).toBe(plain);
    expect(line(side(after, [], { stage: 'image' }), side(before))).toBe(plain);
  });

  it('counts findings of the lookup alone, each vulnerability once', () => {
    const line = (...found: Finding[]) => dependencyNotes(side(['a@2.0.0'], found), side(['a@1.0.0']))[0];
    const brings = (count: number) => `dependencies: a 1.0.0 -> 2.0.0 removes 0, brings ${count}`;
    expect(line(known('a', 'CVE-1'), known('a', 'CVE-1'), known('a', 'CVE-2'))).toBe(brings(2));
    expect(line(known('a', 'MAL-1', { rule: 'malicious-package' }))).toBe(brings(1));
    expect(line(known('a', 'CVE-1', { rule: 'vulnerability-undecided' }))).toBe(brings(1));
    expect(line(known('a', 'CVE-1', { rule: 'banned-component' }))).toBe(brings(0));
    expect(line(known('b', 'CVE-1'))).toBe(brings(0));
    const { advisory: _none, ...without } = known('a', 'CVE-1');
    expect(line(without)).toBe(brings(0));
    const { component: _nobody, ...nameless } = known('a', 'CVE-1');
    expect(line(nameless)).toBe(brings(0));
    expect(line(known('a', 'CVE-1', { component: 'no purl' }))).toBe(brings(0));
    // Whatever version it was found in.
    expect(line(known('a', 'CVE-1', { component: 'pkg:npm/a@9' }))).toBe(brings(1));
  });

  it('names what brings most first, and packages with their namespace', () => {
    const before = side(
      ['a@1.0.0', 'b@1.0.0', '@scope/c@1.0.0', 'd@1.0.0'],
      [known('a', 'CVE-1'), known('a', 'CVE-2')],
    );
    const after = side(
      ['a@2.0.0', 'b@2.0.0', '@scope/c@2.0.0', 'd@2.0.0'],
      [known('d', 'CVE-3'), known('%40scope/c', 'CVE-4'), known('%40scope/c', 'CVE-5')],
    );
    expect(dependencyNotes(after, before).map((note) => note.split(' ')[1])).toEqual([
      '@scope/c',
      'd',
      'a',
      'b',
    ]);
  });

  it('tells eight, and how many more there are', () => {
    const rest = (note: string | undefined) =>
      note?.replace('dependencies: ', '').replace(' (sallyport sbom diff tells them)', '');
    const eight = dependencyNotes(side(many(8, '2.0.0')), side(many(8, '1.0.0')));
    expect(eight).toHaveLength(8);
    const nine = dependencyNotes(side(many(9, '2.0.0')), side(many(9, '1.0.0')));
    expect(nine).toHaveLength(9);
    expect(rest(nine[8])).toBe('1 more in another version');
    expect(dependencyNotes(side(['a@1.0.0']), side([])).map(rest)).toEqual(['1 new']);
    expect(dependencyNotes(side([]), side(['a@1.0.0', 'b@1.0.0'])).map(rest)).toEqual(['2 gone']);
    const all = dependencyNotes(side([...many(10, '2.0.0'), 'new@1']), side([...many(10, '1.0.0'), 'old@1']));
    expect(rest(all[8])).toBe('2 more in another version, 1 new, 1 gone');
  });

  it('says where a package has no version', () => {
    const found = known('a', 'CVE-1');
    expect(dependencyNotes(side(['a'], [found]), side([]))[0]).toBe(
      'dependencies: a without a version is new: removes 0, brings 1',
    );
    expect(dependencyNotes(side([]), side(['a'], [found]))[0]).toBe(
      'dependencies: a without a version is gone: removes 1, brings 0',
    );
    expect(dependencyNotes(side(['a@1.0.0']), side([], [], null))).toHaveLength(1);
  });
});
