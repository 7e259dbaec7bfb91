import type { Finding, Rule } from '../model/finding.ts';
import type { Fingerprinter } from '../model/fingerprint.ts';
import type { Place } from '../model/location.ts';
import { GATE_STAGE } from '../model/stage.ts';
import type { WaiverEntry } from './schema.ts';
import type { WaiverTrouble } from './waivers.ts';

/** What the gate finds by itself. It cannot be waived or suppressed. */
export const gateRules = {
  'tracked-run-folder': {
    id: 'tracked-run-folder',
    summary: 'Files under .sallyport/ are tracked',
    why: 'Evidence that lies in the tree could pass for evidence that a run made.',
    help: 'git rm -r --cached .sallyport, and add .sallyport/ to .gitignore',
    severity: 'high',
    tags: [],
  },
  'waiver-expired': {
    id: 'waiver-expired',
    summary: 'A waiver has expired',
    why: 'It lets nothing pass any more; what it covered counts again.',
    help: 'mend the finding and remove the waiver, or have it renewed by its owner',
    severity: 'medium',
    tags: [],
  },
  'waiver-too-long': {
    id: 'waiver-too-long',
    summary: 'A waiver reaches further ahead than the policy allows',
    why: 'A waiver without a near end is a hole in the policy; it does not count.',
    help: 'set an earlier end date',
    severity: 'medium',
    tags: [],
  },
  'waiver-unused': {
    id: 'waiver-unused',
    summary: 'A waiver matches nothing',
    why: 'It would silently cover whatever matches it next.',
    help: 'remove it',
    severity: 'low',
    tags: [],
  },
} as const satisfies Record<string, Rule>;

export type GateRule = keyof typeof gateRules;

export function gateFinding(
  rule: GateRule,
  message: string,
  place: Place,
  context: string,
  fingerprints: Fingerprinter,
): Finding {
  return {
    stage: GATE_STAGE,
    engine: 'sallyport',
    rule,
    severity: gateRules[rule].severity,
    score: null,
    message,
    places: [place],
    fingerprint: fingerprints.next({ rule, path: place.path, context }),
    suppressions: [],
    tags: [],
  };
}

export function waiverFinding({ said, trouble }: WaiverTrouble, fingerprints: Fingerprinter): Finding {
  const { value, place } = said;
  const what = waived(value);
  const message = {
    expired: `the waiver of ${value.owner} for ${what} expired on ${value.expires}`,
    'too-long': `the waiver of ${value.owner} for ${what} runs until ${value.expires}, further ahead than the policy allows`,
    unused: `the waiver of ${value.owner} for ${what} matches no finding`,
  }[trouble];
  return gateFinding(`waiver-${trouble}`, message, place, JSON.stringify(value), fingerprints);
}

/** What a waiver is for, in words. */
export function waived({ fingerprint, rule, path, component, advisory }: WaiverEntry): string {
  if (component !== undefined) return `${advisory} in ${component}`;
  return fingerprint ?? `${rule} in ${path}`;
}
