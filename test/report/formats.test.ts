import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JudgedFinding } from '../../src/model/decision.ts';
import { readSarif } from '../../src/model/sarif/read.ts';
import { severities } from '../../src/model/severity.ts';
import { renderAnnotations } from '../../src/report/annotations.ts';
import { readReportDocument, reportDocument } from '../../src/report/document.ts';
import { reportFormat, reportFormats } from '../../src/report/formats.ts';
import { lineHashes } from '../../src/report/line-hash.ts';
import { makeReport, type Report } from '../../src/report/report.ts';
import { decision, embedded, failedDecision, hadolint, judged, report, semgrep, stage } from './sample.ts';

const schemaFile = new URL('../fixtures/schemas/sarif-2.1.0-rtm.5.json', import.meta.url);
const {
  id: _id,
  $schema: _draft,
  ...schema
} = JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
formats.default.default(ajv);
const validSarif = ajv.compile(schema);

const renderers = new Map(
  await Promise.all(reportFormats.map(async ({ name, load }) => [name, await load()] as const)),
);
const rendered = (name: string, of: Report, options: object = {}): string =>
  [...(renderers.get(name)?.(of, options) ?? [])].join('');

interface Sarif {
  runs: {
    tool: { driver: { name: string; rules: { id: string; properties: Record<string, unknown> }[] } };
    automationDetails: { id: string };
    invocations: { toolExecutionNotifications?: { message: { text: string } }[] }[];
    results: {
      ruleId: string;
      level: string;
      locations: unknown[];
      suppressions?: unknown[];
      partialFingerprints: Record<string, string>;
      properties: Record<string, unknown>;
    }[];
  }[];
}
const sarif = (of: Report, options: object = {}): Sarif =>
  JSON.parse(rendered('sarif', of, options)) as Sarif;

/** Many findings of one engine, of every severity and outcome. */
function many(count: number, engines = ['semgrep']): Report {
  const findings: JudgedFinding[] = Array.from({ length: count }, (_, i) =>
    judged(
      { outcome: i % 3 === 0 ? 'failed' : i % 3 === 1 ? 'warned' : 'passed', introduced: i % 2 === 0 },
      {
        stage: 'code',
        engine: engines[i % engines.length] ?? 'semgrep',
        rule: `rule-${i % 300}`,
        severity: severities[i % severities.length] ?? 'high',
        message: `Detected something bad in handler ${i}; consider a safe alternative.`,
        places: [{ path: `src/module${i % 50}/file${i % 2000}.ts`, line: 1 + (i % 3000), column: 5 }],
        fingerprint: `${i.toString(16).padStart(32, '0')}:0`,
      },
    ),
  );
  return makeReport(
    decision({ verdict: 'failed', summary: 'failed: many findings break the policy', findings }),
    [
      {
        engine: semgrep,
        rules: Array.from({ length: 300 }, (_, i) => ({
          id: `rule-${i}`,
          summary: `Rule ${i}`,
          why: 'It is bad.',
          help: 'Mend it.',
          severity: 'high' as const,
          tags: ['CWE-79'],
        })),
      },
    ],
  );
}

describe('every format', () => {
  it.each([...renderers])('%s gives the same bytes again, in bounded chunks', (_, render) => {
    const of = many(3_000);
    const first = [...render(of, {})];
    expect([...render(of, {})].join('')).toBe(first.join(''));
    expect(Math.max(...first.map((chunk) => chunk.length))).toBeLessThan(256 * 1024);
    expect(first.join('').endsWith('\n')).toBe(true);
  });

  it('has a name and an extension of its own', () => {
    expect(new Set(reportFormats.map(({ name }) => name)).size).toBe(reportFormats.length);
    expect(new Set(reportFormats.map(({ extension }) => extension)).size).toBe(reportFormats.length);
    expect(reportFormat('nothing')).toBeUndefined();
  });

  it.each(['table', 'markdown', 'html', 'svg'])('%s says what, where, why and what to do', (name) => {
    const out = rendered(name, report())
      .replace(/<[^>]+>|&#[0-9]+;/gu, '')
      .replaceAll(/\s+/gu, ' ');
    for (const words of ['ENV DB', 'holds a value', 'Dockerfile:6:5', 'Mount it at run time'])
      expect(out).toContain(words);
    if (name !== 'svg') expect(out).toContain('It is in the image for everybody');
  });

  it.each(['table', 'markdown', 'html', 'svg'])(
    '%s shows what two engines say once, with both named',
    (name) => {
      const out = rendered(name, report());
      expect(out).toMatch(/sallyport-configuration, hadolint/u);
      expect(out.split('the container runs as root').length - 1).toBeLessThanOrEqual(3);
      expect(out).not.toContain('Last USER should not be root');
    },
  );

  it.each(['table', 'markdown', 'html'])(
    '%s tells of refused suppressions, waivers, notes and problems',
    (name) => {
      const out = rendered(name, report());
      for (const words of [
        'does not count',
        'waived',
        'the change alters the policy',
        'SP-STAGE-MISSING',
        'event-stream',
      ])
        expect(out).toContain(words);
    },
  );

  it('never cuts a finding out of the programs’ formats', () => {
    const of = many(20_000);
    expect(
      (JSON.parse(rendered('json', of)) as { decision: { findings: unknown[] } }).decision.findings,
    ).toHaveLength(20_000);
  });
});

describe('issues', () => {
  it('come worst first', () => {
    const order = report().issues.map(({ judged: { outcome, finding } }) => `${outcome} ${finding.severity}`);
    expect(order).toEqual([
      'failed critical',
      'failed high',
      'failed high',
      'warned medium',
      'passed info',
      'waived high',
      'suppressed medium',
    ]);
  });

  it('take the worst outcome of those that say the same', () => {
    const of = makeReport(
      decision({
        findings: [
          judged({ outcome: 'waived' }),
          judged({ outcome: 'failed' }, { engine: 'hadolint', message: 'theirs' }),
        ],
      }),
      [],
    );
    expect(of.issues).toHaveLength(1);
    expect(of.issues[0]).toMatchObject({
      engines: ['hadolint', 'sallyport-configuration'],
      judged: { outcome: 'failed' },
    });
    expect(of.counts.failed.high).toBe(1);
    expect(of.counts.waived.high).toBe(0);
  });

  it.each([
    ['two of one engine', {}, 2],
    ['another rule', { engine: 'hadolint', rule: 'DL9' }, 2],
    ['another line', { engine: 'hadolint', places: [{ path: 'Dockerfile', line: 15 }] }, 2],
    ['another stage', { engine: 'hadolint', stage: 'image' as const }, 2],
    ['no place', { engine: 'hadolint', places: [] }, 2],
    ['another column', { engine: 'hadolint', places: [{ path: 'Dockerfile', line: 14, column: 9 }] }, 1],
  ])('%s', (_, about, count) => {
    const places =
      Object.hasOwn(about, 'places') && (about as { places: unknown[] }).places.length === 0
        ? { places: [] }
        : {};
    expect(
      makeReport(decision({ findings: [judged({}, places), judged({}, about)] }), []).issues,
    ).toHaveLength(count);
  });
});

describe('table', () => {
  it('is one screen when all is well', () => {
    const lines = rendered('table', report(decision())).split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });

  it('has colours only when asked', () => {
    expect(rendered('table', report())).not.toContain('\u001b');
    expect(rendered('table', report(), { colour: true })).toContain('\u001b[');
  });

  it('cuts a long list, says how much is left and how to see it', () => {
    const out = rendered('table', many(10_000));
    expect(out.split('\n').length).toBeLessThan(260);
    expect(out).toMatch(/and 3,314 more: .*--report html=report\.html/u);
  });

  it.each([60, 80, 140])('keeps to %i columns', (width) => {
    const long = rendered('table', report(), { width })
      .split('\n')
      .filter((line) => line.length > width);
    // Only a single word that is longer stands out.
    expect(long.every((line) => line.trim().split(/ +/u).length <= 3)).toBe(true);
  });
});

describe('json', () => {
  it('fits its published schema and reads back', () => {
    const json = z.toJSONSchema(reportDocument, { target: 'draft-7' });
    const out = rendered('json', report());
    const valid = ajv.compile(json);
    valid(JSON.parse(out));
    expect(valid.errors).toBeNull();
    const read = readReportDocument(new TextEncoder().encode(out), 'report.json');
    expect(read.decision).toEqual(JSON.parse(JSON.stringify(failedDecision())));
    expect(read.rules.map(({ id }) => id).sort()).toEqual([
      'DL3002',
      'DL3007',
      'SP1001',
      'javascript.express.sqli',
    ]);
  });

  it('leaves out what engines wrote in forms of their own', () => {
    const of = makeReport(
      decision({ findings: [judged({}, { source: JSON.stringify({ codeFlows: ['SECRETFLOW'] }) })] }),
      [],
    );
    expect(rendered('json', of)).not.toContain('SECRETFLOW');
  });

  it.each([
    ['{', 'SP-JSON-SYNTAX'],
    ['{"version":2}', 'SP-REPORT-SHAPE'],
    ['[]', 'SP-REPORT-SHAPE'],
  ])('refuses %s', (text, code) => {
    expect(() => readReportDocument(new TextEncoder().encode(text), 'r')).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code }) }),
    );
  });
});

describe('sarif for code scanning', () => {
  it('is valid and can be read again', () => {
    const out = rendered('sarif', report());
    validSarif(JSON.parse(out));
    expect(validSarif.errors).toBeNull();
    const reports = readSarif(new TextEncoder().encode(out), { stage: 'code', path: 'x' });
    expect(reports.flatMap(({ findings }) => findings)).toHaveLength(8);
  });

  it('has one run for each engine and stage, each with a category of its own', () => {
    const ids = sarif(report()).runs.map((run) => run.automationDetails.id);
    expect(ids.sort()).toEqual([
      'sallyport/code/semgrep/',
      'sallyport/configuration/hadolint/',
      'sallyport/configuration/sallyport-configuration/',
      'sallyport/workflows/sallyport-configuration/',
    ]);
    expect(sarif(report(), { target: 'services/pay' }).runs[0]?.automationDetails.id).toMatch(
      /^sallyport\/services%2Fpay\//u,
    );
  });

  it('clears alerts of an engine that found nothing, not of one that failed', () => {
    const of = report(
      decision({
        stages: [
          stage('code', 'clean', [semgrep]),
          stage('configuration', 'error', [embedded]),
          stage('image', 'nothing-scanned', [hadolint]),
        ],
      }),
    );
    expect(sarif(of).runs.map((run) => [run.tool.driver.name, run.results.length])).toEqual([['semgrep', 0]]);
  });

  it('gives severities as text, of the rule and of the result', () => {
    const { runs } = sarif(report());
    for (const { tool, results } of runs) {
      for (const { properties } of [...tool.driver.rules, ...results])
        expect(properties['security-severity']).toMatch(/^(?:10|[0-9])\.[0-9]$/u);
      for (const rule of tool.driver.rules) expect((rule.properties.tags as string[])[0]).toBe('security');
    }
    const scored = runs
      .flatMap(({ results }) => results)
      .find(({ ruleId }) => ruleId === 'javascript.express.sqli');
    expect(scored?.properties['security-severity']).toBe('8.1');
  });

  it('marks waived and suppressed ones', () => {
    const results = sarif(report()).runs.flatMap((run) => run.results);
    expect(
      results
        .filter(({ suppressions }) => suppressions !== undefined)
        .map(({ properties }) => properties['sallyport/outcome'])
        .sort(),
    ).toEqual(['suppressed', 'waived']);
  });

  it('hashes the line as code scanning does', () => {
    const text = `${'line\n'.repeat(13)}USER root\n`;
    const results = sarif(report(), {
      textAt: (path: string) => (path === 'Dockerfile' ? text : undefined),
    }).runs.flatMap((run) => run.results);
    const prints = results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(prints.filter((print) => print !== undefined).length).toBe(5);
    expect(prints).toContain(lineHashes(text)[13]);
  });

  it('keeps within the limits, with the worst kept and the cut named', () => {
    const { runs } = sarif(
      many(100_000, ['semgrep', ...Array.from({ length: 29 }, (_, i) => `engine-${i}`)]),
    );
    expect(runs).toHaveLength(20);
    expect(runs.reduce((sum, run) => sum + run.results.length, 0)).toBeLessThanOrEqual(25_000);
    const notes = runs
      .flatMap((run) => run.invocations[0]?.toolExecutionNotifications ?? [])
      .map(({ message }) => message.text);
    expect(notes.some((note) => note.includes('code scanning takes 20 runs'))).toBe(true);
    const one = sarif(many(30_000)).runs[0];
    expect(one?.results).toHaveLength(5_000);
    expect(one?.invocations[0]?.toolExecutionNotifications?.[0]?.message.text).toContain(
      '25000 of 30000 results are left out',
    );
    expect(one?.results.every(({ properties }) => properties['sallyport/outcome'] === 'failed')).toBe(true);
    validSarif({ version: '2.1.0', runs });
    expect(validSarif.errors).toBeNull();
  });

  it('gives a place to what has none, and bounds what it tells', () => {
    const of = makeReport(
      decision({ findings: [judged({}, { places: [], message: 'x'.repeat(10_000) })] }),
      [],
    );
    const result = sarif(of).runs.flatMap((run) => run.results)[0];
    expect(JSON.stringify(result).length).toBeLessThan(2_000);
    expect(result?.locations).toHaveLength(1);
  });
});

describe('markdown', () => {
  it('stays below what GitHub takes, whatever there is', () => {
    const wordy = decision({
      verdict: 'error',
      summary: 'x'.repeat(2_000_000),
      findings: many(2_000).decision.findings.map((one) => ({
        ...one,
        finding: {
          ...one.finding,
          message: '|<@#'.repeat(50_000),
          places: [{ path: '`'.repeat(100_000), line: 1 }],
        },
      })),
      problems: Array.from({ length: 5_000 }, () => ({ code: 'SP-X', message: '*'.repeat(10_000) })),
      notes: Array.from({ length: 5_000 }, () => '_'.repeat(10_000)),
      stages: Array.from({ length: 7 }, () =>
        stage('code', 'error', [semgrep], { reason: '<'.repeat(100_000) }),
      ),
      facts: Array.from(
        { length: 5_000 },
        () => ({ ...failedDecision().facts[0], name: '|'.repeat(10_000) }) as never,
      ),
    });
    const out = rendered('markdown', makeReport(wordy, []), { limit: 1_000_000 });
    expect(Buffer.byteLength(out)).toBeLessThan(1024 * 1024);
    expect(out).toContain('more: in the HTML and JSON reports');
    const small = rendered('markdown', many(1_000), { bytes: 65_000 });
    expect(Buffer.byteLength(small)).toBeLessThan(65_000);
  });
});

describe('annotations', () => {
  it('are ten errors and ten warnings at most, the worst', () => {
    const lines = [...renderAnnotations(many(1_000))];
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith('::warning '))).toHaveLength(10);
    expect(lines.slice(0, 10).every((line) => line.includes('critical'))).toBe(true);
  });

  it('are escaped as the runner reads them, below the folder that was looked at', () => {
    const of = makeReport(
      decision({
        findings: [
          judged(
            {},
            {
              message: '100% bad',
              places: [{ path: 'a,b:c.txt', line: 3, column: 2, endLine: 3, endColumn: 8 }],
            },
          ),
        ],
      }),
      [],
    );
    const [line = ''] = [...renderAnnotations(of, 'services/pay')];
    expect(
      line.startsWith(
        '::error file=services/pay/a%2Cb%3Ac.txt,line=3,endLine=3,col=2,endColumn=8,title=high%3A DL3002 (sallyport-configuration)::100%25 bad',
      ),
    ).toBe(true);
    expect(line.split('\n')).toHaveLength(2);
  });
});

describe('html', () => {
  it('is one file that runs and loads nothing', () => {
    const out = rendered('html', report());
    expect(out).not.toMatch(/<script|<iframe|<link|<img|\son[a-z]+=|\sstyle=|url\(|@import/iu);
    expect(out).toMatch(/default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='/u);
    expect(out.match(/<(?:details|article|table|dl|div|header|section)\b/gu)?.length).toBe(
      out.match(/<\/(?:details|article|table|dl|div|header|section)>/gu)?.length,
    );
  });
});

describe('speed', () => {
  it('is no concern with 20,000 findings', () => {
    const of = many(20_000);
    const started = performance.now();
    const remade = makeReport(of.decision, []);
    let length = 0;
    for (const render of renderers.values()) for (const chunk of render(remade, {})) length += chunk.length;
    expect(length).toBeGreaterThan(5_000_000);
    // About 0.4 s on two cores of 2026; the bound leaves room for a busy machine.
    expect(performance.now() - started).toBeLessThan(6_000);
  });
});
