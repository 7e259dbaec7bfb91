import { createHash } from 'node:crypto';
import type { Bom } from '../../model/component.ts';
import { SallyportError } from '../../model/error.ts';
import { servicesOf } from '../../model/ways.ts';
import { readBounded } from '../../platform/files.ts';
import type { LockFinding } from '../../sbom/lockfiles/format.ts';
import { foreignHosts, PUBLIC_HOSTS } from '../../sbom/lockfiles/hosts.ts';
import { LOCK_LIMITS } from '../../sbom/lockfiles/limits.ts';
import { isLockfile } from '../../sbom/lockfiles/paths.ts';
import { lockRules } from '../../sbom/lockfiles/rules.ts';
import type { LockedTree } from '../../sbom/read-tree.ts';
import type { EmbeddedEngine, EngineInput, EngineOutput, Hit } from '../engine.ts';
import { lockDirections, parseLockOptions } from './options.ts';
import type { LockOptions } from './options-schema.ts';

/** What the repository locks: the bill of materials, and what is wrong with how it is locked. */
export const lockfiles: EmbeddedEngine<LockOptions> = {
  name: 'sallyport-lockfiles',
  stage: 'dependencies',
  summary: 'Lockfiles and manifests of 22 kinds: what is locked, and how',
  rules: lockRules,
  wants: isLockfile,
  byName: true,
  directions: lockDirections,
  parseOptions: parseLockOptions,
  prepare: async () =>
    await Promise.all([import('../../sbom/read-tree.ts'), import('../../model/cyclonedx/write.ts')]),
  run: async (input) => {
    const locked = await readTree(input);
    const hosts = new Set(input.options.allowedHosts ?? PUBLIC_HOSTS);
    return {
      hits: [...locked.findings, ...foreignHosts(locked.bom.components, hosts)].map(hitOf),
      looked: lookedAt(locked, lockRules.length),
      problems: locked.problems,
      bom: locked.bom,
    };
  },
};

const SHARED = 'locked';

/** What a tree locks, and what was handed in from its build; read once for the engines of one thread. Throws the errors of files. */
export async function readTree({ shared, ...input }: EngineInput<unknown>): Promise<LockedTree> {
  const before = shared?.get(SHARED) as Promise<LockedTree> | undefined;
  const reading = before ?? read(input);
  shared?.set(SHARED, reading);
  return await reading;
}

async function read({ tree, excluded, builds = [] }: EngineInput<unknown>): Promise<LockedTree> {
  const { readLocked } = await import('../../sbom/read-tree.ts');
  const outputs = await Promise.all(
    builds.map(async ({ path, file, sha256 }) => {
      const bytes = await readBounded(file, LOCK_LIMITS.bytes);
      const found = createHash('sha256').update(bytes).digest('hex');
      if (found === sha256) return { path, bytes };
      throw new SallyportError({
        code: 'SP-EVIDENCE-DIGEST',
        message: 'the output of the build is not the one that was handed over',
        place: { path: file },
        expected: `sha256:${sha256}`,
        found: `sha256:${found}`,
      });
    }),
  );
  return await readLocked(tree, { excluded, builds: outputs });
}

export function lookedAt(locked: LockedTree, rules: number): EngineOutput['looked'] {
  return {
    files: locked.files.length + locked.manifests,
    bytes: locked.bytes,
    commits: null,
    rules,
    skipped: locked.skipped,
    complete: !locked.skipped.some(({ blocking }) => blocking),
  };
}

function hitOf({ rule, message, place, context, component }: LockFinding): Hit {
  return { rule, message, places: [place], context, ...(component === undefined ? {} : { component }) };
}

/** Components that are not the services themselves. */
export function dependenciesOf(bom: Bom): Bom['components'] {
  const services = servicesOf(bom);
  return bom.components.filter(({ ref }) => !services.has(ref));
}
