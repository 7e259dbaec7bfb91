import { realpathSync } from 'node:fs';
import { systemClock } from './clock.ts';
import type { Context } from './context.ts';
import { diskFiles } from './files.ts';
import { networkHttp } from './http.ts';
import { streamLog, type Verbosity } from './log.ts';

/** The real world, for the two front doors. */
export function systemContext(surface: Context['surface'], verbosity: Verbosity): Context {
  const { env } = process;
  // A step's log is no terminal, even where a runner gives it one.
  const isTerminal = surface === 'cli' && process.stdout.isTTY === true;
  return {
    surface,
    cwd: callersFolder(env),
    env,
    clock: systemClock,
    log: streamLog(
      // In a step everything goes the same way: the runner reads both streams for commands, and what is written to one
      // could be read after commands are on again on the other.
      (text) => (surface === 'action' ? process.stdout : process.stderr).write(text),
      verbosity,
      surface === 'cli' && process.stderr.isTTY === true,
    ),
    files: diskFiles,
    http: networkHttp,
    run: async (command) => await (await import('./process.ts')).runProcess(command),
    terminal: {
      isTerminal,
      color: isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
      columns: isTerminal ? (process.stdout.columns ?? 100) : 100,
    },
    out: (text) => {
      process.stdout.write(text);
    },
    workerEntry: realpathSync.native(process.argv[1] ?? ''),
  };
}

/** `npm run -s sallyport` in a checkout changes to the checkout; paths are meant from where it was typed. */
function callersFolder(env: NodeJS.ProcessEnv): string {
  const ownScript = env.npm_package_name === 'sallyport' && env.npm_lifecycle_event !== undefined;
  return ownScript && env.INIT_CWD !== undefined ? env.INIT_CWD : process.cwd();
}
