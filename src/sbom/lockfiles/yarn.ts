import type { LockFormat, LockSource } from './format.ts';
import { textOf } from './text.ts';
import { readYarnBerry } from './yarn-berry.ts';
import { readYarnClassic } from './yarn-classic.ts';

/** Both formats have one file name; only the newer one has `__metadata`. */
export const yarn: LockFormat = {
  name: 'yarn.lock',
  summary: 'Yarn: yarn.lock of Yarn 1 and of Yarn 2 and later',
  read: async (source: LockSource) => {
    const text = textOf(source.bytes, source.path);
    return /^__metadata:/mu.test(text)
      ? await readYarnBerry(text, source)
      : await readYarnClassic(text, source);
  },
};
