import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { problemOf, SallyportError } from '../model/error.ts';
import type { StreamedReport } from '../model/report.ts';
import { SARIF_LIMITS } from '../model/sarif/schema.ts';
import { type Stage, stages } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import type { Files } from '../platform/files.ts';
import type { LineReader } from '../platform/line-reader.ts';
import { findRepository } from '../platform/open-tree.ts';
import { type ProcessRunner, type ToolEnvironment, toolEnvironment } from '../platform/process.ts';
import { failedHandedIn } from './handed-in-failed.ts';
import type { ScanData } from './scan.ts';

/** A report that another job made: `STAGE=FILE`, with its digest where it was handed over by one. */
export interface HandedIn {
  stage: Stage;
  file: string;
  sha256: string | null;
}

/** Reads `STAGE=FILE` or `STAGE=FILE@sha256:HEX`. Throws SP-USAGE. */
export function parseHandedIn(option: string, text: string): HandedIn {
  const match = /^([a-z]+)=(.+?)(?:@sha256:([0-9a-f]{64}))?$/su.exec(text);
  const stage = stages.find((name) => name === match?.[1]);
  if (match === null || stage === undefined) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: `--${option} ${text.slice(0, 200)}`,
      expected: `STAGE=FILE or STAGE=FILE@sha256:HEX, with STAGE one of ${stages.join(', ')}`,
    });
  }
  return { stage, file: match[2] ?? '', sha256: match[3] ?? null };
}

/** What reports are read with. */
export interface HandedInPlace {
  root: string;
  cwd: string;
  now: Date;
  lineAt: LineReader;
  files: Files;
  run: ProcessRunner;
  /** For git. */
  tools: ToolEnvironment;
  renames?: Readonly<Record<string, string>> | undefined;
}

/**
 * The reports in a SARIF file of another job: its claims, under its tool's name, about `commit`. A file that cannot be
 * used ends as a report with the state `error`, so that everything else is still looked at.
 */
export async function readHandedIn(
  handed: HandedIn,
  commit: Promise<string | null>,
  place: HandedInPlace,
): Promise<StreamedReport[]> {
  const { root, cwd, now, lineAt, files, renames } = place;
  let digest: string | undefined;
  try {
    // Mostly nothing is handed in, and nobody waits for what would read it.
    const { revisionsOf, streamSarif } = await import('../model/sarif/read.ts');
    const bytes = await files.read(resolve(cwd, handed.file), SARIF_LIMITS.bytes);
    digest = createHash('sha256').update(bytes).digest('hex');
    if (handed.sha256 === null) await refuseTracked(handed.file, root, place);
    if (handed.sha256 !== null && handed.sha256 !== digest)
      throw otherDigest(handed.file, handed.sha256, digest);
    const sha256 = digest;
    const reports = streamSarif(bytes, {
      stage: handed.stage,
      path: handed.file,
      root: resolve(root),
      lineAt,
      renames,
      sha256,
    });
    const wanted = await commit;
    return reports.map(({ head, ...report }) => {
      requireRevision(revisionsOf(head), wanted, handed.file);
      return { ...report, head: { ...head, engine: { ...head.engine, how: 'handed-in', digest: sha256 } } };
    });
  } catch (thrown) {
    return [{ head: failedHandedIn(handed, problemOf(thrown), now, digest), findings: () => [] }];
  }
}

/**
 * Outputs of a build, `FILE` or `FILE@sha256:HEX`, by their paths in the tree that is looked at. Throws
 * SP-EVIDENCE-DIGEST, SP-EVIDENCE-TRACKED and the errors of files.
 */
export async function buildOutputs(
  texts: readonly string[],
  root: string,
  context: Context,
): Promise<NonNullable<ScanData['builds']>> {
  const top = resolve(context.cwd, root);
  return await Promise.all(
    texts.map(async (text) => {
      const [, name = text, sha256 = null] = /^(.+?)(?:@sha256:([0-9a-f]{64}))?$/su.exec(text) ?? [];
      const file = resolve(context.cwd, name);
      const bytes = await context.files.read(file, SARIF_LIMITS.bytes);
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (sha256 === null)
        await refuseTracked(name, top, { ...context, tools: toolEnvironment(context.env) });
      else if (sha256 !== digest) throw otherDigest(name, sha256, digest);
      return { path: relative(top, file).split(sep).join('/'), file, sha256: digest };
    }),
  );
}

function otherDigest(path: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-EVIDENCE-DIGEST',
    message: 'the report is not the one that was handed over',
    place: { path },
    expected: `sha256:${expected}`,
    found: `sha256:${found}`,
  });
}

/**
 * Evidence that lies in the tree is never read (trust-model rule 2): where the tool did not write its report, a tracked
 * file of that name would stand in for it. With a digest it is known whose bytes they are.
 */
async function refuseTracked(
  file: string,
  root: string,
  { cwd, run, tools }: Pick<HandedInPlace, 'cwd' | 'run' | 'tools'>,
): Promise<void> {
  const path = resolve(cwd, file);
  const repository = await findRepository(root, run, tools);
  const top = await repository?.git.maybe(['rev-parse', '--show-toplevel']);
  if (repository === null || top == null) return;
  const inside = relative(top, realpathSync(path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return;
  const tracked = await repository.git.output([
    'ls-files',
    '-z',
    '--full-name',
    '--cached',
    '--',
    join(top, inside),
  ]);
  if (tracked.length === 0) return;
  throw new SallyportError({
    code: 'SP-EVIDENCE-TRACKED',
    message: 'the report is a file of the repository, not one that a tool has just written',
    place: { path: file },
    expected: 'a report that is not tracked, or its digest: STAGE=FILE@sha256:HEX',
    next: 'let the tool write outside the repository, or git rm --cached the file',
  });
}

/** Results about another revision say nothing about this one. */
function requireRevision(revisions: readonly string[], commit: string | null, file: string): void {
  for (const revision of revisions) {
    if (revision === commit) continue;
    throw new SallyportError({
      code: 'SP-SARIF-REVISION',
      message: 'the report is about another revision',
      place: { path: file },
      expected: commit ?? 'a commit (the working tree has changes that are not committed)',
      found: revision,
      next: 'run the tool on the commit that the gate looks at',
    });
  }
}
