import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../scan/secrets/examples/random.ts';
import { fill } from '../scan/secrets/examples/template.ts';
import { exampleRepository, project, run, write } from './support.ts';
import { lacks, tool } from './tools.ts';

const rules = `rules:
  - id: no-eval
    languages: [javascript]
    severity: ERROR
    message: eval runs whatever it is given
    pattern: eval(...)
    metadata: { cwe: ["CWE-95: Eval Injection"] }
`;
const path = [
  ...['semgrep', 'hadolint', 'gitleaks'].map((name) => dirname(tool(name) ?? '')),
  process.env.PATH,
].join(delimiter);
const sallyport = (cwd: string, ...args: string[]) =>
  run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
    cwd,
    env: { PATH: path, HOME: process.env.HOME },
  });

describe.skipIf(lacks('hadolint'))('hadolint', () => {
  it('runs beside our engine, and both are named', () => {
    const root = exampleRepository(true);
    const { code, stdout } = sallyport(
      root,
      'scan',
      'configuration',
      '--engine',
      'hadolint',
      '--report',
      'json',
    );
    const { decision } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(decision.stages[0].runs.map((r: { engine: { name: string } }) => r.engine.name)).toEqual([
      'sallyport-configuration',
      'hadolint',
    ]);
    const by = (engine: string) =>
      decision.findings
        .filter((f: { finding: { engine: string } }) => f.finding.engine === engine)
        .map((f: { finding: { rule: string } }) => f.finding.rule);
    expect(by('hadolint')).toEqual(expect.arrayContaining(['DL3007', 'DL3008']));
    expect(by('sallyport-configuration')).toEqual(expect.arrayContaining(['DL3007', 'DL3008']));
  });

  it('is not steered by files and comments of the repository', () => {
    const root = exampleRepository(false);
    write(root, {
      Dockerfile: '# hadolint ignore=DL3007\nFROM node:latest\nUSER 1000\n',
      '.hadolint.yaml': 'ignored: [DL3007]\n',
    });
    const { stdout } = sallyport(root, 'scan', 'configuration', '--engine', 'hadolint', '--report', 'json');
    const found = JSON.parse(stdout).decision.findings.filter(
      (f: { finding: { engine: string } }) => f.finding.engine === 'hadolint',
    );
    expect(found.map((f: { finding: { rule: string } }) => f.finding.rule)).toContain('DL3007');
  });
});

describe.skipIf(lacks('gitleaks'))('gitleaks', () => {
  const random = new Random(12);
  const secrets = (root: string, ...args: string[]) => {
    const { code, stdout, stderr } = sallyport(root, 'scan', 'secrets', ...args, '--report', 'json');
    expect(stderr).not.toMatch(/SP-[A-Z]/u);
    const found = JSON.parse(stdout).decision.findings as {
      finding: { engine: string; places: { path: string }[] };
      alsoBy?: { engine: string }[];
    }[];
    return { code, found, stdout };
  };

  it('and ours say one thing about one secret, and neither shows it', () => {
    const [one, two] = ['glpat-<base64url:20>', 'npm_<crc62:30>'].map((template) => fill(template, random));
    const root = exampleRepository(false, { 'deploy/a.env': `\n\nA=${one}\nB=${two}\n` });
    const { code, found, stdout } = secrets(root, '--engine', 'gitleaks');
    expect(code).toBe(1);
    const planted = found.filter(({ finding }) => finding.places[0]?.path === 'deploy/a.env');
    expect(
      planted.map(({ finding, alsoBy }) => [finding.engine, ...(alsoBy ?? []).map(({ engine }) => engine)]),
    ).toEqual([
      ['sallyport-secrets', 'gitleaks'],
      ['sallyport-secrets', 'gitleaks'],
    ]);
    for (const secret of [one, two]) expect(stdout).not.toContain(secret?.slice(8, 20));
  });

  it('is not steered by files and comments of the repository', () => {
    const token = fill('glpat-<base64url:20>', random);
    const root = exampleRepository(false, {
      'a.env': `A=${token} # gitleaks:allow\n`,
      '.gitleaks.toml': '[allowlist]\npaths = [".*"]\n',
      '.gitleaksignore': 'a.env:gitlab-pat:1\n',
    });
    const { found } = secrets(root, '--engine', 'gitleaks');
    expect(found.find(({ finding }) => finding.places[0]?.path === 'a.env')?.alsoBy).toMatchObject([
      { engine: 'gitleaks' },
    ]);
  });
});

describe.skipIf(lacks('semgrep'))('semgrep', () => {
  const policy =
    'version: 1\nextends: [baseline]\nstages: { code: { engines: [semgrep], options: { semgrepRules: [rules] } } }\ngates: { pull-request: { stages: { code: always } } }\n';

  it('judges what a change brings, by the rules of the base', () => {
    const root = exampleRepository(false, {
      '.sallyport.yml': policy,
      'rules/eval.yml': rules,
      'src/old.js': 'export const a = (x) => eval(x);\n',
    });
    const before = sallyport(root, 'gate', '--base', 'main', '--report', 'json');
    expect(before.code, before.stdout + before.stderr).toBe(0);
    write(root, {
      'src/new.js': 'export const b = (x) => eval(x); // nosemgrep\n',
      'rules/eval.yml': 'rules: []\n',
      '.semgrepignore': 'src\n',
    });
    const { code, stdout, stderr } = sallyport(root, 'gate', '--base', 'main', '--report', 'json');
    expect(code, stderr).toBe(1);
    const findings = JSON.parse(stdout).decision.findings.filter(
      (f: { finding: { engine: string } }) => f.finding.engine === 'semgrep',
    );
    expect(
      findings
        .map((f: { introduced: boolean; finding: { places: { path: string }[] } }) => [
          f.finding.places[0]?.path,
          f.introduced,
        ])
        .sort(),
    ).toEqual([
      ['src/new.js', true],
      ['src/old.js', false],
    ]);
  });

  it('looks into the folders that it would leave out by itself', () => {
    const root = exampleRepository(false, { '.sallyport.yml': policy, 'rules/eval.yml': rules });
    const folders = ['tests', 'build', 'dist', 'vendor'];
    write(root, Object.fromEntries(folders.map((folder) => [`${folder}/x.js`, 'eval(1);\n'])));
    const { code, stdout } = sallyport(root, 'gate', '--base', 'main', '--report', 'json');
    expect(code).toBe(1);
    const paths = JSON.parse(stdout).decision.findings.map(
      (f: { finding: { places: { path: string }[] } }) => f.finding.places[0]?.path,
    );
    expect(paths).toEqual(expect.arrayContaining(folders.map((folder) => `${folder}/x.js`)));
  });

  it('a rule file that it cannot read is an error, not a pass', () => {
    const root = exampleRepository(false, {
      '.sallyport.yml': policy,
      'rules/eval.yml': 'rules: [{ id: x }]\n',
    });
    const { code } = sallyport(root, 'gate', '--base', 'main', '--quiet');
    expect(code).toBe(2);
  });

  it('hands its results over as SARIF from one job to the gate of another', () => {
    const root = exampleRepository(false, {
      '.sallyport.yml': policy,
      'rules/eval.yml': rules,
      'src/x.js': 'eval(1);\n',
    });
    const file = join(root, '..', 'code.sarif');
    const scan = sallyport(root, 'scan', 'code', '--engine', 'semgrep', '--report', `sarif=${file}`);
    expect(scan.code, scan.stderr).toBe(1);
    const gate = sallyport(root, 'gate', '--sarif', `code=${file}`, '--report', 'json');
    expect(
      JSON.parse(gate.stdout).decision.findings.some((f: { finding: { message: string } }) =>
        f.finding.message.includes('eval runs'),
      ),
    ).toBe(true);
    writeFileSync(file, '{}');
    expect(sallyport(root, 'gate', '--sarif', `code=${file}`, '--quiet').code).toBe(2);
  });
});

describe('engines', () => {
  it('lists what is here', () => {
    const { code, stdout } = sallyport(project, 'engines', '--format', 'json');
    const found = JSON.parse(stdout) as { name: string; state: string }[];
    expect(code).toBe(0);
    expect(found.find((e) => e.name === 'sallyport-configuration')?.state).toBe('embedded');
    for (const name of ['semgrep', 'hadolint'] as const) {
      expect(found.find((e) => e.name === name)?.state).toBe(
        tool(name) === null ? 'not installed' : 'installed',
      );
    }
  });
});
