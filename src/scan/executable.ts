import { createHash } from 'node:crypto';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { ToolEnvironment } from '../platform/process.ts';
import type { ProcessEngine, ProcessWorld } from './process-engine.ts';

const VERSION_TIMEOUT = 30_000;

/** Finds the executable, holds it against the lock and asks for its version. Throws SP-ENGINE-MISSING, SP-ENGINE-LOCK. */
export async function identify(
  engine: ProcessEngine,
  world: Pick<ProcessWorld, 'run' | 'tools' | 'lock'>,
  folder: string,
): Promise<{ path: string; version: string; digest: string }> {
  const path = onPath(engine.binary, world.tools.PATH);
  if (path === null) {
    throw new SallyportError({
      code: 'SP-ENGINE-MISSING',
      message: `${engine.name} is not installed`,
      expected: `${engine.binary} on the PATH`,
      next: `${engine.homepage}; or run it elsewhere and hand its results in: --sarif ${engine.stage}=FILE`,
    });
  }
  const program = await readFile(path);
  const digest = createHash('sha256').update(program).digest('hex');
  if (world.lock !== undefined && !world.lock.includes(digest)) {
    throw new SallyportError({
      code: 'SP-ENGINE-LOCK',
      message: `${engine.name} is not the executable that the policy accepts`,
      place: { path },
      expected: `sha256 ${world.lock.join(' or ')}`,
      found: digest,
      next: 'install the accepted version, or have the policy’s owner accept this one under engines',
    });
  }
  const outcome = await world.run({
    file: path,
    args: engine.versionArgs,
    cwd: folder,
    env: engineEnvironment(world.tools, folder, engine.env),
    timeout: VERSION_TIMEOUT,
    maxOutput: 1024 * 1024,
  });
  const version =
    versionIn(outcome.stdout.toString('utf8')) ??
    // Some write it to the other stream.
    versionIn(outcome.stdout.length === 0 ? outcome.stderr : '') ??
    moduleVersion(program, engine.goModule);
  if (outcome.code !== 0 || version === undefined) {
    throw new SallyportError({
      code: 'SP-ENGINE-VERSION',
      message: `${engine.name} does not tell its version`,
      found: outcome.ended === 'exit' ? `exit ${outcome.code ?? outcome.signal}` : outcome.ended,
    });
  }
  return { path, version, digest };
}

function versionIn(text: string): string | undefined {
  return /\d+\.\d+(?:\.\d+)?[\w.+-]*/u.exec(text)?.[0];
}

/** The version of its main module that every program in Go holds (runtime/debug.BuildInfo): `mod PATH VERSION`. */
function moduleVersion(program: Buffer, module: string | undefined): string | undefined {
  if (module === undefined) return undefined;
  const start = `mod\t${module}\t`;
  const at = program.indexOf(start, 0, 'latin1');
  if (at === -1) return undefined;
  const line = program.toString('latin1', at + start.length, at + start.length + 100);
  return /^v(\d+\.\d+\.\d+[\w.+-]*)\t/u.exec(line)?.[1];
}

function onPath(binary: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, binary);
    try {
      accessSync(candidate, constants.X_OK);
      const real = realpathSync(candidate);
      if (statSync(real).isFile()) return real;
    } catch {
      // Not there, or not to be executed: the next folder may have it.
    }
  }
  return null;
}

/** An allow-list: an engine sees no token of the job. Its own job is the boundary (design rule 4); this is hygiene. */
export function engineEnvironment(
  tools: ToolEnvironment,
  home: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: tools.PATH,
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    NO_COLOR: '1',
    ...more,
  };
}
