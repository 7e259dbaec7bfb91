import type { Component } from '../model/component.ts';
import type { Gate } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import type { TestResult } from '../model/evidence.ts';
import type { Finding, Rule } from '../model/finding.ts';
import { isObject, objectsOf, textOf } from '../model/json/values.ts';
import type { ScanReport } from '../model/report.ts';
import { ruleFor } from '../model/sarif/rules.ts';
import type { Likeness } from './likeness/likeness.ts';
import type { RuleSubject } from './schema.ts';

/** The CEL types that a field can have; `nullable` ones are null where the value is unknown. */
export type FactType = 'string' | 'int' | 'double' | 'bool' | 'list<string>';
export interface FactField {
  type: FactType;
  nullable: boolean;
  description: string;
}
type Fields = Record<string, FactField>;

const field = (type: FactType, description: string): FactField => ({ type, nullable: false, description });
const maybe = (type: FactType, description: string): FactField => ({ type, nullable: true, description });

/** What a condition can read: every field is always there. The reference is generated from this. */
export const factFields: Record<RuleSubject | 'gate', Fields> = {
  finding: {
    stage: field('string', 'The stage that found it; `gate` for what the gate itself found.'),
    engine: field('string', 'The engine that found it.'),
    rule: field('string', 'The id of the engine’s rule.'),
    severity: field('string', '`critical`, `high`, `medium`, `low` or `info`.'),
    score: maybe('double', '0 to 10 as in CVSS, where the engine gives one.'),
    message: field('string', 'What the engine says.'),
    path: maybe('string', 'The file, relative to the root.'),
    line: maybe('int', 'The line, from 1.'),
    introduced: maybe('bool', 'Brought by the change; null where there is no base to compare with.'),
    tags: field(
      'list<string>',
      'The tags of the finding and of its rule; weaknesses as `CWE-79` too, however the engine writes them.',
    ),
    component: maybe('string', 'The purl of the component it is about.'),
    vulnerability: maybe(
      'string',
      'The vulnerability or malicious package that it is of, as it is called here.',
    ),
    aliases: field('list<string>', 'Its other names: CVE, GHSA, those of the ecosystem’s own database.'),
    fixedVersion: maybe('string', 'The nearest version of the component that fixes it.'),
    epss: maybe('double', 'The probability that it is exploited within thirty days (EPSS), 0 to 1.'),
    exploited: maybe('bool', 'Known to be exploited (CISA KEV).'),
    fixable: field('bool', 'The engine offers a fix.'),
    fingerprint: field('string', 'As reports show it.'),
    verification: maybe(
      'string',
      '`verified`, `invalid` or `unknown` where credentials were tried out (`scan secrets --verify`).',
    ),
  },
  component: {
    ref: field('string', 'Its id in the bill of materials.'),
    type: field('string', 'CycloneDX type: `library`, `container`, ...'),
    purl: maybe('string', 'Package URL.'),
    group: maybe('string', 'Namespace: a Maven group, an npm scope.'),
    name: field('string', 'Its name.'),
    version: maybe('string', 'Its version.'),
    licenses: field('list<string>', 'Licence expressions or names; empty where none is known.'),
    scope: field('string', '`runtime`, `development`, `optional`, `test` or `unknown`.'),
    direct: maybe('bool', 'Named by the service itself.'),
    depth: maybe('int', 'Steps from the service on the shortest way; 1 for what it names itself.'),
    hosts: field('list<string>', 'Hosts that it is fetched from, where the lockfile says so.'),
    hashes: field('list<string>', 'Digests that the lockfile pins it to, as `SHA-256:hex`.'),
    installScripts: maybe('bool', 'Runs a program of its own when it is installed.'),
    deprecated: maybe('bool', 'Its authors call it deprecated.'),
    ageDays: maybe(
      'double',
      'Days since it was released, where the lockfile says so (uv, pnpm, Composer; of Go pseudo-versions since the commit).',
    ),
    resembles: maybe(
      'string',
      'The well-known package of its registry that its name could be taken for, where it is none itself (npm, PyPI, Go, RubyGems).',
    ),
    unresolved: field('bool', 'Its version, or what it needs, could not be told from the repository.'),
    path: maybe('string', 'Where it is declared.'),
    stage: field('string', 'The stage whose bill of materials names it.'),
  },
  run: {
    stage: field('string', 'The stage.'),
    engine: field('string', 'The engine.'),
    publisher: field('string', '`sallyport` for embedded engines.'),
    version: field('string', 'The engine’s version.'),
    how: field('string', '`in-process`, `process` or `handed-in`.'),
    state: field('string', '`clean`, `findings`, `error` or `nothing-scanned`.'),
    findings: field('int', 'How many findings.'),
    files: maybe('int', 'How many files it looked at.'),
    bytes: maybe('int', 'How many bytes it looked at.'),
    rules: maybe('int', 'How many rules it had.'),
    complete: field('bool', 'The walk reached everything.'),
    dataAgeDays: maybe('double', 'Age of its data in days.'),
  },
  statement: {
    predicateType: field('string', 'The predicate type of the evidence.'),
    stage: field('string', 'The stage that it is about.'),
    result: field('string', '`PASSED`, `WARNED` or `FAILED`, as its producer says.'),
    producer: field('string', '`in-process`, `same-run` or `unsigned`.'),
    engines: field('list<string>', 'The engines behind it.'),
  },
  gate: {
    name: field('string', 'The gate that decides.'),
    local: field('bool', 'On a laptop.'),
  },
};

export type Facts = Record<string, string | bigint | number | boolean | null | string[]>;

const int = (value: number | null | undefined): bigint | null =>
  value == null ? null : BigInt(Math.trunc(value));

const MAX_TAGS = 1000;
/** `CWE-798`, `CWE-798: Use of Hard-coded Credentials` (semgrep), `external/cwe/cwe-079` (CodeQL). */
const CWE = /^(?:external\/cwe\/)?cwe-0*([0-9]{1,6})(?![0-9])/iu;

/** Weaknesses first and in one form, so that a condition finds them whoever wrote them and however many tags there are. */
function tagFacts(tags: readonly string[]): string[] {
  const weaknesses = tags.flatMap((tag) => CWE.exec(tag)?.[1] ?? []).map((number) => `CWE-${number}`);
  return [...new Set([...weaknesses, ...tags])].slice(0, MAX_TAGS);
}

/** The tags of a rule by its id: most tools say what a finding is about there and not at each finding. */
export function ruleTags(rules: readonly Rule[]): (finding: Finding) => string[] {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  const alone = new Map<string, string[]>();
  return ({ rule, tags }) => {
    if (tags.length > 0) return tagFacts([...tags, ...(ruleFor(known, rule)?.tags ?? [])]);
    let facts = alone.get(rule);
    if (facts === undefined) {
      facts = tagFacts(ruleFor(known, rule)?.tags ?? []);
      alone.set(rule, facts);
    }
    return facts;
  };
}

/** `tags` are those of the finding and its rule, by `ruleTags`. */
export function findingFacts(finding: Finding, introduced: boolean | null, tags: string[]): Facts {
  const place = finding.places[0];
  return {
    stage: finding.stage,
    engine: finding.engine,
    rule: finding.rule,
    severity: finding.severity,
    score: finding.score,
    message: finding.message,
    path: place?.path ?? null,
    line: int(place?.line),
    introduced,
    tags,
    component: finding.component ?? null,
    vulnerability: finding.advisory?.id ?? null,
    aliases: (finding.advisory?.aliases ?? []).slice(0, MAX_TAGS),
    fixedVersion: finding.advisory?.fixed ?? null,
    epss: finding.advisory?.epss ?? null,
    exploited: finding.advisory?.exploited ?? null,
    fixable: finding.fix !== undefined,
    fingerprint: finding.fingerprint,
    verification: finding.verification ?? null,
  };
}

/** `likeness`: null where no condition asks for it. */
export function componentFacts(
  component: Component,
  stage: string,
  depth: number | null,
  likeness: Likeness | null,
  now: Date,
): Facts {
  return {
    ref: component.ref,
    type: component.type,
    purl: component.purl ?? null,
    group: component.group ?? null,
    name: component.name,
    version: component.version ?? null,
    licenses: component.licenses.slice(0, 100),
    scope: component.scope,
    direct: component.direct,
    depth: int(depth),
    hosts: sourceHosts(component),
    hashes: component.hashes.slice(0, 100).map(({ algorithm, content }) => `${algorithm}:${content}`),
    installScripts: component.installScripts ?? null,
    deprecated: component.deprecated ?? null,
    ageDays: daysSince(component.released, now),
    // Worked out where a condition reads it: most policies never do.
    get resembles(): string | null {
      if (likeness === null) throw withoutNames();
      return likeness.of(component);
    },
    unresolved: component.unresolved !== undefined,
    path: component.places[0]?.path ?? null,
    stage,
  };
}

function withoutNames(): SallyportError {
  return new SallyportError({
    code: 'SP-CONDITION-FAILED',
    message: 'a condition asks what a name is like, and the well-known names were not loaded',
  });
}

/** Null where nothing says when, or says something that is no time; below 0 for one that is yet to come. */
function daysSince(time: string | undefined, now: Date): number | null {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? null : (now.getTime() - at) / 86_400_000;
}

/** The hosts of the addresses that a component is fetched from (CycloneDX `externalReferences`). */
function sourceHosts({ rest }: Component): string[] {
  const references = isObject(rest) ? objectsOf(rest.externalReferences) : [];
  const hosts = references
    .filter(({ type }) => type === 'distribution' || type === 'vcs')
    .flatMap(({ url }) => hostsOf(textOf(url) ?? ''));
  return [...new Set(hosts.map((host) => host.toLowerCase()))].slice(0, 100);
}

/**
 * Programs do not agree on `https://one.example\\@other.example/`: Git asks the one behind `@` (RFC 3986), npm the one
 * before the backslash (the URL standard). Whichever it is, it is told.
 */
function hostsOf(url: string): string[] {
  const named = /^[a-z+]+:\/\/(?:[^@/?#]*@)?(\[[^\]/?#]*\]|[^/?#:]+)/iu.exec(url)?.[1];
  const asked = URL.parse(url.replace(/^git\+/iu, ''))?.hostname;
  return [named ?? '', asked ?? ''].filter((host) => host !== '');
}

export function runFacts(report: ScanReport, now: Date): Facts {
  const { engine, looked } = report;
  return {
    stage: report.stage,
    engine: engine.name,
    publisher: engine.publisher,
    version: engine.version,
    how: engine.how,
    state: report.state,
    findings: BigInt(report.findings.length),
    files: int(looked.files),
    bytes: int(looked.bytes),
    rules: int(looked.rules),
    complete: looked.complete,
    dataAgeDays: dataAgeDays(report, now),
  };
}

/** Null where the engine has no data of its own, or says a time that cannot be read. */
export function dataAgeDays(report: ScanReport, now: Date): number | null {
  if (report.engine.data === undefined) return null;
  const updated = Date.parse(report.engine.data.updated);
  return Number.isNaN(updated) ? null : (now.getTime() - updated) / 86_400_000;
}

export function statementFacts(predicateType: string, stage: string, predicate: TestResult): Facts {
  return {
    predicateType,
    stage,
    result: predicate.result,
    producer: predicate.sallyport_producer.kind,
    engines: predicate.sallyport_producer.engines.map((engine) => engine.name),
  };
}

export function gateFacts(name: Gate, local: boolean): Facts {
  return { name, local };
}
