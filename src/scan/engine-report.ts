import type { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { parseJson } from '../model/json/parse.ts';

/** Of a report of another project's engine, and of what it was made from. */
export const REPORT_LIMITS = { bytes: 256 * 1024 * 1024, depth: 64, string: 16 * 1024 * 1024 } as const;

/** A report in JSON by its schema; `what` says which kind it should be. Throws SP-ENGINE-OUTPUT and SP-JSON-*. */
export function parseReport<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  engine: string,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(bytes, `${engine} output`, REPORT_LIMITS));
  if (parsed.success) return parsed.data;
  throw new SallyportError({
    code: 'SP-ENGINE-OUTPUT',
    message: `${engine} wrote something that is no report ${what}`,
    found: parsed.error.issues[0]?.path.join('.') ?? '',
  });
}
