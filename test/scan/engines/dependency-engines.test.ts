import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JudgedFinding } from '../../../src/model/decision.ts';
import { SallyportError } from '../../../src/model/error.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { runProcess, toolEnvironment } from '../../../src/platform/process.ts';
import { issuesOf } from '../../../src/report/issues.ts';
import { hitOf } from '../../../src/scan/dependencies/named-vulnerability.ts';
import { grype } from '../../../src/scan/engines/grype.ts';
import { npmAudit } from '../../../src/scan/engines/npm-audit.ts';
import { trivy } from '../../../src/scan/engines/trivy.ts';
import { type ProcessEngine, runProcessEngine } from '../../../src/scan/process-engine.ts';
import { temporaryFolder } from '../../gate/support.ts';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'fixtures', 'engines');
const fixture = (name: string) => readFileSync(join(fixtures, name), 'utf8');
const LOCK = fixture('package-lock.json');

interface World {
  files: Record<string, string>;
  /** What a stand-in does; absent: the program itself is looked for. */
  body?: string;
  home?: string;
  options?: Record<string, unknown>;
  offline?: boolean;
}

async function run(engine: ProcessEngine, { files, body, home, options = {}, offline = false }: World) {
  const [root, bin] = [temporaryFolder(), temporaryFolder()];
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (body !== undefined) {
    const file = join(bin, engine.binary);
    writeFileSync(
      file,
      `#!/bin/sh\ncase "$1" in --version|version) echo "Version: 9.9.9"; exit 0;; esac\n${body}\n`,
    );
    chmodSync(file, 0o755);
  }
  const tools = toolEnvironment(process.env);
  return await runProcessEngine(
    engine,
    { tree: { root }, options, exclude: [], deadline: 30_000 },
    {
      run: runProcess,
      clock: systemClock,
      tools: { HOME: home ?? root, PATH: `${bin}:${tools.PATH}` },
      lock: undefined,
      trusted: { root },
      offline,
    },
  );
}

const about = { source: '/src', folder: '', files: ['package-lock.json'] };
const findings = (engine: ProcessEngine, value: unknown) =>
  engine.read?.(Buffer.from(JSON.stringify(value)), about).vulnerabilities.map(hitOf);

/** Finds what follows `flag` among its arguments, and writes `text` there. */
const writes = (flag: string, text: string) =>
  `while [ $# -gt 1 ]; do [ "$1" = ${flag} ] && out=$2; shift; done\ncat > "$out" <<'END'\n${text}\nEND`;

describe('trivy', () => {
  function home(db = 'x', metadata = '{"Version":2,"UpdatedAt":"2026-11-21T12:00:00.5Z"}'): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.cache', 'trivy', 'db'), { recursive: true });
    writeFileSync(join(folder, '.cache', 'trivy', 'db', 'trivy.db'), db);
    writeFileSync(join(folder, '.cache', 'trivy', 'db', 'metadata.json'), metadata);
    return folder;
  }
  const files = { 'package-lock.json': LOCK, 'web/package-lock.json': LOCK, 'pom.xml': '<project/>' };

  it('says what its report of 0.59 says, of each lockfile', async () => {
    const report = await run(trivy, { files, body: writes('--output', fixture('trivy.json')), home: home() });
    expect(report).toMatchObject({
      state: 'findings',
      engine: { name: 'trivy', version: '9.9.9', data: { updated: '2026-11-21T12:00:00.5Z' } },
      looked: { files: 3 },
    });
    expect(report.findings).toHaveLength(4);
    expect(report.findings[0]).toMatchObject({
      rule: 'vulnerable-dependency',
      severity: 'critical',
      score: 9.8,
      component: 'pkg:npm/minimist@0.0.8',
      message: 'minimist 0.0.8: CVE-2021-44906, minimist: prototype pollution',
      help: 'Update minimist to 1.2.6.',
      places: [{ path: 'package-lock.json' }],
      advisory: { id: 'CVE-2021-44906', fixed: '1.2.6' },
    });
    expect(report.findings[3]).toMatchObject({
      severity: 'high',
      places: [{ path: 'web/package-lock.json' }],
    });
  });

  it('and ours say one thing about one vulnerability, under whichever name, and both are named', async () => {
    const report = await run(trivy, { files, body: writes('--output', fixture('trivy.json')), home: home() });
    const judged = (finding: Finding): JudgedFinding => ({
      finding,
      introduced: true,
      outcome: 'failed',
      violations: [],
    });
    const [theirs] = report.findings;
    if (theirs?.advisory === undefined) throw new Error('trivy said nothing');
    const advisory = { ...theirs.advisory, id: 'GHSA-xvch-5gv4-984h', aliases: ['CVE-2021-44906'] };
    const ours: Finding = { ...theirs, engine: 'sallyport-advisories', score: 7.5, advisory };
    const issues = issuesOf([judged(ours), ...report.findings.map(judged)], () => undefined);
    expect(issues.map(({ engines }) => engines.toSorted())).toEqual([
      ['sallyport-advisories', 'trivy'],
      ['trivy'],
      ['trivy'],
      ['trivy'],
    ]);
    const [both] = issues;
    expect([both?.judged, ...(both?.also ?? [])].map((one) => one?.finding.score).sort()).toEqual([7.5, 9.8]);
  });

  it('has not looked at a lockfile of which it says nothing', async () => {
    const silent = '{"SchemaVersion":2,"ArtifactType":"filesystem"}';
    const report = await run(trivy, {
      files: { 'yarn.lock': 'broken' },
      body: writes('--output', silent),
      home: home(),
    });
    expect(report.state).toBe('nothing-scanned');
    expect(report.looked.skipped).toEqual([
      { path: 'yarn.lock', reason: 'trivy says nothing of it', blocking: false },
    ]);
  });

  it.each([
    ['an empty database', '', undefined],
    ['one without an age', 'x', '{"Version":2}'],
    ['rubbish beside it', 'x', 'rubbish'],
  ])('is not asked over %s: it would find nothing', async (_name, db, metadata) => {
    const report = await run(trivy, { files, body: 'exit 0', home: home(db, metadata) });
    expect(report).toMatchObject({ state: 'error', problems: [{ code: 'SP-ENGINE-DATA' }] });
  });
});

describe('grype', () => {
  const DESCRIPTOR = {
    name: 'grype',
    version: '0.121.2',
    db: { status: { schemaVersion: 'v6.1.4', built: '2026-11-21T06:00:00Z', valid: true } },
  };
  const MATCH = {
    vulnerability: {
      id: 'GHSA-xvch-5gv4-984h',
      dataSource: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
      namespace: 'github:language:javascript',
      severity: 'Critical',
      urls: [],
      description: 'Prototype Pollution in minimist',
      cvss: [
        {
          type: 'Secondary',
          version: '3.1',
          vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          metrics: { baseScore: 9.8 },
          vendorMetadata: {},
        },
      ],
      epss: [{ cve: 'CVE-2021-44906', epss: 0.01, percentile: 0.8, date: '2026-11-20' }],
      fix: { versions: ['1.2.6', '0.2.4'], state: 'fixed' },
      advisories: [],
      risk: 1.1,
    },
    relatedVulnerabilities: [
      {
        id: 'CVE-2021-44906',
        dataSource: 'https://nvd.nist.gov/vuln/detail/CVE-2021-44906',
        namespace: 'nvd:cpe',
        severity: 'Critical',
        urls: [],
        cvss: [],
      },
    ],
    matchDetails: [{ type: 'exact-direct-match', matcher: 'javascript-matcher', searchedBy: {}, found: {} }],
    artifact: {
      id: '1',
      name: 'minimist',
      version: '0.0.8',
      type: 'npm',
      locations: [
        { path: '/package-lock.json', accessPath: '/package-lock.json' },
        { path: '/web/package-lock.json', accessPath: '/web/package-lock.json' },
      ],
      language: 'javascript',
      licenses: [],
      cpes: [],
      purl: 'pkg:npm/minimist@0.0.8',
      upstreams: [],
    },
  };
  const report = (matches: unknown[], descriptor: unknown = DESCRIPTOR) => ({
    matches,
    source: { type: 'directory', target: '.' },
    distro: { name: '', version: '', idLike: null },
    descriptor,
  });

  it('says a vulnerability by all its names, once for each lockfile', async () => {
    const body = `[ "$GRYPE_DB_AUTO_UPDATE" = false ] || exit 3\n${writes('--file', JSON.stringify(report([MATCH])))}`;
    const found = await run(grype, { files: { 'package-lock.json': LOCK }, body });
    expect(found).toMatchObject({
      state: 'findings',
      engine: { data: { source: 'grype-db', updated: '2026-11-21T06:00:00Z' } },
    });
    expect(found.findings.map(({ places }) => places[0]?.path)).toEqual([
      'package-lock.json',
      'web/package-lock.json',
    ]);
    expect(found.findings[0]).toMatchObject({
      rule: 'vulnerable-dependency',
      severity: 'critical',
      component: 'pkg:npm/minimist@0.0.8',
      advisory: {
        id: 'CVE-2021-44906',
        aliases: ['GHSA-xvch-5gv4-984h'],
        fixed: '0.2.4',
        epss: 0.01,
        exploited: null,
      },
    });
  });

  it('tells what is exploited, and takes a package without a purl or a place for what it is', () => {
    const vulnerability = { ...MATCH.vulnerability, knownExploited: [{ cve: 'CVE-2021-44906' }] };
    const artifact = { ...MATCH.artifact, purl: '', locations: [] };
    const [hit, ...more] = findings(grype, report([{ ...MATCH, vulnerability, artifact }])) ?? [];
    expect(more).toEqual([]);
    expect(hit).toMatchObject({
      places: [],
      tags: ['exploited'],
      advisory: { exploited: true, fixed: null },
    });
    expect(hit).not.toHaveProperty('component');
  });

  it('knows nothing where its report does not say how old its database is', () => {
    for (const db of [undefined, {}, { status: { error: 'none' } }, { built: 'yesterday' }])
      expect(() => findings(grype, report([], { ...DESCRIPTOR, db }))).toThrow(SallyportError);
    expect(findings(grype, report([], { ...DESCRIPTOR, db: { built: '2026-11-21T06:00:00Z' } }))).toEqual([]);
  });
});

/** npm itself, against a server that speaks the registry's audit protocol. */
describe('npm audit', () => {
  let server: Server;
  let registry = '';
  const asked: unknown[] = [];
  const agents: (string | undefined)[] = [];
  let answer: { status: number; body: unknown } = { status: 200, body: {} };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        agents.push(request.headers.authorization);
        const path = request.url ?? '';
        if (path.endsWith('/security/advisories/bulk')) {
          const body = Buffer.concat(parts);
          const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
          asked.push(JSON.parse(text.toString('utf8')));
          response.writeHead(answer.status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(answer.body));
          return;
        }
        const name = decodeURIComponent(path.slice(1));
        const version = name === 'minimist' ? '0.0.8' : '0.5.1';
        const needs = name === 'minimist' ? {} : { minimist: '0.0.8' };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({ name, versions: { [version]: { name, version, dependencies: needs } } }),
        );
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  const ADVISORY = {
    id: 1097678,
    url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
    title: 'Prototype Pollution in minimist',
    severity: 'critical',
    vulnerable_versions: '<0.2.4',
    cwe: ['CWE-1321'],
    cvss: { score: 9.8, vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' },
  };
  const files = {
    'package.json':
      '{"name":"shop","version":"1.0.0","dependencies":{"mkdirp":"0.5.1","semver":"7.3.4"},"devDependencies":{"optimist":"0.6.1"}}',
    'package-lock.json': LOCK,
    '.npmrc': '//127.0.0.1/:_authToken=abc\nregistry=http://127.0.0.1:9/',
  };

  it('asks the registry about names and versions, and tells what it answers of each lockfile', async () => {
    answer = { status: 200, body: { minimist: [ADVISORY] } };
    const both = Object.fromEntries(
      Object.entries(files).flatMap(([path, text]) => [
        [path, text],
        [`web/${path}`, text],
      ]),
    );
    const report = await run(npmAudit, { files: both, options: { npmRegistry: registry } });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      state: 'findings',
      engine: { name: 'npm-audit', data: { source: registry } },
    });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ minimist: ['0.0.8'], semver: ['7.3.4'] });
    expect(agents.every((one) => one === undefined)).toBe(true);
    expect(report.findings.map(({ places, component }) => [places[0]?.path, component])).toEqual([
      ['package-lock.json', 'pkg:npm/minimist@0.0.8'],
      ['web/package-lock.json', 'pkg:npm/minimist@0.0.8'],
    ]);
    expect(report.findings[0]).toMatchObject({
      severity: 'critical',
      score: 9.8,
      advisory: { id: 'GHSA-xvch-5gv4-984h', aliases: [] },
    });
  }, 60_000);

  it('is clean where the registry knows nothing against them', async () => {
    answer = { status: 200, body: {} };
    const report = await run(npmAudit, { files, options: { npmRegistry: registry } });
    expect(report).toMatchObject({ state: 'clean', findings: [], problems: [] });
  }, 60_000);

  it.each([
    ['without the endpoint', 405],
    ['that says nothing', 404],
  ])(
    'knows nothing with a registry %s',
    async (_name, status) => {
      answer = { status, body: {} };
      const report = await run(npmAudit, { files, options: { npmRegistry: registry } });
      expect(report).toMatchObject({ state: 'error', problems: [{ code: 'SP-ENGINE-FAILED' }] });
    },
    60_000,
  );

  it('is not started offline, nor with a registry over http elsewhere', async () => {
    const offline = await run(npmAudit, { files, offline: true });
    expect(offline).toMatchObject({ state: 'error', problems: [{ code: 'SP-OFFLINE' }] });
    const plain = await run(npmAudit, { files, options: { npmRegistry: 'http://registry.example/' } });
    expect(plain).toMatchObject({ state: 'error', problems: [{ code: 'SP-ENGINE-OPTIONS' }] });
  });
});

describe.each([trivy, grype, npmAudit])('$name fails closed', (engine) => {
  function home(): string {
    const folder = temporaryFolder();
    mkdirSync(join(folder, '.cache', 'trivy', 'db'), { recursive: true });
    writeFileSync(join(folder, '.cache', 'trivy', 'db', 'trivy.db'), 'x');
    const metadata = '{"Version":2,"UpdatedAt":"2026-11-21T12:00:00Z"}';
    writeFileSync(join(folder, '.cache', 'trivy', 'db', 'metadata.json'), metadata);
    return folder;
  }
  const files = { 'package-lock.json': LOCK };
  const flag = engine === grype ? '--file' : '--output';
  const says = (text: string) => (engine === npmAudit ? `cat <<'END'\n${text}\nEND` : writes(flag, text));

  it.each([
    ['a crash', 'exit 3', /^SP-ENGINE-FAILED$/u],
    ['its own death', 'kill -9 $$', /^SP-ENGINE-FAILED$/u],
    ['rubbish', says('it all went well'), /^SP-JSON-/u],
    ['half a report', says('{"matches":[], "Results":[], "vulnerabilities":{'), /^SP-JSON-/u],
    ['JSON that is no report', says('{"ok":true}'), /^SP-ENGINE-OUTPUT$/u],
    ['nothing', 'true', /^(?:SP-|ENOENT)/u],
  ])('on %s', async (_name, body, code) => {
    const report = await run(engine, { files, body, home: home() });
    expect(report.state).toBe('error');
    expect(report.problems[0]?.code).toMatch(code);
  });

  it('has nothing to scan where no lockfile is', async () => {
    const report = await run(engine, { files: { 'README.md': 'x' }, body: 'exit 3', home: home() });
    expect(report.state).toBe('nothing-scanned');
  });
});

describe.each([trivy, grype])('$name', (engine) => {
  it('throws nothing but its own errors over what is no report', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const value of [
          JSON.parse(json),
          { SchemaVersion: 2, ArtifactType: 'filesystem', Results: JSON.parse(json) },
          { matches: JSON.parse(json), descriptor: { name: 'grype', db: { built: '2026-01-01T00:00:00Z' } } },
        ]) {
          try {
            findings(engine, value);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(SallyportError);
          }
        }
      }),
    );
  });
});
