import { readFileSync } from 'node:fs';
import type { ScanReport } from '../../../src/model/report.ts';
import { type ReadSarifOptions, readSarif } from '../../../src/model/sarif/read.ts';

export const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A log with one run of the tool `name`. */
export function log(results: unknown, run: object = {}, name = 'some tool', rules: unknown[] = []): unknown {
  return { version: '2.1.0', runs: [{ tool: { driver: { name, rules } }, results, ...run }] };
}

export function read(value: unknown, options: Partial<ReadSarifOptions> = {}): ScanReport {
  const reports = readSarif(bytesOf(value), { stage: 'code', path: 'a.sarif', ...options });
  const first = reports[0];
  if (first === undefined) throw new Error('no report');
  return first;
}

export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/sarif/${name}.sarif`, import.meta.url));
}

export function at(uri: string, region?: object, rest: object = {}): object {
  return {
    physicalLocation: { artifactLocation: { uri, ...rest }, ...(region === undefined ? {} : { region }) },
  };
}

/** The code of the SallyportError that `action` throws. */
export function problem(action: () => unknown): Record<string, unknown> {
  try {
    action();
  } catch (thrown) {
    return (thrown as { problem: Record<string, unknown> }).problem;
  }
  throw new Error('nothing was thrown');
}
