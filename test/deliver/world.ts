import { systemClock } from '../../src/platform/clock.ts';
import type { Context } from '../../src/platform/context.ts';
import { diskFiles } from '../../src/platform/files.ts';
import { networkHttp } from '../../src/platform/http.ts';
import { runProcess } from '../../src/platform/process.ts';

/** The real world with a log that is kept; parts of it can be replaced. */
export function world(cwd: string, change: Partial<Context> = {}): Context & { said: string[] } {
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  return {
    surface: 'cli',
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    clock: systemClock,
    log: { debug: say, info: say, warn: say, error: say, progress: () => undefined },
    files: diskFiles,
    http: networkHttp,
    run: runProcess,
    terminal: { isTerminal: false, color: false, columns: 100 },
    out: say,
    workerEntry: '',
    ...change,
    said,
  };
}
