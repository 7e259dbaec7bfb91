import type { Scope } from '../../model/component.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { LOCK_LIMITS, tooMany } from './limits.ts';
import { mavenPurl } from './maven/pom.ts';
import { combined } from './scopes.ts';
import { linesOf, textOf } from './text.ts';

/** https://docs.gradle.org/current/userguide/dependency_locking.html: no graph, but the configurations of each. */
export const gradle: LockFormat = {
  name: 'gradle.lockfile',
  summary: 'Gradle: gradle.lockfile, buildscript-gradle.lockfile and gradle/dependency-locks/*.lockfile',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const builder = new LockBuilder(path, 'gradle.lockfile');
  const perConfiguration = path.includes('gradle/dependency-locks/');
  const folder = perConfiguration ? folderName(folderName(folderName(path))) : folderName(path);
  builder.root(undefined, { place: { path, line: 1 } }, folder);
  const ofBuild = fileName(path).startsWith('buildscript');
  let count = 0;
  for (const [index, written] of linesOf(textOf(source.bytes, path)).entries()) {
    const line = written.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
    const place = { path, line: index + 1 };
    if (++count > LOCK_LIMITS.entries) throw tooMany(place, 'entries', LOCK_LIMITS.entries);
    const [coordinates = '', stated = ''] = line.split('=', 2);
    const [group, name, version, more] = coordinates.split(':');
    if (group === undefined || name === undefined || version === undefined || more !== undefined) {
      builder.problem('this is no locked dependency', place, 'GROUP:NAME:VERSION=CONFIGURATIONS', line);
      continue;
    }
    const configurations = perConfiguration
      ? [fileName(path).replace(/\.lockfile$/u, '')]
      : stated.split(',');
    const scope = ofBuild ? 'development' : configurations.map(scopeOf).reduce(combined, 'unknown');
    builder.component({ purl: mavenPurl(group, name, version), place, scope });
  }
  // The root has no entry in the graph: what it needs directly is not told here.
  return builder.finish();
}

function scopeOf(configuration: string): Scope {
  const lower = configuration.toLowerCase();
  if (lower === '') return 'unknown';
  if (lower.includes('test')) return 'test';
  if (lower.includes('runtimeclasspath') || lower === 'default' || lower === 'runtime') return 'runtime';
  if (lower.includes('compileclasspath') || lower === 'compile') return 'runtime';
  return 'development';
}
