import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Null: one of the two is no version for it. */
export type Answer = -1 | 0 | 1 | null;
export type Pair = readonly [string, string];

/** The real thing that a scheme is held against. */
export interface Peer {
  scheme: string;
  name: string;
  /** Whether the peer also decides what is a version. Those that take any text do not. */
  strict: boolean;
  /** What was found, or null where it is not on this machine. */
  find(): string | null;
  /** Pairs on which we differ on purpose; the scheme's docstring says why. */
  except?(a: string, b: string): boolean;
  compare(pairs: readonly Pair[]): Answer[];
}

export function run(
  command: string,
  args: string[],
  input = '',
  cwd?: string,
): { status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return {
    status: result.error === undefined ? result.status : null,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
  };
}

export function firstLine(command: string, args: string[]): string | null {
  const { status, stdout } = run(command, args);
  return status === 0 ? (stdout.split('\n')[0] ?? '') : null;
}

/** A program that reads `a TAB b` a line and writes -1, 0, 1 or x a line. */
export function byLines(command: string, args: string[], pairs: readonly Pair[], cwd?: string): Answer[] {
  const { status, stdout, stderr } = run(
    command,
    args,
    `${pairs.map((pair) => pair.join('\t')).join('\n')}\n`,
    cwd,
  );
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.slice(0, 500)}`);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line): Answer => {
      if (line === 'x') return null;
      const number = Math.sign(Number(line));
      if (number !== -1 && number !== 0 && number !== 1)
        throw new Error(`${command} wrote ${JSON.stringify(line)}`);
      return number === 0 ? 0 : number;
    });
  if (answers.length !== pairs.length)
    throw new Error(`${command} answered ${answers.length} of ${pairs.length}`);
  return answers;
}

/** Runs something in a fresh folder with one file in it. */
export function inFolder<T>(file: string, content: string, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'peer-'));
  try {
    writeFileSync(join(folder, file), content);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
