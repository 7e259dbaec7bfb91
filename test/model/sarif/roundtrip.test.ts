import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanReport } from '../../../src/model/report.ts';
import { readSarif, streamSarif } from '../../../src/model/sarif/read.ts';
import { writeSarif } from '../../../src/model/sarif/write.ts';
import { WrittenReader } from '../../../src/model/sarif/written.ts';
import { severities } from '../../../src/model/severity.ts';
import type { FindingStage } from '../../../src/model/stage.ts';
import { fixture, log } from './samples.ts';

const schemaFile = new URL('../../fixtures/schemas/sarif-2.1.0-rtm.5.json', import.meta.url);
const {
  id: _id,
  $schema: _draft,
  ...schema
} = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
formats.default.default(ajv);
const valid = ajv.compile(schema);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const written = (reports: ScanReport[]): string => [...writeSarif(reports)].join('');

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,12}$/);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const path = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map((part) => part.replace(/[/\0\\]/gu, '_').replace(/^\.{1,2}$/u, 'dot')).join('/'));
const positive = fc.integer({ min: 1, max: 5000 });
const place = fc.oneof(
  path.map((p) => ({ path: p })),
  fc.record({ path, line: positive, column: positive, endLine: positive, endColumn: positive }),
  fc.record({ path, line: positive }),
);
const score = fc.constantFrom(null, 0, 2.5, 7, 9.9);
const edit = fc.record({
  place: fc.record({ path, line: positive, column: positive, endLine: positive, endColumn: positive }),
  text: fc.string(),
});
const time = fc
  .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const count = fc.option(fc.nat(100_000), { nil: null });

const rule = fc.record(
  {
    id: word,
    name: text,
    summary: text,
    why: text,
    help: text,
    helpUri: fc.constant('https://example.org/r'),
    severity: fc.constantFrom(...severities),
    tags: fc.uniqueArray(word, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'summary', 'severity', 'tags'] },
);

const finding = fc.record(
  {
    rule: word,
    severity: fc.constantFrom(...severities),
    score,
    message: text,
    places: fc.array(place, { maxLength: 3 }),
    help: text,
    fix: fc.record({
      description: text,
      edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
      safe: fc.boolean(),
    }),
    suppressions: fc.uniqueArray(
      fc.record(
        {
          kind: fc.constantFrom('inSource' as const, 'external' as const),
          justification: fc.string(),
          place,
        },
        { requiredKeys: ['kind', 'justification'] },
      ),
      { maxLength: 2, selector: (entry) => JSON.stringify(entry) },
    ),
    component: fc.constant('pkg:npm/left-pad@1.0.0'),
    tags: fc.uniqueArray(word, { maxLength: 3 }),
  },
  { requiredKeys: ['rule', 'severity', 'score', 'message', 'places', 'suppressions', 'tags'] },
);

const problem = fc.record(
  { code: fc.constant('SP-X'), message: text, expected: text, found: text, place, next: text },
  { requiredKeys: ['code', 'message'] },
);

/** A report of an engine of ours, with the state that follows from what is in it. */
const ownReport = fc
  .record({
    name: word,
    rules: fc.uniqueArray(rule, { selector: ({ id }) => id, maxLength: 4 }),
    hits: fc.array(finding, { maxLength: 6 }),
    problems: fc.array(problem, { maxLength: 2 }),
    files: count,
    skipped: fc.array(fc.record({ path, reason: text, blocking: fc.boolean() }), { maxLength: 2 }),
    startedAt: time,
    finishedAt: time,
    data: fc.option(fc.record({ source: text, updated: time }), { nil: undefined }),
    complete: fc.boolean(),
  })
  .map((parts): ScanReport => {
    const { name, rules, hits, problems, files, skipped, startedAt, finishedAt, data, complete } = parts;
    const failed = problems.length > 0 || skipped.some(({ blocking }) => blocking);
    const state = failed ? 'error' : hits.length > 0 ? 'findings' : files === 0 ? 'nothing-scanned' : 'clean';
    return {
      stage: 'configuration',
      state,
      engine: { name, version: '1.0.0', publisher: 'sallyport', how: 'in-process', ...(data && { data }) },
      looked: { files, bytes: files, commits: null, rules: rules.length, skipped, complete },
      startedAt,
      finishedAt,
      rules,
      findings: hits.map((hit, index) => ({
        ...hit,
        stage: 'configuration',
        engine: name,
        fingerprint: `${index.toString(16).padStart(32, '0')}:0`,
      })),
      problems,
    };
  });

/** What comes of a log that our own writer wrote when it comes in pieces of this size. */
function pieceByPiece(content: Uint8Array, size: number, stage: FindingStage): ScanReport[] {
  const reader = new WrittenReader(stage, 'x.sarif');
  // One buffer for all of them, as a file is read.
  const piece = new Uint8Array(size);
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    piece.set(part);
    reader.add(piece.subarray(0, part.length));
  }
  return reader.end();
}

const size = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 61, max: 5000 }));

describe('our own reports', () => {
  it('are read by their lines, in any pieces, as they are by their syntax', () => {
    fc.assert(
      fc.property(fc.array(ownReport, { minLength: 1, maxLength: 3 }), size, (reports, pieces) => {
        const content = bytes(written(reports));
        const options = {
          stage: 'configuration',
          path: 'x.sarif',
          origin: 'own',
          leftovers: 'drop',
        } as const;
        expect(pieceByPiece(content, pieces, 'configuration')).toEqual(readSarif(content, options));
      }),
    );
  });

  it('that were cut short anywhere are no reports', () => {
    fc.assert(
      fc.property(
        fc.array(ownReport, { minLength: 1, maxLength: 2 }),
        fc.nat(),
        size,
        (reports, at, pieces) => {
          const content = bytes(written(reports));
          // Without its last line end it is still whole.
          const cut = content.subarray(0, at % (content.length - 1));
          expect(() => pieceByPiece(cut, pieces, 'configuration')).toThrow();
        },
      ),
    );
  });

  it('are refused piece by piece without our own account, and with equal fingerprints', () => {
    const sample = fc.sample(ownReport, { numRuns: 50, seed: 7 }).find(({ findings }) => findings.length > 1);
    const first = sample?.findings[0];
    if (sample === undefined || first === undefined) throw new Error('no sample');
    const read = (text: string) => () => pieceByPiece(bytes(text), 1000, 'configuration');
    const out = written([sample]);
    expect(read(out)).not.toThrow();
    expect(read(out.replace('"sallyport/run"', '"other/run"'))).toThrow('without our own account');
    expect(read(written([{ ...sample, findings: [first, first] }]))).toThrow('same fingerprint');
  });

  it('come back equal', () => {
    fc.assert(
      fc.property(fc.array(ownReport, { minLength: 1, maxLength: 3 }), (reports) => {
        const again = readSarif(bytes(written(reports)), {
          stage: 'configuration',
          path: 'own.sarif',
          origin: 'own',
        });
        expect(again).toEqual(reports);
      }),
      { numRuns: 150 },
    );
  });

  it('are valid SARIF', () => {
    fc.assert(
      fc.property(fc.array(ownReport, { maxLength: 2 }), (reports) => {
        valid(JSON.parse(written(reports)));
        expect(valid.errors).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it('are refused where they name another stage, or are broken', () => {
    const report = fc.sample(ownReport, { numRuns: 1, seed: 1 });
    const out = written(report);
    const read = (value: string, stage: 'code' | 'configuration') => () =>
      readSarif(bytes(value), { stage, path: 'own', origin: 'own' });
    expect(read(out, 'configuration')).not.toThrow();
    expect(read(out, 'code')).toThrow('our own account');
    expect(read(out.replace('"complete":', '"x":'), 'configuration')).toThrow('our own account');
  });

  it('cannot claim to be clean', () => {
    const sample = fc.sample(ownReport, { numRuns: 50, seed: 7 }).find(({ state }) => state === 'findings');
    if (sample === undefined) throw new Error('no sample');
    const failed = written([sample]).replace('"executionSuccessful":true', '"executionSuccessful":false');
    const emptied = written([{ ...sample, findings: [] }]);
    for (const value of [failed, emptied]) {
      expect(readSarif(bytes(value), { stage: 'configuration', path: 'o', origin: 'own' })[0]?.state).toBe(
        'error',
      );
    }
  });

  it('are refused with equal fingerprints', () => {
    const sample = fc.sample(ownReport, { numRuns: 50, seed: 7 }).find(({ findings }) => findings.length > 1);
    const first = sample?.findings[0];
    if (sample === undefined || first === undefined) throw new Error('no sample');
    const twice = written([{ ...sample, findings: [first, first] }]);
    expect(() => readSarif(bytes(twice), { stage: 'configuration', path: 'o', origin: 'own' })).toThrow(
      'same fingerprint',
    );
  });
});

/** Any JSON, with names that JavaScript trips over. */
const anyName = fc.oneof(word, fc.constantFrom('__proto__', 'constructor', 'toString', 'properties', 'text'));
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(anyName, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const known = {
  ruleId: word,
  ruleIndex: fc.nat(3),
  level: fc.constantFrom('error', 'warning', 'note', 'none'),
  kind: fc.constantFrom('fail', 'pass', 'open', 'review'),
  message: fc.oneof(fc.record({ text }), fc.record({ markdown: text }), anyJson),
  locations: fc.oneof(
    fc.array(
      fc.record({
        physicalLocation: fc.record({
          artifactLocation: fc.record(
            { uri: path.map(encodeURI), uriBaseId: fc.constant('%SRCROOT%') },
            { requiredKeys: ['uri'] },
          ),
          region: fc.record(
            { startLine: positive, startColumn: positive, snippet: fc.record({ text }) },
            { requiredKeys: ['startLine'] },
          ),
        }),
      }),
      { maxLength: 2 },
    ),
    anyJson,
  ),
  partialFingerprints: fc.dictionary(word, fc.string()),
  suppressions: fc.oneof(
    fc.array(fc.record({ kind: fc.constant('external'), status: fc.constantFrom('accepted', 'rejected') })),
    anyJson,
  ),
  baselineState: fc.constantFrom('new', 'absent'),
  properties: fc.oneof(fc.record({ tags: fc.array(word) }), fc.dictionary(anyName, anyJson)),
  codeFlows: anyJson,
  fixes: anyJson,
  taxa: anyJson,
  rank: fc.nat(100),
  __proto__: anyJson,
};
const anyResult = fc.oneof(
  fc.record(known, { requiredKeys: [] }),
  fc
    .tuple(fc.record(known, { requiredKeys: [] }), fc.dictionary(anyName, anyJson))
    .map(([result, more]) => ({ ...more, ...result })),
);
const anyRule = fc.record(
  {
    id: word,
    name: fc.string(),
    shortDescription: anyJson,
    defaultConfiguration: anyJson,
    properties: anyJson,
    help: anyJson,
  },
  { requiredKeys: ['id'] },
);
const anyLog = fc
  .record({
    results: fc.array(anyResult, { maxLength: 5 }),
    rules: fc.array(anyRule, { maxLength: 4 }),
    extension: fc.array(anyRule, { maxLength: 2 }),
    more: fc.dictionary(word, anyJson),
    logMore: fc.dictionary(word, anyJson),
    name: fc.constantFrom('semgrep', 'CodeQL', 'Trivy', 'x'),
  })
  .map(({ results, rules, extension, more, logMore, name }) => ({
    ...logMore,
    version: '2.1.0',
    runs: [
      { ...more, tool: { driver: { name, rules }, extensions: [{ name: 'e', rules: extension }] }, results },
    ],
  }));

/** Without what is no bag and stands where our own account belongs: that alone is let go. */
function withBags(value: { runs: { results: object[]; tool: object }[] }): unknown {
  return JSON.parse(JSON.stringify(value), (name, inner: unknown) =>
    (name === 'properties' || name === 'partialFingerprints') &&
    (typeof inner !== 'object' || inner === null || Array.isArray(inner))
      ? undefined
      : inner,
  );
}

/** Every member of `part` is in `whole`, at the same place with the same value. Results may stand in another order. */
function missing(part: unknown, whole: unknown, at = '$'): string[] {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return [at];
    if (at.endsWith('.results')) {
      const rest = [...(whole as unknown[])];
      return part.flatMap((entry, index) => {
        const found = rest.findIndex((candidate) => missing(entry, candidate).length === 0);
        if (found === -1) return [`${at}[${index}]`];
        rest.splice(found, 1);
        return [];
      });
    }
    return part.length === whole.length
      ? part.flatMap((entry, i) => missing(entry, whole[i], `${at}[${i}]`))
      : [at];
  }
  if (typeof part === 'object' && part !== null) {
    if (typeof whole !== 'object' || whole === null) return [at];
    return Object.keys(part).flatMap((name) =>
      Object.hasOwn(whole, name)
        ? missing(
            (part as Record<string, unknown>)[name],
            (whole as Record<string, unknown>)[name],
            `${at}.${name}`,
          )
        : [`${at}.${name}`],
    );
  }
  return Object.is(part, whole) ? [] : [at];
}

/** What is kept of results is text: its members may stand in another order. */
function inAnyOrder(reports: ScanReport[]): unknown {
  return reports.map((report) => ({
    ...report,
    findings: report.findings.map(({ source, ...rest }) => ({
      ...rest,
      source: source === undefined ? undefined : JSON.parse(source),
    })),
  }));
}

describe("other tools' reports", () => {
  it('lose nothing', () => {
    fc.assert(
      fc.property(anyLog, (value) => {
        const input = JSON.stringify(withBags(value));
        const reports = readSarif(bytes(input), { stage: 'dependencies', path: 'x' });
        expect(missing(JSON.parse(input), JSON.parse(written(reports)))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('are written the same when they are read a second time for it, again and again', () => {
    fc.assert(
      fc.property(anyLog, fc.constantFrom('dependencies' as const, 'secrets' as const), (value, stage) => {
        const input = bytes(JSON.stringify(value));
        const own = written(readSarif(input, { stage, path: 'x' }));
        const streamed = streamSarif(input, { stage, path: 'x' });
        expect([...writeSarif(streamed)].join('')).toBe(own);
        expect([...writeSarif(streamed)].join('')).toBe(own);
      }),
      { numRuns: 200 },
    );
  });

  it.each([null, 'text', [1]])('with %j in the place of our own account are told under it', (bag) => {
    const one = {
      ruleId: 'r',
      message: { text: 'm' },
      level: 'note',
      properties: bag,
      partialFingerprints: bag,
    };
    const rules = [{ id: 'r', properties: bag }];
    const value = { version: '2.1.0', runs: [{ tool: { driver: { name: 'x', rules } }, results: [one] }] };
    const input = {
      ...value,
      runs: value.runs.map((run) => (bag === null ? { ...run, properties: bag } : run)),
    };
    const [first] = readSarif(bytes(JSON.stringify(input)), { stage: 'code', path: 'x' });
    if (first === undefined) throw new Error('no report');
    const [second] = readSarif(bytes(written([first])), { stage: 'code', path: 'x', origin: 'own' });
    expect(second?.engine).toEqual(first.engine);
    expect(second?.findings).toEqual(first.findings);
    expect(second?.rules[0]?.severity).toBe(first.rules[0]?.severity);
  });

  it('come back equal once they are ours', () => {
    fc.assert(
      fc.property(anyLog, (value) => {
        const first = readSarif(bytes(JSON.stringify(value)), { stage: 'dependencies', path: 'x' });
        const own = written(first);
        const second = readSarif(bytes(own), { stage: 'dependencies', path: 'x', origin: 'own' });
        expect(inAnyOrder(second)).toEqual(inAnyOrder(first));
        expect(written(second)).toBe(own);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['semgrep', 'hadolint', 'zizmor'])('of %s: recorded output comes back whole and valid', (name) => {
    const input = fixture(name);
    const out = written(readSarif(input, { stage: 'code', path: name }));
    expect(missing(JSON.parse(new TextDecoder().decode(input)), JSON.parse(out))).toEqual([]);
    valid(JSON.parse(out));
    expect(valid.errors).toBeNull();
  });

  it('keep their results when these are null', () => {
    const reports = readSarif(bytes(JSON.stringify(log(null))), { stage: 'code', path: 'x' });
    expect(written(reports)).toContain('"results":null');
  });
});

describe('writing', () => {
  it('is in chunks', () => {
    const results = Array.from({ length: 20_000 }, (_, i) => ({
      ruleId: 'r',
      message: { text: `message ${i}` },
    }));
    const reports = readSarif(bytes(JSON.stringify(log(results))), { stage: 'code', path: 'x' });
    const sizes = [...writeSarif(reports)].map((chunk) => chunk.length);
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
  });
});

describe('any bytes', () => {
  it('give a report or a SallyportError', () => {
    const start = JSON.stringify(log([{ ruleId: 'a', message: { text: 'm' } }]));
    fc.assert(
      fc.property(fc.nat(start.length), fc.string({ maxLength: 6 }), fc.nat(4), (position, inserted, cut) => {
        const value = start.slice(0, position) + inserted + start.slice(position + cut);
        try {
          readSarif(bytes(value), { stage: 'code', path: 'x' });
        } catch (thrown) {
          expect((thrown as Error).name).toBe('SallyportError');
        }
      }),
      { numRuns: 600 },
    );
  });
});
