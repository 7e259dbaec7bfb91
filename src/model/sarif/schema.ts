import { isObject, type Json } from '../json/values.ts';

/** SARIF 2.1.0 as OASIS publishes it (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). */
export const SARIF_VERSION = '2.1.0';
export const SARIF_SCHEMA_URI =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What a log may hold at most. Sizes in bytes; `results` counts all runs together. */
export const SARIF_LIMITS = {
  bytes: 256 * 1024 * 1024,
  depth: 128,
  string: 16 * 1024 * 1024,
  runs: 1_000,
  results: 1_000_000,
  rules: 100_000,
  places: 1_000,
} as const;

export interface SarifRun extends Json {
  tool: Json & { driver: Json & { name: string; rules?: (Json & { id: string })[] | null } };
}

/** The fields of ours that no standard member has, in `run.properties` (docs/reference/sarif.md). */
export const RUN_PROPERTY = 'sallyport/run';
/** Where a report keeps the members of the log that it was read from. No run has a member of this name. */
export const LOG_MEMBER = '$log';
const OURS = 'sallyport/';
export const SEVERITY = 'sallyport/severity';
export const FINGERPRINT = 'sallyport/v1';
export const FINGERPRINT_FORM = /^[0-9a-f]{32}:[0-9]{1,7}$/u;

/**
 * Takes our own names out of the property bags of something that was read. They are written anew from the model;
 * what somebody else put under them, or in the place of such a bag, must not stand beside it, or win over it.
 */
export function withoutOurs(holder: Json, ...bags: string[]): void {
  for (const bag of bags) {
    const properties = holder[bag];
    if (!isObject(properties)) {
      if (properties !== undefined) delete holder[bag];
      continue;
    }
    for (const name of Object.keys(properties)) if (name.startsWith(OURS)) delete properties[name];
  }
}
