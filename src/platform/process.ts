import { spawn } from 'node:child_process';
import { SallyportError } from '../model/error.ts';

export interface Command {
  /** An executable's path, or a name that is looked up on the PATH of `env`. Never a shell line. */
  file: string;
  args: readonly string[];
  cwd: string;
  /** The whole environment of the child: nothing of ours is added. */
  env: Readonly<Record<string, string>>;
  /** Milliseconds after which the process and its children are killed. */
  timeout: number;
  /** Bytes of stdout that are kept; more ends the process. */
  maxOutput: number;
  input?: Uint8Array | string | undefined;
}

export interface Outcome {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  /** The last 64 KiB. */
  stderr: string;
  ended: 'exit' | 'timeout' | 'too-much-output';
}

/** The little of our environment that other programs need to be found and to know their settings. */
export interface ToolEnvironment {
  PATH: string;
  HOME: string;
}

export function toolEnvironment(env: Readonly<Record<string, string | undefined>>): ToolEnvironment {
  return { PATH: env.PATH ?? '/usr/local/bin:/usr/bin:/bin', HOME: env.HOME ?? '/' };
}

export type ProcessRunner = (command: Command) => Promise<Outcome>;

const STDERR_KEPT = 64 * 1024;

/**
 * Runs a program without a shell, in a process group of its own, so that a time-out takes its children along.
 * Throws SP-PROCESS-START where it cannot be started; how it ended is the caller's to judge.
 */
export const runProcess: ProcessRunner = (command) =>
  new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      shell: false,
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    if (child.pid !== undefined) watch(child.pid);
    const kept: Buffer[] = [];
    let size = 0;
    let stderr = '';
    let ended: Outcome['ended'] = 'exit';
    const kill = (why: Outcome['ended']) => {
      if (ended === 'exit') ended = why;
      killGroup(child.pid, () => child.kill('SIGKILL'));
      // A grandchild that left the group may hold the pipes open; it must not hold us.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill('timeout'), command.timeout);
    child.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        new SallyportError(
          {
            code: 'SP-PROCESS-START',
            message: `cannot start ${command.file}`,
            found: cause.code ?? cause.message,
            next: 'install it, or name where it lies (sallyport engines lists what is needed)',
          },
          { cause },
        ),
      );
    });
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > command.maxOutput) kill('too-much-output');
      else kept.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    // A child that exits without reading its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(command.input ?? '');
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (child.pid !== undefined) unwatch(child.pid);
      resolve({ code, signal, stdout: Buffer.concat(kept), stderr, ended });
    });
  });

/** Groups that are running: a terminal's Ctrl-C does not reach them, so that they are taken along by hand. */
const running = new Set<number>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function watch(pid: number): void {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, takeAlong);
  running.add(pid);
}

function unwatch(pid: number): void {
  running.delete(pid);
  if (running.size === 0) for (const signal of SIGNALS) process.off(signal, takeAlong);
}

function takeAlong(signal: NodeJS.Signals): void {
  // Who else listens decides what becomes of us, and may need its children to clean up.
  if (process.listenerCount(signal) > 1) return;
  for (const pid of running) killGroup(pid, () => undefined);
  process.off(signal, takeAlong);
  process.kill(process.pid, signal);
}

function killGroup(pid: number | undefined, otherwise: () => void): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    otherwise();
  }
}
