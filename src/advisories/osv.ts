import { SallyportError } from '../model/error.ts';

/** `introduced` `0` is before every version; `limit` `*` is no limit (OSV schema, `affected[].ranges[].events`). */
export type OsvEvent =
  | { introduced: string }
  | { fixed: string }
  | { last_affected: string }
  | { limit: string };

export interface OsvRange {
  type: 'SEMVER' | 'ECOSYSTEM' | 'GIT';
  events: OsvEvent[];
}

export interface OsvSeverity {
  /** `CVSS_V3`, `CVSS_V4`, ... */
  type: string;
  /** The vector. */
  score: string;
}

/** What an advisory says of one package. */
export interface OsvAffected {
  ecosystem: string;
  name: string;
  ranges: OsvRange[];
  versions: string[];
  severity: OsvSeverity[];
}

/** The parts of an OSV record that matching and reporting need (https://ossf.github.io/osv-schema/). */
export interface OsvRecord {
  id: string;
  /** RFC 3339. */
  modified: string;
  withdrawn: boolean;
  aliases: string[];
  upstream: string[];
  summary: string;
  severity: OsvSeverity[];
  /** The database's own word for the severity, as GitHub writes it: `LOW` to `CRITICAL`. */
  rating: string | null;
  affected: OsvAffected[];
}

const MAX_ID = 256;
const MAX_NAME = 1024;
const MAX_SUMMARY = 400;
const MAX_LIST = 200_000;
const ID = /^[!-~]+$/u;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,12})?Z$/u;

/** Reads one record. `place` is where it stands, for the error. Throws SP-OSV-INVALID. */
export function parseOsv(content: Uint8Array, place: string): OsvRecord {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw invalid(place, 'JSON in UTF-8', undefined, cause);
  }
  const record = objectOf(value, place, 'an OSV record');
  const id = textOf(record.id, place, 'id', MAX_ID);
  if (!ID.test(id)) throw invalid(place, 'id of printable ASCII without spaces', id);
  const modified = textOf(record.modified, place, 'modified', 40);
  if (!TIME.test(modified)) throw invalid(place, 'modified as an RFC 3339 time in UTC', modified);
  const specific = isObject(record.database_specific) ? record.database_specific : {};
  return {
    id,
    modified,
    withdrawn: record.withdrawn !== undefined && record.withdrawn !== null,
    aliases: textsOf(record.aliases, place, 'aliases', MAX_ID),
    upstream: textsOf(record.upstream, place, 'upstream', MAX_ID),
    summary: summaryOf(record),
    severity: severityOf(record.severity, place),
    rating: typeof specific.severity === 'string' ? specific.severity.slice(0, 20) : null,
    affected: listOf(record.affected, place, 'affected').flatMap((one) => affectedOf(one, place)),
  };
}

function summaryOf(record: Record<string, unknown>): string {
  const text = typeof record.summary === 'string' && record.summary !== '' ? record.summary : record.details;
  return typeof text === 'string' ? (text.trim().split('\n', 1)[0] ?? '').slice(0, MAX_SUMMARY) : '';
}

/** An entry without a package speaks of a repository's commits only and concerns no component. */
function affectedOf(value: unknown, place: string): OsvAffected[] {
  const entry = objectOf(value, place, 'affected');
  if (entry.package === undefined || entry.package === null) return [];
  const named = objectOf(entry.package, place, 'affected.package');
  return [
    {
      ecosystem: textOf(named.ecosystem, place, 'affected.package.ecosystem', MAX_NAME),
      name: textOf(named.name, place, 'affected.package.name', MAX_NAME),
      ranges: listOf(entry.ranges, place, 'affected.ranges').map((one) => rangeOf(one, place)),
      versions: textsOf(entry.versions, place, 'affected.versions', MAX_NAME),
      severity: severityOf(entry.severity, place),
    },
  ];
}

function rangeOf(value: unknown, place: string): OsvRange {
  const range = objectOf(value, place, 'affected.ranges');
  const { type } = range;
  if (type !== 'SEMVER' && type !== 'ECOSYSTEM' && type !== 'GIT') {
    throw invalid(place, 'a range of type SEMVER, ECOSYSTEM or GIT', type);
  }
  return {
    type,
    events: listOf(range.events, place, 'affected.ranges.events').map((one) => eventOf(one, place)),
  };
}

function eventOf(value: unknown, place: string): OsvEvent {
  const event = objectOf(value, place, 'affected.ranges.events');
  const keys = (['introduced', 'fixed', 'last_affected', 'limit'] as const).filter(
    (key) => event[key] !== undefined,
  );
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw invalid(
      place,
      'one of introduced, fixed, last_affected and limit in each event',
      Object.keys(event).join(', '),
    );
  }
  return { [key]: textOf(event[key], place, `affected.ranges.events.${key}`, MAX_NAME) } as OsvEvent;
}

function severityOf(value: unknown, place: string): OsvSeverity[] {
  return listOf(value, place, 'severity').map((one) => {
    const severity = objectOf(one, place, 'severity');
    return {
      type: textOf(severity.type, place, 'severity.type', MAX_ID),
      score: textOf(severity.score, place, 'severity.score', MAX_NAME),
    };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown, place: string, what: string): Record<string, unknown> {
  if (!isObject(value)) throw invalid(place, `${what} as an object`, value);
  return value;
}

/** A list; nothing counts as an empty one. */
function listOf(value: unknown, place: string, what: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_LIST)
    throw invalid(place, `${what} as a list of at most ${MAX_LIST}`, value);
  return value;
}

function textOf(value: unknown, place: string, what: string, limit: number): string {
  if (typeof value !== 'string' || value === '' || value.length > limit || value.includes('\u0000')) {
    throw invalid(place, `${what} as text of 1 to ${limit} characters`, value);
  }
  return value;
}

function textsOf(value: unknown, place: string, what: string, limit: number): string[] {
  return listOf(value, place, what).map((one) => textOf(one, place, what, limit));
}

function invalid(place: string, expected: string, found?: unknown, cause?: unknown): SallyportError {
  return new SallyportError(
    {
      code: 'SP-OSV-INVALID',
      message: 'not a readable OSV record',
      expected,
      ...(found === undefined ? {} : { found: (JSON.stringify(found) ?? String(found)).slice(0, 120) }),
      place: { path: place },
      next: 'fetch the advisories again; if it stays, tell their publisher',
    },
    { cause },
  );
}
