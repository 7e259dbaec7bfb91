import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Decision, Gate, LayerRef } from '../model/decision.ts';
import { type Problem, problemOf, SallyportError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import { Fingerprinter } from '../model/fingerprint.ts';
import type { ScanReport } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import { type Context, inAutomation } from '../platform/context.ts';
import { keepHeapSmall } from '../platform/heap.ts';
import { type Http, offlineHttp } from '../platform/http.ts';
import { findRepository, type Repository } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';
import { openWorktree, RUNS_FOLDER, type Worktree } from '../platform/worktree.ts';
import type { EvaluationInput } from '../policy/evaluate.ts';
import { gateFinding } from '../policy/gate-findings.ts';
import { likenessFor } from '../policy/likeness/names.ts';
import { type Base, resolveBase } from './base.ts';
import { changedCheckout } from './checkout.ts';
import { collectBase, collectHead, type Look } from './collect.ts';
import { RunFolder } from './evidence.ts';
import type { HandedIn } from './handed-in.ts';
import { HandedInThread, worthAThread } from './handed-in-thread.ts';
import { jobName } from './job-name.ts';
import { planStages, presenceOf } from './plan.ts';
import { loadPolicy, type MergedPolicy, mergedPolicy, POLICY_FILE } from './policy-source.ts';
import type { ScanData } from './scan.ts';
import { subjectOf } from './subject.ts';
import { readVexFiles } from './vex.ts';

export interface GateInput {
  gate: Gate;
  /** The folder to look at. */
  root: string;
  base?: string | undefined;
  policy?: string | undefined;
  sarif: readonly HandedIn[];
  baseSarif: readonly HandedIn[];
  /** Only this stage. */
  only?: Stage | undefined;
  engines: readonly string[];
  /** Options for the engines of that stage, over those of the policy: what the caller alone can ask for. */
  options?: Readonly<Record<string, unknown>> | undefined;
  /** The folder of the advisory database. */
  advisories?: string | undefined;
  /** What a build wrote about its dependencies. */
  builds?: ScanData['builds'];
  /** Called when the engines are at work: what is needed after them can be loaded in that time. */
  meanwhile?: (() => Promise<void>) | undefined;
}

export interface GateRun {
  decision: Decision;
  /** The reports as they were read back from the run's folder. */
  reports: ScanReport[];
  folder: RunFolder;
  root: string;
}

/** Engines, evidence, policy, decision: the one path of every gate that looks at a tree. */
export async function runGate(input: GateInput, context: Context): Promise<GateRun> {
  const root = resolve(context.cwd, input.root);
  const thread = worthAThread(input.sarif, context.cwd)
    ? new HandedInThread(input.sarif, root, context)
    : null;
  keepHeapSmall();
  try {
    return await judgeRoot(input, context, root, thread);
  } finally {
    await thread?.end();
  }
}

async function judgeRoot(
  input: GateInput,
  context: Context,
  root: string,
  thread: HandedInThread | null,
): Promise<GateRun> {
  const tools = toolEnvironment(context.env);
  const repository = await findRepository(root, context.run, tools);
  const base = await resolveBase(repository, input.base, context);
  const trusted: TreeRef = base === null ? { root } : { root, commit: base.revision };
  const tree = await openWorktree(root, repository?.git ?? null);
  try {
    const loaded = await mergedPolicy(root, base === null ? tree : trusted, input.policy, context);
    return await judgeTree(input, context, { root, repository, base, trusted, loaded, tree, thread });
  } finally {
    await tree.close();
  }
}

interface Ground {
  root: string;
  repository: Repository | null;
  base: Base | null;
  trusted: TreeRef;
  loaded: MergedPolicy;
  tree: Worktree;
  /** That reads what was handed in, where that is large. */
  thread: HandedInThread | null;
}

async function judgeTree(input: GateInput, context: Context, ground: Ground): Promise<GateRun> {
  const { root, repository, base, loaded, tree } = ground;
  // A step of a workflow is none of a laptop's, whatever its environment says.
  const local = context.surface === 'cli' && !inAutomation(context.env);
  const { policy } = loaded;
  const plans = await planStages({
    policy,
    gate: input.gate,
    only: input.only,
    engines: input.engines,
    options: input.options,
    startProcesses: context.surface === 'cli',
  });
  const folder = new RunFolder(root, context);
  await folder.prepare(root);
  const look: Look = {
    root,
    plans,
    trusted: ground.trusted,
    change: base,
    policy,
    context,
    folder,
    data: {
      advisories: input.advisories,
      builds: input.builds,
      entries: tree.entries,
    },
  };
  // A turn later the engines are at work. What is needed after them is loaded meanwhile, and Git is asked then: a program
  // that is started holds up the thread in which they start.
  const judging = setImmediate().then(async () => {
    input.meanwhile?.().catch(() => undefined);
    return await judgeFor(loaded);
  });
  const subjecting = judging.then(async () => await subjectOf(tree, repository, context.env));
  const commit = subjecting.then(({ digest }) => digest.gitCommit ?? null);
  commit.catch(() => undefined);
  const collecting = collectHead(look, input.sarif, commit, ground.thread);
  const [kept, subject] = await Promise.all([collecting, subjecting]);
  const keptBase = base === null ? null : await collectBase(look, input.baseSarif, base, kept.reports);
  const { compiled, evaluate, dependencyNotes } = await judging;
  const policyRef = { uri: compiled.uri, digest: compiled.digest, layers: compiled.layers };
  const evidence = await folder.keepStatements(
    subject,
    kept.reports,
    kept.kept,
    policyRef,
    jobName(context.env),
  );
  // The disk is waited for while there is something to judge.
  const keeping = folder.keepDependencies(subject, kept.reports);
  keeping.catch(() => undefined);
  const problems = [
    ...(local ? [] : await changedCheckout(root, repository)),
    ...unknownBase(keptBase?.reports ?? []),
    ...(plans.length + input.sarif.length === 0 ? [nothingAsked(compiled.uri)] : []),
  ];
  const evaluation: EvaluationInput = {
    gate: input.gate,
    local,
    policy: compiled,
    subject,
    base: base === null ? null : { revision: base.revision, mergeBase: base.mergeBase },
    now: context.clock.now(),
    reports: kept.reports,
    baseReports: keptBase?.reports ?? null,
    evidence,
    vex: await readVexFiles(policy, ground.trusted, context),
    likeness: await likenessFor(compiled),
    presence: presenceOf(plans, tree),
    only: input.only ?? null,
    gateFindings: trackedRuns(tree.trackedRuns),
    problems,
    notes: [
      ...notesOf(ground, input, keptBase?.reports ?? []),
      ...idleNotes(kept.reports),
      ...dependencyNotes(kept.reports, keptBase?.reports ?? null),
    ],
  };
  const decision = await withPreview(evaluate(evaluation), evaluation, ground, input, context);
  await folder.keepDecision(decision, evidence, await keeping);
  return { decision, reports: kept.reports, folder, root };
}

/** What judges, loaded while the engines work; and what reads back what they are judged by. */
async function judgeFor(loaded: MergedPolicy) {
  const [compiled, { evaluate }, { dependencyNotes }] = await Promise.all([
    loaded.compiled(),
    import('../policy/evaluate.ts'),
    import('./dependency-notes.ts'),
    import('./read-back.ts'),
  ]);
  return { compiled, evaluate, dependencyNotes };
}

/** A base that Git cannot read says nothing about what is new: no verdict, rather than a guess. */
function unknownBase(reports: readonly ScanReport[]): Problem[] {
  return reports.flatMap((report) => report.problems).filter((problem) => problem.code.startsWith('SP-GIT'));
}

/** A file that extends no pack and names no stage, often by a slip, would let everything pass. */
function nothingAsked(uri: string): Problem {
  return {
    code: 'SP-POLICY-EMPTY',
    message: 'the policy asks for no stage at this gate, so that nothing was looked at',
    place: { path: uri },
    expected: 'a pack to build on (extends: [baseline]), or stages under gates',
  };
}

/** Tracked files where runs are kept could pass for evidence (trust-model rule 2). */
function trackedRuns(paths: readonly string[]): Finding[] {
  const fingerprints = new Fingerprinter();
  return paths
    .slice(0, 100)
    .map((path) =>
      gateFinding(
        'tracked-run-folder',
        `${path} is tracked; nothing under ${RUNS_FOLDER}/ is read`,
        { path },
        path,
        fingerprints,
      ),
    );
}

function notesOf(ground: Ground, input: GateInput, baseReports: readonly ScanReport[]): string[] {
  const { base, loaded, tree } = ground;
  const submodules = tree.entries.filter((entry) => entry.kind === 'submodule').map((entry) => entry.path);
  const failedAtBase = baseReports.filter((report) => report.state === 'error');
  return [
    ...(loaded.fromFile
      ? []
      : [`there is no ${POLICY_FILE}${base === null ? '' : ' at the base'}: the baseline pack applies`]),
    ...(base === null ? ['there is no base to compare with: every finding counts'] : []),
    ...(submodules.length === 0
      ? []
      : [
          `not looked at: ${submodules.length} repositories inside this one (${submodules.slice(0, 5).join(', ')})`,
        ]),
    ...failedAtBase.map(
      (report) => `${report.engine.name} could not be run at the base: all its findings count as new`,
    ),
    ...(base === null
      ? []
      : input.sarif
          .filter((handed) => !input.baseSarif.some((other) => other.stage === handed.stage))
          .map(
            (handed) =>
              `${handed.file}: no report of the base was handed in, all its findings count (--base-sarif ${handed.stage}=FILE)`,
          )),
  ];
}

/** An engine that was not asked to look where it could not says why, beside those that did look. */
function idleNotes(reports: readonly ScanReport[]): string[] {
  return reports
    .filter(({ state, engine }) => state === 'nothing-scanned' && engine.how === 'in-process')
    .flatMap(({ problems }) =>
      problems.map(({ message, next }) => (next === undefined ? message : `${message} (${next})`)),
    );
}

/** What the change would do to the policy is shown, and decides nothing (trust-model rule 2). */
async function withPreview(
  decision: Decision,
  evaluation: EvaluationInput,
  ground: Ground,
  input: GateInput,
  context: Context,
): Promise<Decision> {
  if (ground.base === null) return decision;
  try {
    const http = onlyKnown(evaluation.policy.layers, context.http);
    const head = await loadPolicy(ground.root, { root: ground.root }, input.policy, { ...context, http });
    if (head.policy.digest.sha256 === evaluation.policy.digest.sha256) return decision;
    const likeness = await likenessFor(head.policy);
    const { evaluate } = await import('../policy/evaluate.ts');
    const after = evaluate({ ...evaluation, policy: head.policy, likeness });
    const note = `the change alters the policy: judged by the base, it is ${decision.verdict}; by the changed policy it would be ${after.verdict}`;
    return { ...decision, notes: [...decision.notes, note] };
  } catch (thrown) {
    const problem = problemOf(thrown);
    return {
      ...decision,
      notes: [
        ...decision.notes,
        `the change would leave a policy that cannot be used: ${problem.message} (${problem.code})`,
      ],
    };
  }
}

/** For a preview only what the base's policy names is fetched: a change must not have the gate ask around for it. */
function onlyKnown(layers: readonly LayerRef[], http: Http): Http {
  const known = new Set(layers.map((layer) => layer.uri));
  return {
    ...offlineHttp,
    get: async (url, limits) => {
      if (known.has(url)) return await http.get(url, limits);
      throw new SallyportError({
        code: 'SP-POLICY-FETCH',
        message: 'a pack that only the change names is not fetched for a preview',
        found: url,
      });
    },
  };
}
