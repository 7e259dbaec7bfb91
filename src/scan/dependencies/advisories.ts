import type { AdvisoryDatabase } from '../../advisories/database.ts';
import { SallyportError } from '../../model/error.ts';
import { isLockfile } from '../../sbom/lockfiles/paths.ts';
import type { EmbeddedEngine, EngineInput, EngineOutput } from '../engine.ts';
import { lookedAt, readTree } from './lockfiles.ts';
import { type AdvisoryOptions, advisoryDirections, parseAdvisoryOptions } from './options.ts';
import { advisoryRules } from './rules.ts';

/** What the repository locks, looked up in the advisory database on this machine. */
export const advisories: EmbeddedEngine<AdvisoryOptions> = {
  name: 'sallyport-advisories',
  stage: 'dependencies',
  summary: 'Vulnerable and malicious packages, from a local copy of OSV data',
  rules: advisoryRules,
  wants: isLockfile,
  byName: true,
  directions: advisoryDirections,
  parseOptions: parseAdvisoryOptions,
  prepare: lookup,
  run,
};

/** Heavy, and needed only where there is an index. */
async function lookup() {
  const [{ matchBom }, { readSignals }, { AdvisoryDatabase }] = await Promise.all([
    import('./match.ts'),
    import('../../advisories/signals.ts'),
    import('../../advisories/database.ts'),
  ]);
  return { matchBom, readSignals, AdvisoryDatabase };
}

const NOTHING = { files: 0, bytes: 0, commits: null, rules: advisoryRules.length, skipped: [] };

async function run(input: EngineInput<AdvisoryOptions>): Promise<EngineOutput> {
  const { options, advisories: folder } = input;
  const locked = await readTree(input);
  const looked = lookedAt(locked, advisoryRules.length);
  // What cannot be read is told by the engine that judges lockfiles, and here too: nothing is known of what it locks.
  if (locked.files.length === 0 && locked.problems.length === 0)
    return {
      hits: [],
      looked: { ...NOTHING, skipped: locked.skipped, complete: looked.complete },
      problems: [],
    };
  const database = folder === undefined ? null : await opened(folder);
  if (database === null) {
    if (options.vulnerabilities === 'required') throw noDatabase(folder);
    const { code, message, next } = noDatabase(folder).problem;
    return {
      hits: [],
      looked: { ...NOTHING, complete: looked.complete },
      problems: [],
      idle: {
        code,
        message: `${message}: vulnerabilities were not looked for`,
        ...(next === undefined ? {} : { next }),
      },
    };
  }
  const { matchBom, readSignals } = await lookup();
  try {
    const matched = await matchBom(locked.bom, database, {
      accepted: options.indexDigests,
      signals: async () => await readSignals(folder ?? ''),
      askedFor: locked.askedFor,
    });
    return {
      hits: matched.hits,
      looked,
      problems: [...locked.problems, ...matched.problems],
      ...(matched.data === undefined ? {} : { data: matched.data }),
    };
  } finally {
    database.close();
  }
}

/** Null where the folder holds no index. */
async function opened(folder: string): Promise<AdvisoryDatabase | null> {
  const { AdvisoryDatabase } = await import('../../advisories/database.ts');
  const database = new AdvisoryDatabase(folder);
  if (database.isEmpty()) return null;
  return database;
}

export function noDatabase(folder: string | undefined): SallyportError {
  return new SallyportError({
    code: 'SP-ADVISORIES-MISSING',
    message: 'there is no advisory database on this machine',
    expected: 'indexes made by `sallyport advisories update` or `import`',
    ...(folder === undefined ? {} : { found: `none in ${folder}` }),
    next: 'sallyport advisories update; or import archives: sallyport advisories import SOURCE',
  });
}
