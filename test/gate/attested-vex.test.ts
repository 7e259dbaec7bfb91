import { describe, expect, it } from 'vitest';
import { attestedVex, isVex } from '../../src/gate/attested-vex.ts';
import { trusted } from './deploy/support.ts';

const OPEN_VEX = 'https://openvex.dev/ns/v0.2.0';
const CYCLONEDX = 'https://cyclonedx.org/bom';
const document = (timestamp?: string) => ({
  '@context': OPEN_VEX,
  author: 'a',
  ...(timestamp === undefined ? {} : { timestamp }),
  statements: [
    {
      vulnerability: 'CVE-2026-1',
      products: [{ '@id': 'pkg:npm/a@1' }],
      status: 'not_affected',
      justification: 'component_not_present',
    },
  ],
});
const signed = new Date('2026-06-01T09:30:00Z');
const said = (timestamp?: string) =>
  attestedVex([trusted(OPEN_VEX, document(timestamp), { signed })]).statements.map((one) => one.said);

describe('VEX that somebody attests', () => {
  it('says who attests it, and counts as what the decision rests on', () => {
    const one = trusted(OPEN_VEX, document());
    const { statements, counted, notes } = attestedVex([one]);
    expect(statements).toMatchObject([{ vulnerability: 'CVE-2026-1', attestedBy: 'the release workflow' }]);
    expect(counted).toEqual([one]);
    expect(notes).toEqual([]);
  });

  it('was said when it was signed, or before', () => {
    expect(said('2026-06-01T08:00:00Z')).toEqual(['2026-06-01T08:00:00Z']);
    expect(said('2026-06-01T09:30:00Z')).toEqual(['2026-06-01T09:30:00.000Z']);
    expect(said('2026-06-01T10:00:00Z')).toEqual(['2026-06-01T09:30:00.000Z']);
    expect(said('some day')).toEqual(['2026-06-01T09:30:00.000Z']);
    expect(said()).toEqual(['2026-06-01T09:30:00.000Z']);
  });

  it('of a form that cannot be read counts for nothing, and is told', () => {
    const broken = trusted(OPEN_VEX, { ...document(), author: undefined });
    const good = trusted(OPEN_VEX, document());
    const { statements, counted, notes } = attestedVex([broken, good]);
    expect(statements).toHaveLength(1);
    expect(counted).toEqual([good]);
    expect(notes).toEqual([
      expect.stringMatching(/^app\.tgz\.sigstore\.json, attested by the release workflow, does not count: /u),
    ]);
  });

  it('is none without a statement, or of another kind', () => {
    const nothing = { statements: [], counted: [], notes: [] };
    expect(attestedVex([trusted(OPEN_VEX, null, { statement: null })])).toEqual(nothing);
    expect(attestedVex([trusted('https://slsa.dev/provenance/v1', document())])).toEqual(nothing);
    expect(attestedVex([])).toEqual(nothing);
  });

  it('is a bill of materials of CycloneDX only where it speaks of vulnerabilities', () => {
    expect(isVex(OPEN_VEX, {})).toBe(true);
    expect(isVex('https://openvex.dev/ns', {})).toBe(true);
    expect(isVex(CYCLONEDX, { vulnerabilities: [] })).toBe(true);
    expect(isVex(`${CYCLONEDX}/v1.5`, { vulnerabilities: [] })).toBe(true);
    expect(isVex(CYCLONEDX, { components: [] })).toBe(false);
    expect(isVex(CYCLONEDX, null)).toBe(false);
    expect(isVex('https://slsa.dev/provenance/v1', { vulnerabilities: [] })).toBe(false);
  });
});
