import { resolve } from 'node:path';
import { z } from 'zod';
import type { Bom } from '../model/component.ts';
import { WRITE_VERSIONS, type WriteVersion } from '../model/cyclonedx/schema.ts';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import type { ReadSbom } from '../sbom/read-sbom.ts';

/** How a bill of materials is written, for the commands that write one. */
export const writeInputs = {
  format: z
    .enum(['cyclonedx', 'spdx'])
    .default('cyclonedx')
    .meta({ description: 'CycloneDX JSON, or SPDX 2.3 JSON.', placeholder: 'FORMAT' }),
  spec: z
    .enum(WRITE_VERSIONS)
    .default('1.6')
    .meta({ description: 'The version of CycloneDX.', placeholder: 'VERSION' }),
  output: z
    .string()
    .optional()
    .meta({ description: 'Where it is written, instead of stdout.', placeholder: 'FILE' }),
};

/** Reads a bill of materials from a file of the caller's. */
export async function loadSbom(file: string, context: Context): Promise<ReadSbom> {
  const { readSbom, SBOM_BYTES } = await import('../sbom/read-sbom.ts');
  return readSbom(await context.files.read(resolve(context.cwd, file), SBOM_BYTES), file);
}

/**
 * The time of a document: SOURCE_DATE_EPOCH where it is set, so that the same input gives the same bytes
 * (https://reproducible-builds.org/specs/source-date-epoch/). Throws SP-USAGE where that is no number of seconds.
 */
export function documentTime(context: Context): string {
  const stated = context.env.SOURCE_DATE_EPOCH;
  if (stated === undefined || stated === '') return seconds(context.clock.now());
  if (!/^\d{1,12}$/u.test(stated)) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'SOURCE_DATE_EPOCH is no time',
      expected: 'seconds since 1970 as a whole number',
      found: JSON.stringify(stated.slice(0, 100)),
    });
  }
  return seconds(new Date(Number(stated) * 1000));
}

function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The document in chunks, in the form that was asked for; what it cannot say is told on stderr. */
export async function rendered(
  bom: Bom,
  { format, spec }: { format: 'cyclonedx' | 'spdx'; spec: WriteVersion },
  context: Context,
  timestamp = documentTime(context),
): Promise<Iterable<string>> {
  if (format === 'spdx') {
    const { writeSpdx } = await import('../sbom/spdx-write.ts');
    const time = Date.parse(timestamp);
    return [writeSpdx(bom, { created: seconds(Number.isNaN(time) ? context.clock.now() : new Date(time)) })];
  }
  const { writeCycloneDx } = await import('../model/cyclonedx/write.ts');
  if (spec === '1.7') return writeCycloneDx(bom, { timestamp, version: spec });
  const { withoutNewMembers } = await import('../sbom/cyclonedx-versions.ts');
  const older = withoutNewMembers(bom);
  sayLost(older.lost, context);
  return writeCycloneDx(older.bom, { timestamp, version: spec });
}

/** Tells what a document said and its new form does not. */
export function sayLost(lost: readonly string[], context: Context): void {
  if (lost.length > 0) context.log.warn(`lost: ${lost.join(', ')}`);
}

export async function put(
  chunks: Iterable<string>,
  output: string | undefined,
  context: Context,
): Promise<void> {
  if (output !== undefined) await context.files.write(resolve(context.cwd, output), chunks);
  else for (const chunk of chunks) context.out(chunk);
}
