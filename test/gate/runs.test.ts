import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GOOD_DOCKERFILE, TestRepository, temporaryFolder } from './support.ts';

it('forgets all but the newest fifty runs, and nothing that is none', async () => {
  const repository = new TestRepository({ Dockerfile: GOOD_DOCKERFILE, '.dockerignore': '.git\n' });
  const runs = join(repository.root, '.sallyport', 'runs');
  for (let day = 10; day < 99; day += 1)
    mkdirSync(join(runs, `202001${day}T000000Z-abcdef`), { recursive: true });
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, 'kept'), '');
  symlinkSync(elsewhere, join(runs, '20190101T000000Z-abcdef'));
  mkdirSync(join(runs, 'mine'));
  const { folder } = await repository.gate();
  const left = readdirSync(runs);
  expect(left).toHaveLength(50 + 2);
  expect(left).toEqual(expect.arrayContaining([folder.id, 'mine', '20200198T000000Z-abcdef']));
  expect(left).not.toContain('20200149T000000Z-abcdef');
  expect(readdirSync(elsewhere)).toEqual(['kept']);
});
