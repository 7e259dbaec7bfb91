import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BAD_DOCKERFILE, GOOD_DOCKERFILE, TestRepository } from './support.ts';

const service = { Dockerfile: GOOD_DOCKERFILE, '.dockerignore': '.git\n', 'src/a.txt': 'a\n' };

function changed(): TestRepository {
  const repository = new TestRepository(service);
  repository.change({ 'bad/Dockerfile': BAD_DOCKERFILE });
  return repository;
}

const codes = async (repository: TestRepository, runner = true) => {
  const { decision } = await repository.gate({}, runner ? repository.pullRequest() : {});
  return [decision.verdict, ...decision.problems.map((problem) => problem.code)];
};

describe('on a runner, a tracked file that is not as the commit has it', () => {
  it.each<[string, (repository: TestRepository) => void]>([
    ['deleted by an earlier step', ({ root }) => rmSync(join(root, 'bad/Dockerfile'))],
    [
      'rewritten by an earlier step',
      ({ root }) => writeFileSync(join(root, 'bad/Dockerfile'), GOOD_DOCKERFILE),
    ],
    ['taken out of the index', (repository) => repository.git('rm', '--quiet', '--cached', 'bad/Dockerfile')],
    [
      'hidden from git',
      (repository) => {
        repository.git('update-index', '--assume-unchanged', 'bad/Dockerfile');
        rmSync(join(repository.root, 'bad/Dockerfile'));
      },
    ],
  ])('%s: no verdict', async (_name, tamper) => {
    const repository = changed();
    tamper(repository);
    expect(await codes(repository)).toEqual(['error', 'SP-CHECKOUT-CHANGED']);
  });

  it('is no matter on a laptop, where the working tree itself is judged', async () => {
    const repository = new TestRepository(service);
    writeFileSync(join(repository.root, 'src/a.txt'), 'b\n');
    expect(await codes(repository, false)).toEqual(['passed']);
  });

  it('may be new and not tracked', async () => {
    const repository = changed();
    writeFileSync(join(repository.root, 'built.js'), '1');
    expect(await codes(repository)).toEqual(['failed']);
  });

  it('may be what git-lfs put in the place of its pointer, and nothing else', async () => {
    const content = 'large\n';
    const oid = createHash('sha256').update(content).digest('hex');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
    const repository = new TestRepository(service);
    repository.change({ 'model.bin': pointer });
    writeFileSync(join(repository.root, 'model.bin'), content);
    expect(await codes(repository)).toEqual(['passed']);
    writeFileSync(join(repository.root, 'model.bin'), 'other\n');
    expect(await codes(repository)).toEqual(['error', 'SP-CHECKOUT-CHANGED']);
  });
});

describe('the base of an event that is run again', () => {
  it('is the first parent of GitHub’s merge, where it came later', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    const event = repository.pullRequest();
    const head = repository.git('rev-parse', 'HEAD');
    repository.git('switch', '--quiet', 'main');
    const tip = repository.commit({ 'later.txt': 'x\n' }, 'later');
    repository.git('switch', '--quiet', '--detach', 'main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', head);
    const merge = repository.git('rev-parse', 'HEAD');
    const env = { ...event.env, GITHUB_SHA: merge };
    const { decision } = await repository.gate({}, { ...event, env });
    expect(decision.base?.revision).toBe(tip);
  });
});
