import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { problemText, streamLog } from '../../src/platform/log.ts';
import { temporaryFolder } from '../gate/support.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');
const hostile = 'a\u001b]0;pwn\u0007\n::add-mask::x\u202e';
const MOVES = /[\u0000-\u0009\u000b-\u001f\u202e]/u;

describe('what is said along the way', () => {
  it('keeps what a problem quotes on its line, and shows what it hides', () => {
    const text = problemText({
      code: 'SP-X',
      message: hostile,
      expected: hostile,
      found: hostile,
      next: hostile,
      place: { path: hostile, line: 1 },
    });
    expect(text.split('\n')).toHaveLength(5);
    expect(text).not.toMatch(MOVES);
    expect(text).toContain('\\n::add-mask::x');
  });

  it('lets nothing through that moves the cursor', () => {
    let written = '';
    const log = streamLog(
      (text) => {
        written += text;
      },
      'verbose',
      false,
    );
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](hostile);
    expect(written).not.toMatch(MOVES);
  });

  it.each([
    ['policy check', 'extra'],
    ['policy explain', 'title'],
  ])('%s shows a hostile policy as it is', (command, key) => {
    const root = temporaryFolder();
    const name = JSON.stringify(hostile);
    writeFileSync(
      join(root, '.sallyport.yml'),
      `version: 1\nwaivers: [{ rule: a, path: b, owner: ${name}, reason: c, expires: 2030-01-01 }]\n${key === 'title' ? '' : `${name}: 1\n`}`,
    );
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(sources, 'bin.ts'), ...command.split(' '), '--path', root],
      { encoding: 'utf8', env: { PATH: process.env.PATH } },
    );
    expect(stdout + stderr).toContain('add-mask');
    expect(stdout + stderr).not.toMatch(MOVES);
  });

  it('goes one way in a step, so that nothing is read after commands are on again', () => {
    const script = `import { systemContext } from ${JSON.stringify(join(sources, 'platform', 'system.ts'))};
      systemContext('action', 'normal').log.error('one');
      systemContext('action', 'normal').out('two');`;
    const stdout = execFileSync(process.execPath, ['--input-type=module', '--eval', script, '/dev/null'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(stdout).toBe('one\ntwo');
  });
});
