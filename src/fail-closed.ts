import { isMainThread } from 'node:worker_threads';
import { problemOf } from './model/error.ts';
import { problemText } from './platform/log.ts';

/** No way out of this program is a pass by accident: 2, no verdict, stands until a command has said otherwise. */
export function failClosed(): void {
  process.exitCode = 2;
  if (!isMainThread) return;
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown) => {
      process.stderr.write(`${problemText(problemOf(thrown))}\n`);
      process.exit(2);
    });
  }
  // A reader that closed the pipe (`| head`) is no failure of ours, and the verdict stays what it is.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
