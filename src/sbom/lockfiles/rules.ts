import type { Rule } from '../../model/finding.ts';
import type { LockRuleId } from './format.ts';

/** What reading manifests and lockfiles can find. */
export const lockRules: readonly (Rule & { id: LockRuleId })[] = [
  {
    id: 'lockfile-missing',
    summary: 'A manifest has no lockfile.',
    why: 'Every build resolves its dependencies anew: what was reviewed and scanned is not what is built.',
    help: 'Make the lockfile with the package manager and commit it.',
    severity: 'medium',
    tags: ['dependencies'],
  },
  {
    id: 'lockfile-without-integrity',
    summary: 'A lockfile has no digest of anything.',
    why: 'A registry or a proxy on the way can hand out other content under the same versions.',
    help: 'Make the lockfile again with a package manager that writes digests (npm 5.1, pip --require-hashes, ...).',
    severity: 'medium',
    tags: ['dependencies'],
  },
  {
    id: 'lock-entry-without-integrity',
    summary: 'A locked dependency has no digest.',
    why: 'A registry or a proxy on the way can hand out other content under the same version.',
    help: 'Make the lockfile again with a package manager that writes digests (npm 5.1, pip --require-hashes, ...).',
    severity: 'medium',
    tags: ['dependencies'],
  },
  {
    id: 'lock-entry-foreign-host',
    summary: 'A locked dependency comes from a host that the policy does not list.',
    why: 'A changed address in a lockfile is hard to see in review and brings foreign code.',
    help: 'Take the package from a registry that the policy lists, or list the host.',
    severity: 'high',
    tags: ['dependencies'],
  },
  {
    id: 'lock-entry-unresolved',
    summary: 'The version of a dependency cannot be told from the repository.',
    why: 'What has no version cannot be matched with advisories: nothing is known of it.',
    help: 'Lock exact versions, or add the output of `mvn dependency:tree -DoutputType=json` or of the CycloneDX plug-in to the build.',
    severity: 'low',
    tags: ['dependencies'],
  },
  {
    id: 'action-not-pinned',
    summary: 'A workflow uses an action by a name that can be moved.',
    why: 'Whoever can move the tag or branch runs code in the job, with its token and secrets.',
    help: 'Name the full commit, with the version in a comment.',
    severity: 'medium',
    tags: ['dependencies', 'workflows'],
  },
];
