import { resolve } from 'node:path';
import { advisoriesFolder } from '../advisories/folder.ts';
import type { Context } from '../platform/context.ts';

export function databaseFolder(given: string | undefined, context: Pick<Context, 'cwd' | 'env'>): string {
  return given === undefined ? advisoriesFolder(context.env) : resolve(context.cwd, given);
}

/** Days since the newest change that a database knows of; null where it cannot be told. */
export function ageInDays(asOf: string, now: Date): number | null {
  const time = Date.parse(asOf);
  return Number.isNaN(time) ? null : (now.getTime() - time) / 86_400_000;
}

/** Says that records were imported which no component will ever match. */
export function tellUnpackaged({ unpackaged }: { unpackaged: number }, { log }: Pick<Context, 'log'>): void {
  if (unpackaged > 0)
    log.info(`${unpackaged} of them name no package, only commits of a repository: they match nothing`);
}
