import { resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { type Json, textOf } from '../model/json/values.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { Resolved } from '../sbom/resolved.ts';

const MAX_WORKFLOW = 1024 * 1024;
/** More than GitHub takes as a predicate is not worth writing. */
const MAX_DEPENDENCIES = 50_000;

/**
 * What went into a build beside its source, for its provenance: the components of bills of materials, and the actions
 * that its workflow pins, read at the very commit of the token. What cannot be resolved is told, never guessed. Throws
 * SP-PROVENANCE-SOURCE where a checkout is named that does not hold that commit.
 */
export async function resolvedDependencies(
  { bom, checkout }: { bom: readonly string[]; checkout?: string | undefined },
  claims: Json,
  context: Context,
): Promise<Resolved[]> {
  const { resolvedComponents } = await import('../sbom/resolved.ts');
  const { loadSbom } = await import('./sbom-shared.ts');
  const found: Resolved[] = await actionsOf(checkout, claims, context);
  for (const file of bom) {
    const { resolved, without } = resolvedComponents((await loadSbom(file, context)).bom);
    for (const one of resolved) found.push(one);
    if (without > 0)
      context.log.info(
        `${visible(file)}: ${without} components have no digest, and are not in the provenance`,
      );
  }
  const byUri = new Map(found.map((one) => [one.uri, one]));
  if (byUri.size <= MAX_DEPENDENCIES) return [...byUri.values()];
  throw new SallyportError({
    code: 'SP-ATTEST-SIZE',
    message: 'too many things went into the build',
    expected: `at most ${MAX_DEPENDENCIES}`,
    found: String(byUri.size),
  });
}

async function actionsOf(checkout: string | undefined, claims: Json, context: Context): Promise<Resolved[]> {
  const [{ findRepository }, { openCommitTree }, { toolEnvironment }, { resolvedActions }] =
    await Promise.all([
      import('../platform/open-tree.ts'),
      import('../platform/commit-tree.ts'),
      import('../platform/process.ts'),
      import('../sbom/resolved.ts'),
    ]);
  const commit = textOf(claims.workflow_sha) ?? '';
  const path = /^[^/]+\/[^/]+\/([^@]+)@/u.exec(textOf(claims.workflow_ref) ?? '')?.[1] ?? '';
  const root = resolve(context.cwd, checkout ?? '.');
  const repository = await findRepository(root, context.run, toolEnvironment(context.env)).catch(
    (thrown: unknown) => {
      if (checkout !== undefined) throw thrown;
      return null;
    },
  );
  const there =
    repository !== null &&
    /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(commit) &&
    (await repository.git.maybe(['cat-file', '-e', `${commit}^{commit}`])) !== null;
  if (repository === null || !there) {
    if (checkout !== undefined) throw notThere(checkout, commit);
    context.log.info(
      'the commit of the workflow is not here (--checkout): its actions are not in the provenance',
    );
    return [];
  }
  const tree = await openCommitTree(repository.git, commit, '');
  try {
    const known = new Set(tree.entries.filter(({ kind }) => kind === 'file').map((entry) => entry.path));
    if (!known.has(path)) throw notThere(path, commit);
    const read = async (name: string) =>
      known.has(name) ? (await tree.read(name, MAX_WORKFLOW)).toString('utf8') : null;
    const server = context.env.GITHUB_SERVER_URL ?? 'https://github.com';
    const { resolved, unpinned } = await resolvedActions(path, read, server);
    if (unpinned.length > 0) {
      const names = unpinned.slice(0, 5).map(visible).join(', ');
      context.log.warn(
        `${unpinned.length} of the workflow’s actions are not pinned, and are not in the provenance: ${names}`,
      );
    }
    return resolved;
  } finally {
    await tree.close();
  }
}

function notThere(path: string, commit: string): SallyportError {
  return new SallyportError({
    code: 'SP-PROVENANCE-SOURCE',
    message: 'the workflow that the token speaks of is not in the checkout',
    place: { path },
    expected: `the commit ${commit || '(none)'} of the token’s workflow_sha`,
    next: 'check out the commit that was built, or leave --checkout out',
  });
}
