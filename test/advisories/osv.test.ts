import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseOsv } from '../../src/advisories/osv.ts';
import { SallyportError } from '../../src/model/error.ts';
import { record } from './make.ts';

const read = (value: unknown) =>
  parseOsv(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'x.json');

test('the parts that matching needs are read', () => {
  const cvss = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
  expect(
    read(
      record('GHSA-1', {
        aliases: ['CVE-1'],
        upstream: ['CVE-2'],
        summary: '',
        details: 'First line\nsecond',
        severity: [cvss],
        database_specific: { severity: 'HIGH' },
        affected: [
          {
            package: { ecosystem: 'npm', name: 'a' },
            ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
            versions: null,
          },
          { ranges: [{ type: 'GIT', repo: 'https://x', events: [{ introduced: '0' }] }] },
        ],
      }),
    ),
  ).toEqual({
    id: 'GHSA-1',
    modified: '2024-05-01T00:00:00Z',
    withdrawn: false,
    aliases: ['CVE-1'],
    upstream: ['CVE-2'],
    summary: 'First line',
    severity: [cvss],
    rating: 'HIGH',
    affected: [
      {
        ecosystem: 'npm',
        name: 'a',
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
        versions: [],
        severity: [],
      },
    ],
  });
});

test('names such as __proto__ are values like any other', () => {
  const parsed = read(
    '{"id":"A-1","modified":"2024-01-01T00:00:00Z","__proto__":{"withdrawn":"x"},"affected":[{"package":{"ecosystem":"npm","name":"__proto__"}}]}',
  );
  expect(parsed.withdrawn).toBe(false);
  expect(parsed.affected[0]?.name).toBe('__proto__');
});

test('nothing but our own error is thrown', () => {
  const field = fc.constantFrom(
    'id',
    'modified',
    'aliases',
    'affected',
    'severity',
    'withdrawn',
    'summary',
    'database_specific',
  );
  fc.assert(
    fc.property(field, fc.jsonValue(), (name, value) => {
      try {
        read(record('A-1', { [name]: value }));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SallyportError);
        expect(thrown).toMatchObject({ problem: { code: 'SP-OSV-INVALID', place: { path: 'x.json' } } });
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(() => read(text)).toThrow(SallyportError);
    }),
  );
});
