import type { Rule } from '../../model/finding.ts';

/** What looking components up in the advisory database can find. */
export const advisoryRules = [
  {
    id: 'malicious-package',
    summary: 'A dependency is known to be malicious.',
    why: 'It was published to do harm: it may already have run where it was installed.',
    help: 'Remove it, and treat every secret that it could read on machines that installed it as stolen.',
    severity: 'critical',
    tags: ['dependencies', 'CWE-506'],
  },
  {
    id: 'vulnerable-dependency',
    summary: 'A dependency has a known vulnerability.',
    why: 'How to attack it is public.',
    help: 'Update to the version that fixes it; where there is none, replace it, or say by VEX why it cannot be reached.',
    severity: 'medium',
    tags: ['dependencies', 'CWE-1395'],
  },
  {
    id: 'vulnerability-undecided',
    summary: 'It cannot be told whether a vulnerability concerns a dependency.',
    why: 'Its version, or the advisory’s range, cannot be read: nothing says that it is safe.',
    help: 'Lock an exact version of the registry, or look the advisory up and waive it with the reason.',
    severity: 'medium',
    tags: ['dependencies'],
  },
] as const satisfies readonly Rule[];
