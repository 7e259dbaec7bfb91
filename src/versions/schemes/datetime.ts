import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface Instant {
  /** Seconds since 1970, leap seconds counted into the next minute. */
  seconds: Integer;
  /** Digits after the point without ending zeros. */
  fraction: string;
}

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/u;

/** Points in time by RFC 3339, section 5.6, compared as instants (vers types, `datetime`). */
export const datetime = defineScheme<Instant>({
  name: 'datetime',
  expected: 'a date and time with an offset, such as 2024-01-01T00:00:00Z (RFC 3339, 5.6)',
  read: readInstant,
  compare: (a, b) => compareIntegers(a.seconds, b.seconds) || compareText(a.fraction, b.fraction),
  nativeRange: readPlainRange,
});

function readInstant(text: string): Instant | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  if (hour === undefined || minute === undefined || second === undefined) return null;
  const offsetHours = Number(match[9] ?? 0);
  const offsetMinutes = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have rolls over.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offset = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? -60 : 60);
  return {
    seconds: date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset,
    fraction: (match[7] ?? '').replace(/0+$/u, ''),
  };
}
