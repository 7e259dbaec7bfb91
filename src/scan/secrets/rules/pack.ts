import type { Rule } from '../../../model/finding.ts';
import type { Severity } from '../../../model/severity.ts';
import ai from '../pack/ai.json' with { type: 'json' };
import cloud from '../pack/cloud.json' with { type: 'json' };
import codeHosting from '../pack/code-hosting.json' with { type: 'json' };
import data from '../pack/data.json' with { type: 'json' };
import delivery from '../pack/delivery.json' with { type: 'json' };
import general from '../pack/general.json' with { type: 'json' };
import identity from '../pack/identity.json' with { type: 'json' };
import messaging from '../pack/messaging.json' with { type: 'json' };
import monitoring from '../pack/monitoring.json' with { type: 'json' };
import payments from '../pack/payments.json' with { type: 'json' };
import registries from '../pack/registries.json' with { type: 'json' };
import saas from '../pack/saas.json' with { type: 'json' };
import type { Confidence, RuleSet, SecretRule } from './rule.ts';

/** One rule of our pack as its file states it. */
export interface PackRule {
  id: string;
  /** What it finds, for people. */
  what: string;
  severity: Severity;
  confidence?: Confidence;
  /** The pattern of the secret itself; the first group, if any, is the secret. */
  pattern?: string;
  /** Instead: names of which one stands before the value, and the value. Alternatives in RE2 syntax. */
  names?: string;
  value?: string;
  /** The group that is the secret, where it is not the first. */
  group?: number;
  /** One of these must be in the file: for patterns that hold no fixed text. */
  words?: string[];
  path?: string;
  entropy?: number;
  check?: string;
  source?: string;
  revoke?: string;
  /** Templates (test/scan/secrets/examples/template.ts) that must be found, and such that must not. */
  find: string[];
  miss: string[];
}

export interface PackVendor {
  vendor: string;
  /** Where the format is documented. */
  source: string;
  /** Where it is said how such a credential is revoked. */
  revoke: string;
  rules: PackRule[];
}

export interface PackFile {
  kind: string;
  vendors: PackVendor[];
}

export const packFiles = [
  ai,
  cloud,
  codeHosting,
  data,
  delivery,
  general,
  identity,
  messaging,
  monitoring,
  payments,
  registries,
  saas,
] as PackFile[];

/** Our rules. */
export function ownPack(): RuleSet {
  return { rules: packFiles.flatMap(rulesOf), allowlists: [] };
}

function rulesOf(file: PackFile): SecretRule[] {
  return file.vendors.flatMap((vendor) => vendor.rules.map((rule) => secretRule(rule, vendor, file.kind)));
}

function secretRule(rule: PackRule, vendor: PackVendor, kind: string): SecretRule {
  const named = rule.names !== undefined && rule.value !== undefined;
  return {
    id: rule.id,
    description: rule.what,
    severity: rule.severity,
    tags: [kind],
    regex: named ? namedPattern(rule.names ?? '', rule.value ?? '') : rule.pattern,
    path: rule.path,
    entropy: rule.entropy ?? 0,
    secretGroup: rule.group ?? 0,
    keywords: rule.words ?? [],
    allowlists: [],
    required: [],
    skipReport: false,
    trusted: true,
    confidence: rule.confidence ?? (named ? 'named' : 'token'),
    check: rule.check,
    source: rule.source ?? vendor.source,
    revoke: rule.revoke ?? vendor.revoke,
  };
}

/** What may stand between a name and its value; bounded, so that matching stays linear. */
const ASSIGNS = '[ \\t]{0,6}(?:=>|:=|[?:]?[=:,>]|\\(|[ \\t])[ \\t]{0,6}';
/** `name: X` on one line and `value: Y` on the next, as Kubernetes and its like list the environment. */
const NEXT_LINE = ',?[ \\t]{0,4}\\r?\\n[ \\t-]{0,32}["\']?value["\']?[ \\t]{0,4}[:=][ \\t]{0,4}';

/**
 * A value that is known by the name before it: `NAME = "value"`, `NAME: value`, `"NAME", "value"`,
 * `<NAME>value</NAME>`, `--NAME value`, and `name: NAME` with `value: value` below it.
 */
function namedPattern(names: string, value: string): string {
  const between = `[\\w.-]{0,24}["'\\x60\\])]{0,3}(?:${ASSIGNS}|${NEXT_LINE})["'\\x60(\\[]{0,3}`;
  return `(?i:(?:${names}))${between}(${value})(?:[^\\w+/=-]|\\z)`;
}

/** Our rules as a report describes them. */
export function reportRules(set: RuleSet): Rule[] {
  return set.rules.map((rule) => ({
    id: rule.id,
    summary: rule.description,
    why: 'Whoever reads the repository, its history or a copy of it can use this credential.',
    help: 'Revoke it first; removing it from the files does not make it secret again. Then put the new one into a secret store.',
    helpUri: rule.revoke,
    severity: rule.severity,
    tags: rule.tags,
  }));
}
