import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GateRun, runGate } from '../gate/run.ts';
import type { JudgedFinding } from '../model/decision.ts';
import { formatPlace, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { ExitCode } from './command.ts';
import { writeWithKey, writeWithoutKey } from './demo-leak.ts';
import { writeReports } from './reports.ts';
import { parseReports } from './wanted-reports.ts';

const AUTHOR = { name: 'Sallyport demo', email: 'demo@sallyport.invalid' };

/**
 * The story: a change that must not pass, why, the repaired change, which passes. Exit 0 only if the gate said what
 * it must say both times.
 */
export async function runDemo(keep: boolean, context: Context): Promise<ExitCode> {
  const examples = join(dirname(context.workerEntry), '..', 'examples');
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const repository = join(folder, 'payments-service');
  const started = performance.now();
  const say = (text: string) => context.out(`${text}\n`);
  try {
    say('\nThe example service, in a repository of its own. Its main branch is in order.');
    await cp(join(examples, 'payments-service'), repository, { recursive: true });
    await git(repository, context, 'init', '--quiet', '--initial-branch=main');
    await cp(join(examples, 'payments-service.repair'), repository, { recursive: true });
    await commit(repository, context, 'The service as it runs today');

    const advisories = await adviceOf(examples, folder, context);
    say(
      '\n1. A change: somebody in a hurry rewrites the Dockerfile and the compose file, and brings other dependencies.',
    );
    say('   One commit holds a key, and the next takes it out again.');
    await git(repository, context, 'switch', '--quiet', '--create', 'hurry');
    await writeWithKey(repository);
    await commit(repository, context, 'Backfill script');
    await writeWithoutKey(repository);
    await cp(join(examples, 'payments-service'), repository, { recursive: true });
    await rm(join(repository, '.dockerignore'));
    await commit(repository, context, 'Make it work');
    say('   $ sallyport gate --base main');
    const broken = await judge(repository, advisories, context);
    explain(broken, say);
    const leak = leakOf(broken);
    if (leak !== undefined) say(`   No file shows the key any more: ${leak.finding.message}`);
    explainDependencies(broken, say);

    say(
      '\n2. The repaired change: the key is revoked, and the commit that held it is not part of it any more.',
    );
    await git(repository, context, 'switch', '--quiet', '--create', 'repaired', 'main');
    await git(repository, context, 'branch', '--quiet', '--delete', '--force', 'hurry');
    await writeWithoutKey(repository);
    await commit(repository, context, 'Backfill script, with its key from the environment');
    say('   $ sallyport gate --base main');
    const repaired = await judge(repository, advisories, context);

    say('\n3. Merged, built, signed and released; every step believes only what the one before it signed.');
    await git(repository, context, 'switch', '--quiet', 'main');
    await git(repository, context, 'merge', '--quiet', '--ff-only', 'repaired');
    const head = await git(repository, context, 'rev-parse', 'HEAD');
    const { tellRelease } = await import('./demo-release.ts');
    const released = await tellRelease(folder, repository, head, context);

    say('\n4. To production, step by step: two services behind a proxy, all of it real, with short looks.');
    const { runCanaryStory } = await import('./canary-story.ts');
    const canary = await runCanaryStory(keep ? folder : null, context);

    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const asTold =
      broken.decision.verdict === 'failed' &&
      leak !== undefined &&
      repaired.decision.verdict === 'passed' &&
      released &&
      canary === 0;
    say(
      asTold
        ? `That is the road: the change failed, its repair passed, was signed, released and let into production, a version that broke was rolled back and a good one promoted, in ${seconds} s and without a network.\nTry it on your own: sallyport gate PATH (npm start -- PATH in a checkout), sallyport init to set it up.`
        : 'The demo did not go as it must: the first change has to fail, for its key too, the repaired one to pass and to be released, a flipped byte to be refused, the version that breaks to be rolled back and the good one to be promoted.',
    );
    if (keep) say(`The repository is kept in ${repository}`);
    return asTold ? 0 : 2;
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

/** The key of which only the history tells. */
function leakOf(run: GateRun): JudgedFinding | undefined {
  return run.decision.findings.find(
    ({ finding, outcome }) => finding.tags.includes('history-only') && outcome === 'failed',
  );
}

/**
 * An advisory database of the few that the example needs, written by hand from public facts. They are dated today: the
 * demo must not turn red because nobody changed them for a week.
 */
async function adviceOf(examples: string, folder: string, context: Context): Promise<string> {
  const modified = context.clock.now().toISOString();
  const text = (await readFile(join(examples, 'advisories.ndjson'), 'utf8')).trim();
  const dated = text.split('\n').map((line) => JSON.stringify({ ...JSON.parse(line), modified }));
  const source = join(folder, 'advisories.ndjson');
  await writeFile(source, dated.join('\n'));
  const { importAdvisories } = await import('../advisories/import.ts');
  await importAdvisories([source], join(folder, 'advisories'));
  return join(folder, 'advisories');
}

async function judge(repository: string, advisories: string, context: Context): Promise<GateRun> {
  // The demo is a laptop's run wherever it is started: its base is its own.
  const world: Context = { ...context, env: { PATH: context.env.PATH, HOME: context.env.HOME } };
  const run = await runGate(
    {
      gate: 'pull-request',
      root: repository,
      base: 'main',
      sarif: [],
      baseSarif: [],
      engines: [],
      advisories,
    },
    world,
  );
  await writeReports(run, parseReports([]), world);
  return run;
}

/** Takes the worst finding apart: what the policy says about it, and where. */
function explain(run: GateRun, say: (text: string) => void): void {
  const worst = run.decision.findings[0];
  const violation = worst?.violations[0];
  if (worst === undefined || violation === undefined) return;
  const place = worst.finding.places[0];
  say(
    `   Why it fails, on its worst finding: ${worst.finding.rule} in ${place === undefined ? 'the tree' : formatPlace(place)}`,
  );
  say(
    `   is ${worst.finding.severity} and brought by the change; rule ${violation.rule} of the pack ${violation.layer}`,
  );
  say(
    `   (${formatPlace({ path: violation.place.path, line: violation.place.line })}) says: ${violation.message}`,
  );
}

/** What the change does to the dependencies, on a few lines: what is banned, the worst vulnerabilities, the difference. */
function explainDependencies({ decision }: GateRun, say: (text: string) => void): void {
  const found = decision.findings
    .map(({ finding }) => finding)
    .filter(({ stage }) => stage === 'dependencies');
  const banned = found.filter(({ rule }) => rule === 'banned-component');
  const vulnerable = found.filter(({ rule }) => rule === 'vulnerable-dependency').slice(0, 3);
  say('\n   Its dependencies:');
  for (const { message, help } of banned) say(`     banned      ${message}\n                 ${help ?? ''}`);
  for (const { message, help } of vulnerable)
    say(`     vulnerable  ${message}\n                 ${help ?? ''}`);
  const rest = found.length - banned.length - vulnerable.length;
  if (rest > 0) say(`                 and ${rest} more`);
  for (const note of decision.notes.filter((text) => text.startsWith('dependencies: ')).slice(0, 4))
    say(`     difference  ${note.slice('dependencies: '.length)}`);
}

async function commit(repository: string, context: Context, message: string): Promise<void> {
  await git(repository, context, 'add', '--all');
  await git(repository, context, 'commit', '--quiet', '--message', message);
}

/** Git with nothing of the user's settings: no signing, no hooks, no name of theirs in the demo. */
async function git(cwd: string, context: Context, ...args: string[]): Promise<string> {
  const nowhere = process.platform === 'win32' ? 'NUL' : '/dev/null';
  const outcome = await context.run({
    file: 'git',
    args,
    cwd,
    env: {
      PATH: toolEnvironment(context.env).PATH,
      HOME: cwd,
      GIT_CONFIG_GLOBAL: nowhere,
      GIT_CONFIG_SYSTEM: nowhere,
      GIT_AUTHOR_NAME: AUTHOR.name,
      GIT_AUTHOR_EMAIL: AUTHOR.email,
      GIT_COMMITTER_NAME: AUTHOR.name,
      GIT_COMMITTER_EMAIL: AUTHOR.email,
    },
    timeout: 60_000,
    maxOutput: 1024 * 1024,
  });
  if (outcome.code === 0) return outcome.stdout.toString().trim();
  throw new SallyportError({
    code: 'SP-GIT',
    message: `git ${args[0]} failed`,
    found: outcome.stderr.trim().slice(-300),
    next: 'the demo needs git 2.28 or newer',
  });
}
