import { resolve } from 'node:path';
import { type Platform, platformsOf } from '../../attest/platforms.ts';
import type { OpenedSession } from '../../attest/sign/signed.ts';
import { requireAgreement } from '../../attest/statement/provenance.ts';
import { openSubject, type SigningSubject } from '../../attest/subject.ts';
import type { Bom } from '../../model/component.ts';
import type { Decision } from '../../model/decision.ts';
import { type Problem, SallyportError } from '../../model/error.ts';
import type { ScanReport } from '../../model/report.ts';
import { FORBIDDEN_TRIGGERS } from '../../model/trust.ts';
import { VERSION } from '../../model/version.ts';
import type { Context } from '../../platform/context.ts';
import { findRepository } from '../../platform/open-tree.ts';
import { toolEnvironment } from '../../platform/process.ts';
import { openWorktree } from '../../platform/worktree.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { likenessFor } from '../../policy/likeness/names.ts';
import { requirementsAt } from '../../policy/stages.ts';
import { RunFolder } from '../evidence.ts';
import type { GateRun } from '../run.ts';
import { subjectOf } from '../subject.ts';
import { readVexFiles } from '../vex.ts';
import { matchAdvisories } from './advisories.ts';
import { type Assembled, assemble, type Binding } from './assemble.ts';
import { readElsewhere } from './elsewhere.ts';
import { type RootSource, resourceOf } from './ground.ts';
import { type HandedOver, readHandedOver } from './handed-over.ts';
import { type ForcedPolicy, releasePolicy } from './policy.ts';
import { keepRelease } from './statements.ts';

export interface ReleaseInput {
  /** The checkout of the commit that is released. */
  root: string;
  policy: string | undefined;
  subject: string;
  /** What the artefact is called where it will be found; a name from `subject` where nothing is said. */
  resource: string | undefined;
  evidence: readonly HandedOver[];
  advisories: string | undefined;
  roots: RootSource;
  store: string | undefined;
}

/** A release that is judged: what it is about, and on what it rests. */
export interface Release {
  decision: Decision;
  subject: SigningSubject;
  platforms: readonly Platform[];
  resource: string;
  assembled: Assembled;
  /** Payload digests of what was signed elsewhere and counted. */
  elsewhere: { uri: string; sha256: string }[];
}

/**
 * Judges a release: takes the reports of this run's own stage jobs, matches the bill of materials against the advisories
 * again, evaluates, and writes what it rests on and the summary; with a session both are signed and kept beside the
 * artefact. Throws SP-EVIDENCE-*, SP-POLICY-*, SP-RELEASE-*.
 */
export async function runRelease(
  input: ReleaseInput,
  opened: OpenedSession | null,
  context: Context,
): Promise<GateRun & { places: string[] }> {
  const root = resolve(context.cwd, input.root);
  const local = context.env.GITHUB_ACTIONS !== 'true';
  const { source, at } = await sourceOf(root, context);
  requireRunner(local, opened, source.digest.gitCommit, context);
  const policy = await releasePolicy(input.policy, root, at, local, context);
  const subject = await openSubject(input.subject, input.store ?? null, context);
  const platforms = await platformsOf(subject);
  const files = await readHandedOver(input.evidence, context);
  const binding: Binding = { root, source: source.digest, run: local ? null : runOf(context.env) };
  const assembled = assemble(files, binding);
  const elsewhere = await readElsewhere(files, subject, policy, input, context);
  const matched = await matchAdvisories(
    assembled.boms.map(({ bom }) => bom),
    input.advisories,
    policy.whole.policy,
    context,
  );
  if (matched !== null && assembled.boms.length > 0) {
    assembled.reports.push(matched);
    assembled.presence.set('dependencies', { present: true, complete: true });
  }
  const folder = new RunFolder(root, context);
  await folder.prepare(root);
  const resource = input.resource ?? resourceOf(subject);
  const judged = evaluate({
    gate: 'release',
    local,
    policy: policy.whole,
    subject: {
      name: subject.name,
      digest: { sha256: subject.digest.slice('sha256:'.length) },
      uri: resource,
    },
    base: null,
    now: context.clock.now(),
    reports: [...assembled.reports, ...bomReports(assembled.boms, context.clock.now())],
    baseReports: null,
    evidence: assembled.statements,
    vex: [...(await readVexFiles(policy.whole.policy, at, context)), ...elsewhere.vex.statements],
    likeness: await likenessFor(policy.whole),
    presence: assembled.presence,
    only: null,
    gateFindings: [],
    problems: problemsOf(policy, assembled, matched !== null),
    notes: [...notesOf(assembled, matched !== null, platforms), ...elsewhere.vex.notes],
  });
  const decision: Decision = {
    ...judged,
    policy: { uri: policy.pack.uri, digest: policy.pack.digest, layers: judged.policy.layers },
  };
  const release: Release = { decision, subject, platforms, resource, assembled, elsewhere: elsewhere.pieces };
  const places = await keepRelease(release, folder, opened, context);
  return { decision, reports: assembled.reports, folder, root, places };
}

/** The commit that is released: the checkout must be exactly that. On a laptop a folder's own digest will do. */
async function sourceOf(root: string, context: Context) {
  const tools = toolEnvironment(context.env);
  const repository = await findRepository(root, context.run, tools);
  const tree = await openWorktree(root, repository?.git ?? null);
  try {
    const source = await subjectOf(tree, repository, context.env);
    const commit = source.digest.gitCommit;
    return { source, at: commit === undefined ? { root } : { root, commit } };
  } finally {
    await tree.close();
  }
}

/** What the runner and its token say must fit a release. Throws SP-RELEASE-*. */
function requireRunner(
  local: boolean,
  opened: OpenedSession | null,
  commit: string | undefined,
  { env }: Context,
): void {
  if (local) return;
  const refuse = (message: string, expected: string, found: string) =>
    new SallyportError({ code: 'SP-RELEASE-SOURCE', message, expected, found });
  if (commit === undefined || commit !== env.GITHUB_SHA)
    throw refuse(
      'the checkout is not the commit of this run',
      env.GITHUB_SHA ?? 'GITHUB_SHA',
      commit ?? 'a working tree with changes',
    );
  if (FORBIDDEN_TRIGGERS.includes(env.GITHUB_EVENT_NAME ?? ''))
    throw refuse(
      'a stranger can start this trigger',
      'push, release or workflow_dispatch',
      env.GITHUB_EVENT_NAME ?? '',
    );
  const claims = opened?.token?.claims;
  if (claims === undefined) return;
  requireAgreement(claims, env);
  if (claims.sha !== commit)
    throw refuse('the identity token is for another commit', commit, String(claims.sha));
  if (claims.ref_protected !== 'true')
    throw refuse(
      'a release is made of a protected ref',
      'ref_protected: true in the identity token',
      String(claims.ref_protected ?? 'nothing'),
    );
}

function runOf(env: Context['env']): Binding['run'] {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const attempt = Number(env.GITHUB_RUN_ATTEMPT);
  if (server === undefined || repository === undefined || run === undefined || !Number.isInteger(attempt)) {
    throw new SallyportError({
      code: 'SP-RELEASE-SOURCE',
      message: 'the runner does not say which run this is',
      expected: 'GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT',
    });
  }
  return { prefix: `${server}/${repository}/actions/runs/${run}/attempts/`, attempt };
}

/** The components of bills that were handed in by themselves are judged by the policy's rules as all others are. */
export function bomReports(boms: readonly { bom: Bom; sha256: string }[], now: Date): ScanReport[] {
  return boms.map(({ bom, sha256 }): ScanReport => {
    const files = bom.components.length;
    return {
      stage: 'dependencies',
      state: files === 0 ? 'nothing-scanned' : 'clean',
      engine: {
        name: 'sallyport-sbom',
        version: VERSION,
        publisher: 'sallyport',
        how: 'in-process',
        digest: sha256,
      },
      looked: { files, bytes: null, commits: null, rules: 0, skipped: [], complete: true },
      startedAt: now.toISOString(),
      finishedAt: now.toISOString(),
      rules: [],
      findings: [],
      problems: [],
      bom,
    };
  });
}

function problemsOf(policy: ForcedPolicy, assembled: Assembled, matched: boolean): Problem[] {
  const asked = requirementsAt(policy.whole.policy, 'release');
  const problems: Problem[] = [];
  if (asked.size === 0) {
    problems.push({
      code: 'SP-POLICY-EMPTY',
      message: 'the policy asks for no stage at this gate, so that nothing was looked at',
      place: { path: policy.whole.uri },
      expected: 'a pack to build on (extends: [baseline]), or stages under gates',
    });
  }
  if (asked.has('dependencies') && assembled.boms.length > 0 && !matched) {
    problems.push({
      code: 'SP-ADVISORIES-MISSING',
      message: 'the bill of materials was not held against any advisories: there is no database',
      expected: 'a database (--advisories DIR)',
      next: 'sallyport advisories import',
    });
  }
  return problems;
}

function notesOf(assembled: Assembled, matched: boolean, platforms: readonly Platform[]): string[] {
  return [
    ...(assembled.boms.length > 0 && !matched
      ? ['no advisories are here: the bill of materials was not matched']
      : []),
    ...(assembled.boms.length === 0 ? ['no bill of materials was handed over'] : []),
    ...(platforms.length === 0
      ? []
      : [`the index holds ${platforms.map((platform) => platform.name).join(', ')}; the summary names each`]),
  ];
}
