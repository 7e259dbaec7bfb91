import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git, project, type Ran, run, temporaryFolder, write } from './support.ts';

/** A Maven service with a BOM of its own, and what Maven's plug-ins wrote when it was built with either version. */
const FIXTURES = join(project, 'test', 'fixtures', 'log4j');
const VULNERABLE = '2.14.1';
const MENDED = '2.17.1';
const CORE = 'pkg:maven/org.apache.logging.log4j/log4j-core';
const WAY = `app > logging 1.4.0 > spring-boot-starter-log4j2 2.5.6 > log4j-core ${VULNERABLE}`;

const POLICY = `version: 1
gates:
  pull-request: { stages: { dependencies: always } }
  release: { stages: { dependencies: always } }
banned:
  - id: log4shell
    package: ${CORE}
    versions: vers:maven/<2.17.1
    reason: Log4Shell and what came after it
    instead: Use log4j-core 2.17.1 or later.
`;

/** Public facts: Apache's own page on security, and the CVE records. */
const ADVISORIES = [
  [
    'CVE-2021-44228',
    'GHSA-jfh8-c2jp-5v3q',
    'Remote code execution by JNDI lookups',
    '2.13.0',
    '2.15.0',
    '9.8',
  ],
  ['CVE-2021-45046', 'GHSA-7rjr-3q55-vv33', 'An incomplete fix of CVE-2021-44228', '2.13.0', '2.16.0', '9.0'],
  ['CVE-2021-45105', 'GHSA-p6xc-xr62-6r2g', 'Uncontrolled recursion', '2.13.0', '2.17.0', '5.9'],
  ['CVE-2021-44832', 'GHSA-8489-44mv-ggj8', 'Code execution by a JDBC appender', '2.13.0', '2.17.1', '6.6'],
].map(([id, alias, summary, introduced, fixed, score]) => ({
  id,
  aliases: [alias],
  modified: new Date().toISOString(),
  summary,
  database_specific: { severity: Number(score) >= 9 ? 'CRITICAL' : 'MODERATE' },
  affected: [
    {
      package: { ecosystem: 'Maven', name: 'org.apache.logging.log4j:log4j-core' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced }, { fixed }] }],
    },
  ],
}));

const home = temporaryFolder();
const advisories = join(home, 'index');
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

function sallyport(cwd: string, ...args: string[]): Ran {
  return run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: home },
  });
}

function imported(): string[] {
  const file = join(home, 'all.ndjson');
  writeFileSync(file, ADVISORIES.map((one) => JSON.stringify(one)).join('\n'));
  const { code, stderr } = sallyport(home, 'advisories', 'import', file, '--advisories', advisories);
  expect(code, stderr).toBe(0);
  return ['--advisories', advisories];
}

/** A repository whose change brings the service; what its build wrote lies beside it, not in it. */
function service(version: string): { root: string; built: string } {
  const root = temporaryFolder();
  git(root, 'init', '--quiet', '--initial-branch=main');
  write(root, { '.sallyport.yml': POLICY, '.gitignore': '.sallyport/\ntarget/\ndependency-tree.json\n' });
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'policy');
  git(root, 'switch', '--quiet', '--create', 'change');
  cpSync(join(FIXTURES, 'service'), root, { recursive: true });
  const parent = readFileSync(join(root, 'pom.xml'), 'utf8');
  writeFileSync(join(root, 'pom.xml'), parent.replace(VULNERABLE, version));
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'service');
  return { root, built: join(FIXTURES, version) };
}

/** Where each of them writes. */
const OUTPUTS = {
  'mvn dependency:tree': 'app/dependency-tree.json',
  'the CycloneDX plug-in': 'app/target/bom.json',
} as const;
type Build = keyof typeof OUTPUTS;

/** The options that hand over what the build wrote where it wrote it. */
function handedOver({ root, built }: { root: string; built: string }, by: Build): string[] {
  const file = OUTPUTS[by];
  mkdirSync(dirname(join(root, file)), { recursive: true });
  cpSync(join(built, basename(file)), join(root, file));
  return ['--build-output', `${file}@sha256:${sha256(join(root, file))}`];
}

interface Judged {
  decision: {
    verdict: string;
    findings: {
      outcome: string;
      finding: {
        rule: string;
        message: string;
        help?: string;
        component?: string;
        advisory?: { id: string; fixed: string | null };
      };
    }[];
  };
}

const judged = ({ stdout }: Ran) => (JSON.parse(stdout) as Judged).decision;
const about = (ran: Ran, rule: string) =>
  judged(ran).findings.filter(({ finding }) => finding.rule === rule && finding.component?.startsWith(CORE));

describe.each<Build>(['mvn dependency:tree', 'the CycloneDX plug-in'])('log4j-core by %s', (by) => {
  it(`${VULNERABLE} is stopped at the pull request and at the release, with its path`, () => {
    const known = imported();
    const { root, built } = service(VULNERABLE);
    const builds = handedOver({ root, built }, by);
    const gate = sallyport(root, 'gate', '--base', 'main', ...builds, ...known, '--report', 'json');
    expect(gate.code, gate.stderr).toBe(1);
    const [banned] = about(gate, 'banned-component');
    expect(banned?.outcome).toBe('failed');
    expect(banned?.finding.message).toBe(
      `log4j-core ${VULNERABLE} (${WAY}) is banned (log4shell): Log4Shell and what came after it`,
    );
    expect(banned?.finding.help).toBe('Use log4j-core 2.17.1 or later. It comes with logging 1.4.0.');
    const found = about(gate, 'vulnerable-dependency').map(({ finding }) => finding.advisory);
    expect(new Map(found.map((one) => [one?.id, one?.fixed]))).toEqual(
      new Map([
        ['CVE-2021-44228', '2.15.0'],
        ['CVE-2021-45046', '2.16.0'],
        ['CVE-2021-45105', '2.17.0'],
        ['CVE-2021-44832', '2.17.1'],
      ]),
    );

    const released = release(root, by, known);
    expect(released.code, released.stderr).toBe(1);
    const [still] = about(released, 'banned-component');
    expect(still?.outcome).toBe('failed');
    expect(still?.finding.message).toContain(`(${WAY}) is banned (log4shell)`);
    expect(about(released, 'vulnerable-dependency').length).toBeGreaterThanOrEqual(4);
  });

  it(`${MENDED} passes at both`, () => {
    const known = imported();
    const { root, built } = service(MENDED);
    const builds = handedOver({ root, built }, by);
    const gate = sallyport(root, 'gate', '--base', 'main', ...builds, ...known, '--report', 'json');
    expect(gate.code, gate.stdout + gate.stderr).toBe(0);
    for (const ran of [gate, release(root, by, known)]) {
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(judged(ran).verdict).toBe('passed');
      expect([...about(ran, 'banned-component'), ...about(ran, 'vulnerable-dependency')]).toEqual([]);
    }
  });
});

/** The release of the checked-out commit, on the bill of materials that a stage job kept. */
function release(root: string, by: Build, known: string[]): Ran {
  const builds = ['--build-output', OUTPUTS[by]];
  const runs = join(root, '.sallyport', 'runs');
  const before = new Set(existsSync(runs) ? readdirSync(runs) : []);
  const scanned = sallyport(root, 'scan', 'dependencies', ...builds, ...known, '--quiet');
  expect(scanned.code, scanned.stderr).toBeLessThan(2);
  const [latest = ''] = readdirSync(runs).filter((run) => !before.has(run));
  const folder = join(runs, latest);
  const evidence = ['dependencies.sarif', 'dependencies.intoto.json', 'bom.cdx.json'].flatMap((name) => {
    const file = join(folder, name);
    return ['--evidence', `${file}@sha256:${sha256(file)}`];
  });
  const artifact = join(temporaryFolder(), 'payments.jar');
  writeFileSync(artifact, 'the artefact');
  return sallyport(
    root,
    ...['gate', '--gate', 'release', '--subject', artifact, ...evidence, ...known, '--report', 'json'],
  );
}

describe('log4j-core without anything that a build wrote', () => {
  it('is found by the poms of the tree: a property of the parent, a BOM beside it', () => {
    const known = imported();
    const { root } = service(VULNERABLE);
    const app = join(root, 'app', 'pom.xml');
    const direct = readFileSync(app, 'utf8')
      .replace('com.example.shared', 'org.apache.logging.log4j')
      .replace('>logging<', '>log4j-core<')
      .replace(/\s*<version>1\.4\.0<\/version>/u, '');
    writeFileSync(app, direct);
    const gate = sallyport(root, 'gate', '--base', 'main', ...known, '--report', 'json');
    expect(gate.code, gate.stderr).toBe(1);
    const [banned] = about(gate, 'banned-component');
    expect(banned?.finding.message).toContain(
      `log4j-core ${VULNERABLE} (app > log4j-core ${VULNERABLE}) is banned`,
    );
    writeFileSync(
      join(root, 'pom.xml'),
      readFileSync(join(root, 'pom.xml'), 'utf8').replace(VULNERABLE, MENDED),
    );
    const mended = sallyport(root, 'gate', '--base', 'main', ...known, '--report', 'json');
    expect(mended.code, mended.stdout + mended.stderr).toBe(0);
  });

  it('is found in a bill of materials that is handed in alone, and asked why', () => {
    const known = imported();
    const root = temporaryFolder();
    write(root, { '.sallyport.yml': POLICY });
    cpSync(join(FIXTURES, VULNERABLE, 'bom.json'), join(root, 'bom.json'));
    const scan = sallyport(root, 'scan', 'dependencies', 'bom.json', ...known, '--report', 'json');
    expect(scan.code, scan.stderr).toBe(1);
    expect(about(scan, 'banned-component')[0]?.finding.message).toContain('is banned (log4shell)');
    const why = sallyport(root, 'sbom', 'why', 'bom.json', CORE);
    expect(why.code, why.stderr).toBe(0);
    for (const step of ['app', 'logging', 'spring-boot-starter-log4j2', 'log4j-core'])
      expect(why.stdout).toContain(step);
  });
});
