import { z } from 'zod';

export const text = (max: number) => z.string().min(1).max(max);

export const identifier = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/u, 'expected lower-case letters, digits and hyphens, at most 63');

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const DURATION = /^([1-9][0-9]{0,6})(ms|s|m|h)$/u;

/** `500ms`, `10s`, `5m`, `2h`; milliseconds once read. */
export const duration = z
  .string()
  .regex(DURATION, 'expected a duration such as 500ms, 10s, 5m or 2h')
  .transform((value) => {
    const [, count, unit] = DURATION.exec(value) ?? [];
    return Number(count) * (UNITS[unit ?? ''] ?? 0);
  });

/** A probability strictly between 0 and 1. */
export const probability = z.number().gt(0, 'expected a number above 0').lt(1, 'expected a number below 1');

export const url = z
  .string()
  .max(2000)
  .regex(
    /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/u,
    'expected http(s)://HOST[:PORT][/PATH] without a user or a query',
  );

/** The name of an environment variable: secrets are named in the plan, never written into it. */
export const variable = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/u, 'expected the name of an environment variable');
