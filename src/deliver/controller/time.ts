/** The time and its passing, so that a test can let hours pass at once. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some start; never goes back. */
  monotonic(): number;
  /** Throws `Interrupted` as soon as the signal is given. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export class Interrupted extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Interrupted';
  }
}

export const systemTime: Time = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(new Interrupted(String(signal?.reason ?? 'interrupted')));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted === true) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    }),
};
