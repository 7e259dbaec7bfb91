import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { SallyportError } from '../model/error.ts';

/**
 * Starts a program that outlives this one, in a session of its own, its output in a file. Throws SP-PROCESS-START.
 */
export function startDetached(command: {
  file: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  log: string;
}): Promise<number> {
  const log = openSync(command.log, 'a', 0o600);
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      detached: true,
      shell: false,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.on('error', (cause) => {
      closeSync(log);
      reject(
        new SallyportError(
          { code: 'SP-PROCESS-START', message: `cannot start ${command.file}`, found: cause.message },
          { cause },
        ),
      );
    });
    child.on('spawn', () => {
      closeSync(log);
      child.unref();
      resolve(child.pid ?? 0);
    });
  });
}
