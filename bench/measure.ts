import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const peakHook = join(dirname(fileURLToPath(import.meta.url)), 'peak.cjs');

export interface Sample {
  /** Milliseconds until the process ended. */
  wall: number;
  /** Milliseconds until its first byte on stdout; null where it wrote none. */
  first: number | null;
  /** Peak resident memory in MiB; null for processes that are not ours to look into. */
  peak: number | null;
  code: number | null;
}

/** One run of a Node program from start to end. */
export function sample(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string | undefined>; peak?: boolean },
): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const peakFile = join(folder, 'peak');
  const hook = options.peak === true ? ['--require', peakHook] : [];
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let first: number | null = null;
    const child = spawn(process.execPath, [...hook, ...args], {
      cwd: options.cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ...options.env,
        ...(options.peak === true ? { BENCH_PEAK: peakFile } : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', () => {
      first ??= performance.now() - started;
    });
    child.stderr.resume();
    child.on('error', reject);
    child.on('close', (code) => {
      const wall = performance.now() - started;
      const peak = options.peak === true ? Number(readFileSync(peakFile, 'utf8')) / 1024 : null;
      rmSync(folder, { recursive: true, force: true });
      resolve({ wall, first, peak, code });
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
