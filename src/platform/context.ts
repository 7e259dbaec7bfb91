import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import type { Http } from './http.ts';
import type { Log } from './log.ts';
import type { ProcessRunner } from './process.ts';

/** How results look on the stream that they go to. */
export interface Terminal {
  isTerminal: boolean;
  color: boolean;
  columns: number;
}

/** Everything of the world that a command may touch, so that a test can hand in its own. */
export interface Context {
  /** `action`: a step of a GitHub workflow. */
  surface: 'cli' | 'action';
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  log: Log;
  files: Files;
  http: Http;
  run: ProcessRunner;
  terminal: Terminal;
  /** Results, for stdout. */
  out(text: string): void;
  /** The file that worker threads are started from: the program's own entry. */
  workerEntry: string;
}

/** Whether this runs in some CI: there the environment is not the user's own (trust-model rule 14). */
export function inAutomation(env: Context['env']): boolean {
  return isSet(env.GITHUB_ACTIONS) || isSet(env.CI);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
