import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../../src/model/error.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { runProcess, toolEnvironment } from '../../../src/platform/process.ts';
import { issuesOf } from '../../../src/report/issues.ts';
import { hitOf } from '../../../src/scan/dependencies/named-vulnerability.ts';
import { osvScanner } from '../../../src/scan/engines/osv-scanner.ts';
import { runProcessEngine } from '../../../src/scan/process-engine.ts';
import { zip } from '../../advisories/make.ts';
import { temporaryFolder } from '../../gate/support.ts';
import { finding } from '../../policy/support.ts';

const REPORT = {
  results: [
    {
      source: { path: '/src/app/go.mod', type: 'lockfile' },
      packages: [
        {
          package: { name: 'example.com/a/b', version: '1.2.3', ecosystem: 'Go' },
          groups: [{ ids: ['GO-2026-1', 'GHSA-x'], aliases: ['CVE-2026-1001', 'GO-2026-1'] }],
          vulnerabilities: [
            { id: 'GO-2026-1', summary: 'It reads too far' },
            {
              id: 'GHSA-x',
              severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
            },
          ],
        },
      ],
    },
  ],
};
const read = (value: unknown) =>
  osvScanner
    .read?.(Buffer.from(JSON.stringify(value)), { source: '/src', folder: '', files: [] })
    .vulnerabilities.map(hitOf);

describe('osv-scanner', () => {
  it('says one vulnerability once, under all its names', () => {
    expect(read(REPORT)).toEqual([
      expect.objectContaining({
        rule: 'vulnerable-dependency',
        severity: 'critical',
        score: 9.8,
        component: 'pkg:golang/example.com/a/b@v1.2.3',
        message: 'example.com/a/b 1.2.3: CVE-2026-1001, It reads too far',
        places: [{ path: 'app/go.mod' }],
        advisory: expect.objectContaining({ id: 'CVE-2026-1001', aliases: ['GHSA-x', 'GO-2026-1'] }),
      }),
    ]);
  });

  it('throws nothing but its own errors over what is no report', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        try {
          read({ ...REPORT, results: JSON.parse(json) });
          read(JSON.parse(json));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SallyportError);
        }
      }),
    );
  });

  /** A run of a stand-in that does `body`. */
  async function run(body: string, home = temporaryFolder()) {
    const [root, bin] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(root, 'go.mod'), 'module a\n');
    const file = join(bin, 'osv-scanner');
    writeFileSync(file, `#!/bin/sh\nif [ "$1" = --version ]; then echo 2.5.0; exit 0; fi\n${body}\n`);
    chmodSync(file, 0o755);
    return await runProcessEngine(
      osvScanner,
      { tree: { root }, options: {}, exclude: [], deadline: 10_000 },
      {
        run: runProcess,
        clock: systemClock,
        tools: { ...toolEnvironment(process.env), HOME: home, PATH: `${bin}:${process.env.PATH}` },
        lock: undefined,
        trusted: { root },
      },
    );
  }

  it('reads its data from the user’s cache, and says how old they are', async () => {
    const home = temporaryFolder();
    const archive = join(home, '.cache', 'osv-scalibr', 'Go');
    mkdirSync(archive, { recursive: true });
    writeFileSync(join(archive, 'all.zip'), zip([{ name: 'a.json', content: '{}' }]));
    const report = await run(`[ "$XDG_CACHE_HOME" = ${home}/.cache ] && echo '{"results":[]}'`, home);
    expect(report).toMatchObject({ state: 'clean', looked: { files: 1 } });
    // An archive without times tells no age: where the policy asks for one, there is no verdict.
    expect(report.engine.data).toBeUndefined();
  });

  it.each([
    ['an error', 'echo \'{"results":[]}\'; exit 127', 'SP-ENGINE-FAILED'],
    ['no package', 'exit 128', 'SP-ENGINE-FAILED'],
    ['rubbish', 'echo done', 'SP-JSON-SYNTAX'],
    ['another form', 'echo \'{"runs":[]}\'', 'SP-ENGINE-OUTPUT'],
  ])('fails closed on %s', async (_name, body, code) => {
    const report = await run(body);
    expect(report.state).toBe('error');
    expect(report.problems[0]?.code).toBe(code);
  });
});

describe('what two engines say of one vulnerability', () => {
  const said = (engine: string, id: string, aliases: string[], component = 'pkg:npm/a@1') => ({
    finding: finding({
      stage: 'dependencies',
      engine,
      component,
      places: [{ path: 'package-lock.json' }],
      advisory: { id, aliases, fixed: null, vectors: [], epss: null, exploited: null },
    }),
    introduced: null,
    outcome: 'failed' as const,
    violations: [],
  });

  it('is one issue under any of its names, with both named', () => {
    const findings = [
      said('a', 'CVE-1', ['GHSA-1']),
      said('b', 'GHSA-1', []),
      said('b', 'GHSA-2', []),
      said('b', 'GHSA-1', [], 'pkg:npm/b@1'),
    ];
    expect(issuesOf(findings, () => undefined).map(({ engines }) => engines)).toEqual([
      ['a', 'b'],
      ['b'],
      ['b'],
    ]);
  });
});
