import {
  type Advisory,
  type Edit,
  type Finding,
  type Fix,
  type Suppression,
  verifications,
} from '../finding.ts';
import { maskContext } from '../fingerprint.ts';
import { isObject, type Json, objectsOf, stringsOf, textOf } from '../json/values.ts';
import type { Place } from '../location.ts';
import type { FindingStage } from '../stage.ts';
import { readMessage } from './message.ts';
import type { PlaceReader } from './places.ts';
import { maskRegion, mayHoldSecret, redactResult } from './redact.ts';
import type { RuleBook } from './rules.ts';
import { FINGERPRINT, FINGERPRINT_FORM, SARIF_LIMITS } from './schema.ts';
import { ownSeverity, securitySeverity, severityOf } from './severity.ts';
import type { SarifTool } from './tools/tool.ts';

/** More names than any vulnerability has. */
const MAX_ALIASES = 100;

export interface ResultContext {
  stage: FindingStage;
  engine: string;
  /** We wrote this file ourselves: what stands under our own names in it may be believed. */
  own: boolean;
  tool: SarifTool;
  driver: Json;
  book: RuleBook;
  places: PlaceReader;
  overrides: ReadonlyMap<string, Json>;
  lineAt: ((path: string, line: number) => string | undefined) | undefined;
}

/** A result as the model has it. */
export interface ReadResult {
  /** Its fingerprint is empty where it brings none that counts. */
  finding: Finding;
  /** The result as it is kept: redacted. */
  kept: Json;
  /** What its fingerprint is made of where it brings none that counts. */
  context(): string | undefined;
}

/**
 * Whether a result says that something was found. `pass`, `notApplicable` and `informational` say that it was not,
 * and `baselineState: absent` that it is gone; but not if the result states a level all the same, which only `fail`
 * may have (SARIF 2.1.0, section 3.27.10). `open` and `review` wait for somebody, so they count.
 */
export function isFinding(result: Json): boolean {
  const { kind, level, baselineState } = result;
  if (baselineState === 'absent') return false;
  const states = typeof level === 'string' && level !== 'none';
  return states || !(kind === 'pass' || kind === 'notApplicable' || kind === 'informational');
}

/** Reads one result for which `isFinding` holds. Nothing in it that is malformed makes it go away. */
export function readResult(raw: Json, context: ResultContext): ReadResult {
  const { stage, engine, own, tool, driver, book, places, lineAt } = context;
  const { id: rule, descriptor } = book.find(raw);
  const locations = objectsOf(raw.locations);
  const where: Place[] = [];
  for (const location of locations.slice(0, SARIF_LIMITS.places)) {
    const place = places.place(location.physicalLocation);
    if (place !== undefined) where.push(place);
  }
  // What we wrote ourselves holds none any more.
  const secret = !own && mayHoldSecret(stage, raw, descriptor);
  const snippet = snippetOf(locations[0]);
  const result = secret ? redactResult(raw) : raw;
  const message = readMessage(result.message, { rule: descriptor, driver }) ?? ruleText(descriptor) ?? rule;

  const properties = isObject(result.properties) ? result.properties : {};
  const judged = severityOf(tool, result, descriptor, context.overrides.get(rule));
  const severity = (own ? ownSeverity(result) : undefined) ?? judged.severity;
  const score = own && ownSeverity(result) !== undefined ? (securitySeverity(result) ?? null) : judged.score;
  const trusted = own ? trustedFingerprint(result) : undefined;
  const first = where[0];
  const help = textOf(properties['sallyport/help']);
  const component = textOf(properties['sallyport/component']);
  const advisory = readAdvisory(properties['sallyport/advisory']);

  const finding: Finding = {
    stage,
    engine,
    rule,
    severity,
    score,
    message,
    places: where,
    help,
    fix: readFix(result.fixes, places, own),
    fingerprint: trusted ?? '',
    suppressions: readSuppressions(result.suppressions, places),
    component: component?.startsWith('pkg:') ? component : undefined,
    ...(advisory === undefined ? {} : { advisory }),
    tags: tagsOf(properties, result),
    ...(own ? verificationOf(properties) : {}),
    source: undefined,
  };

  const about = (): string | undefined => {
    if (trusted !== undefined) return undefined;
    const line = first?.line === undefined ? undefined : lineAt?.(first.path, first.line);
    if (!secret) return maskContext(line ?? snippet ?? message);
    return line === undefined ? '' : maskRegion(line, first?.column, sameLineEnd(first));
  };
  return { finding, kept: result, context: about };
}

/** What another run of ours said of a vulnerability; undefined where it is not of that shape. */
function readAdvisory(value: unknown): Advisory | undefined {
  if (!isObject(value)) return undefined;
  const { id, fixed, epss, exploited } = value;
  const isWhole =
    typeof id === 'string' &&
    (fixed === null || typeof fixed === 'string') &&
    (epss === null || (typeof epss === 'number' && epss >= 0 && epss <= 1)) &&
    (exploited === null || typeof exploited === 'boolean');
  if (!isWhole) return undefined;
  return {
    id,
    aliases: stringsOf(value.aliases).slice(0, MAX_ALIASES),
    fixed,
    vectors: stringsOf(value.vectors).slice(0, MAX_ALIASES),
    epss,
    exploited,
  };
}

function verificationOf(properties: Json): Pick<Finding, 'verification'> {
  const verification = verifications.find((known) => known === properties['sallyport/verification']);
  return verification === undefined ? {} : { verification };
}

function sameLineEnd(place: Finding['places'][number] | undefined): number | undefined {
  return place?.endLine === undefined || place.endLine === place.line ? place?.endColumn : undefined;
}

function snippetOf(location: Json | undefined): string | undefined {
  const physical = location?.physicalLocation;
  const region = isObject(physical) ? physical.region : undefined;
  const snippet = isObject(region) ? region.snippet : undefined;
  return isObject(snippet) ? textOf(snippet.text) : undefined;
}

function ruleText(descriptor: Json | undefined): string | undefined {
  for (const name of ['shortDescription', 'fullDescription']) {
    const value = descriptor?.[name];
    const text = isObject(value) ? textOf(value.text) : undefined;
    if (text !== undefined) return text;
  }
  return textOf(descriptor?.name);
}

function trustedFingerprint(result: Json): string | undefined {
  const prints = result.partialFingerprints;
  const value = isObject(prints) ? prints[FINGERPRINT] : undefined;
  return typeof value === 'string' && FINGERPRINT_FORM.test(value) ? value : undefined;
}

/** The result's own tags, and `CWE-<n>` for every CWE in its taxa. */
function tagsOf(properties: Json, result: Json): string[] {
  const tags = stringsOf(properties.tags);
  for (const taxon of objectsOf(result.taxa)) {
    const component = taxon.toolComponent;
    const id = textOf(taxon.id);
    if (id === undefined || !isObject(component) || component.name !== 'CWE') continue;
    const tag = /^cwe-/iu.test(id) ? id.toUpperCase() : `CWE-${id}`;
    if (!tags.includes(tag)) tags.push(tag);
  }
  return tags;
}

/**
 * The requests to let the result pass. One that is rejected or still under review means that the result is not
 * suppressed, whatever the others say (SARIF 2.1.0, section 3.27.23).
 */
function readSuppressions(value: unknown, places: PlaceReader): Suppression[] {
  const all = objectsOf(value);
  if (all.some(({ status }) => status !== undefined && status !== null && status !== 'accepted')) return [];
  return all.map((entry) => {
    const location = entry.location;
    const place = isObject(location) ? places.place(location.physicalLocation) : undefined;
    return {
      kind: entry.kind === 'inSource' ? 'inSource' : 'external',
      justification: textOf(entry.justification) ?? '',
      ...(place === undefined ? {} : { place }),
    };
  });
}

/** The first fix of which every change has a complete place below the root. */
function readFix(value: unknown, places: PlaceReader, own: boolean): Fix | undefined {
  for (const fix of objectsOf(value)) {
    const edits: Edit[] = [];
    let complete = true;
    for (const change of objectsOf(fix.artifactChanges)) {
      for (const replacement of objectsOf(change.replacements)) {
        const place = places.place({
          artifactLocation: change.artifactLocation,
          region: replacement.deletedRegion,
        });
        const inserted = replacement.insertedContent;
        const text = isObject(inserted) ? inserted.text : '';
        if (place?.line === undefined || place.endColumn === undefined || typeof text !== 'string') {
          complete = false;
          continue;
        }
        const { path, line, column = 1, endLine = line, endColumn } = place;
        edits.push({ place: { path, line, column, endLine, endColumn }, text });
      }
    }
    if (!complete || edits.length === 0) continue;
    const description = readMessage(fix.description, { rule: undefined, driver: {} }) ?? '';
    const properties = fix.properties;
    // Only we ourselves can say that a fix is safe to apply unseen.
    const safe = own && isObject(properties) && properties['sallyport/safe'] === true;
    return { description, edits, safe };
  }
  return undefined;
}
