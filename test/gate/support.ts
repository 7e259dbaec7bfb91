import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach } from 'vitest';
import { type GateInput, type GateRun, runGate } from '../../src/gate/run.ts';
import { SallyportError } from '../../src/model/error.ts';
import type { Context } from '../../src/platform/context.ts';
import { diskFiles } from '../../src/platform/files.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import { runProcess } from '../../src/platform/process.ts';

const entry = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'bin.ts');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  folders.push(folder);
  return folder;
}

/** The code of the refusal that work ends in; `otherwise` where it ends in none. */
export async function refusalOf(work: () => Promise<unknown>, otherwise: string): Promise<string> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
  return otherwise;
}

/** A bill of materials of npm packages, each in version 1.0.1. */
export const npmBom = (...names: string[]) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: names.map((name) => ({
    type: 'library',
    name,
    version: '1.0.1',
    'bom-ref': name,
    purl: `pkg:npm/${name}@1.0.1`,
  })),
});

/** A context on the real machine, with what is said kept for the test to read. */
export function testContext(over: Partial<Context> = {}): Context & { said: string[]; printed: string[] } {
  const said: string[] = [];
  const printed: string[] = [];
  const say = (message: string) => {
    said.push(message);
  };
  return {
    surface: 'cli',
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    clock: { now: () => new Date('2026-06-01T12:00:00Z') },
    log: { debug: () => undefined, info: say, warn: say, error: say, progress: () => undefined },
    files: diskFiles,
    http: offlineHttp,
    run: runProcess,
    terminal: { isTerminal: false, color: false, columns: 100 },
    out: (text) => {
      printed.push(text);
    },
    workerEntry: entry,
    said,
    printed,
    ...over,
  };
}

/** Repositories as they begin, by their files: five calls of git take longer than a copy. */
const prepared = new Map<string, string>();
afterAll(() => {
  for (const folder of prepared.values()) rmSync(folder, { recursive: true, force: true });
  prepared.clear();
});

/** A repository with a `main` branch, for a change to be made on. */
export class TestRepository {
  readonly root = temporaryFolder();

  constructor(files: Record<string, string>) {
    const key = JSON.stringify(files);
    const ready = prepared.get(key);
    if (ready !== undefined) {
      cpSync(ready, this.root, { recursive: true, verbatimSymlinks: true });
      return;
    }
    this.git('init', '--quiet', '--initial-branch=main');
    this.commit(files, 'base');
    const kept = mkdtempSync(join(tmpdir(), 'sallyport-prepared-'));
    cpSync(this.root, kept, { recursive: true, verbatimSymlinks: true });
    prepared.set(key, kept);
  }

  git(...args: string[]): string {
    const identity = [
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.invalid',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'core.hooksPath=/dev/null',
    ];
    return execFileSync('git', [...identity, ...args], {
      cwd: this.root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  write(files: Record<string, string | null>): void {
    for (const [path, text] of Object.entries(files)) {
      const target = join(this.root, path);
      if (text === null) {
        rmSync(target);
        continue;
      }
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }

  commit(files: Record<string, string | null>, message: string): string {
    this.write(files);
    this.git('add', '--all', '--force');
    this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Commits on a branch of its own. */
  change(files: Record<string, string | null>): string {
    this.git('switch', '--quiet', '--create', `change-${Math.random().toString(36).slice(2)}`);
    return this.commit(files, 'change');
  }

  async gate(over: Partial<GateInput> = {}, context: Partial<Context> = {}): Promise<GateRun> {
    return await runGate(
      { gate: 'pull-request', root: this.root, sarif: [], baseSarif: [], engines: [], ...over },
      testContext(context),
    );
  }

  /** What a runner's environment says of a pull request from the current branch to main. */
  pullRequest(event: 'pull_request' | 'merge_group' = 'pull_request'): Partial<Context> {
    const file = join(temporaryFolder(), 'event.json');
    const [base, head] = [this.git('rev-parse', 'main'), this.git('rev-parse', 'HEAD')];
    const payload =
      event === 'pull_request'
        ? { pull_request: { base: { sha: base }, head: { sha: head } } }
        : { merge_group: { base_sha: base, head_sha: head } };
    writeFileSync(file, JSON.stringify(payload));
    return {
      surface: 'action',
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: event,
        GITHUB_EVENT_PATH: file,
        GITHUB_SHA: head,
        GITHUB_REPOSITORY: 'acme/payments',
      },
    };
  }
}

export const GOOD_DOCKERFILE = `FROM node:24.1.0-slim@sha256:${'a'.repeat(64)}\nWORKDIR /srv\nCOPY src ./src\nUSER 10001:10001\nCMD ["node", "src/index.js"]\n`;
/** Its last line is of high severity. */
export const BAD_LINE = 'RUN curl -sSL http://get.example.com/install.sh | sh\n';
export const BAD_DOCKERFILE = GOOD_DOCKERFILE.replace('USER', `${BAD_LINE}USER`);
