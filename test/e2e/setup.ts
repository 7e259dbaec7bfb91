import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideTools } from './tools.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export default function setup(): () => void {
  provideTools();
  execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'inherit' });
  return stopWatchers;
}

/** A watcher outlives its controller on purpose, and tries for ever where the provider of its test is gone. */
function stopWatchers(): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/u.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const ours = words.includes(join(root, 'bin', 'sallyport.cjs')) && words.includes('reconcile');
      if (ours && words.some((word) => word.startsWith(join(tmpdir(), 'sallyport-e2e-'))))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
}
