import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importAdvisories } from '../../../src/advisories/import.ts';
import { temporaryFolder } from '../../gate/support.ts';

/** Two days before the clock of `testContext`. */
export const FRESH = '2026-05-30T00:00:00Z';

const CRITICAL = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H';

function about(id: string, ecosystem: string, name: string, fixed: string, aliases: string[] = []) {
  const events = [{ introduced: '0' }, { fixed }];
  return {
    id,
    modified: FRESH,
    summary: `About ${name}`,
    aliases,
    severity: [{ type: 'CVSS_V3', score: CRITICAL }],
    affected: [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }],
  };
}

/** A database of a few advisories, for the ecosystems that are named. Returns its folder. */
export async function database(ecosystems = ['npm', 'Maven']): Promise<string> {
  const folder = temporaryFolder();
  const log4j = 'org.apache.logging.log4j:log4j-core';
  const records = [
    about('GHSA-aaaa-bbbb-cccc', 'npm', 'deep', '1.0.5', ['CVE-2026-1001']),
    about('CVE-2026-1001', 'npm', 'deep', '1.0.5'),
    about('MAL-2026-9', 'npm', 'evil', '9.9.9'),
    about('GHSA-jfh8-c2jp-5v3q', 'Maven', log4j, '2.17.1', ['CVE-2021-44228']),
  ].filter(({ affected }) => ecosystems.includes(affected[0]?.package.ecosystem ?? ''));
  const file = join(folder, 'all.ndjson');
  writeFileSync(file, records.map((record) => JSON.stringify(record)).join('\n'));
  await importAdvisories([file], join(folder, 'index'));
  return join(folder, 'index');
}

const INTEGRITY =
  'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==';

/** A service that needs `lib`, which needs `deep` in a range, and `evil`. */
export function service(versions: Record<string, string>, range = '^1.0.0'): Record<string, string> {
  const packages: Record<string, unknown> = {
    '': { name: 'shop', version: '1.0.0', dependencies: { lib: '^1.0.0' } },
  };
  for (const [name, version] of Object.entries(versions)) {
    packages[`node_modules/${name}`] = {
      version,
      resolved: `https://registry.npmjs.org/${name}/-/${name}-${version}.tgz`,
      integrity: INTEGRITY,
      ...(name === 'lib' ? { dependencies: { deep: range, evil: '*' } } : {}),
    };
  }
  const lock = { name: 'shop', version: '1.0.0', lockfileVersion: 3, packages };
  return {
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', dependencies: { lib: '^1.0.0' } }),
    'package-lock.json': JSON.stringify(lock, null, 1),
  };
}

export const GOOD = { lib: '1.0.0', deep: '1.0.5' };
export const BAD = { lib: '1.0.0', deep: '1.0.1' };
