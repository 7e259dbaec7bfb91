import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/model/version.ts';
import { exampleRepository, project, run, temporaryFolder } from './support.ts';

describe('the npm package', () => {
  const folder = temporaryFolder();
  const packed = run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: project });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none');
  const place = join(folder, 'place');
  mkdirSync(place);
  const installed = run(
    'npm',
    ['install', '--prefix', place, '--ignore-scripts', '--no-audit', '--no-fund', tarball],
    { cwd: place },
  );
  const binary = join(place, 'node_modules', '.bin', 'sallyport');

  it('is packed and installed with nothing beside it', () => {
    expect(packed.code, packed.stderr).toBe(0);
    expect(installed.code, installed.stderr).toBe(0);
    expect(readdirSync(join(place, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'sallyport',
    ]);
  });

  it('works under this Node', () => {
    expect(run(binary, ['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
    const { code, stdout } = run(binary, ['gate', '--base', 'main'], {
      cwd: exampleRepository(true),
      env: { PATH: process.env.PATH, HOME: folder },
    });
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED');
    expect(run(binary, ['demo'], { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } }).code).toBe(
      0,
    );
  });

  it('refuses an older Node in one line', () => {
    const old = (process.env.PATH ?? '')
      .split(':')
      .map((entry) => join(entry, 'node'))
      .find((node) => Number(/^v(\d+)/u.exec(run(node, ['--version']).stdout ?? '')?.[1] ?? 99) < 24);
    if (old === undefined) {
      // Only a newer Node is here: the refusal is tried on the version that it reads.
      const { code, stderr } = run(process.execPath, [
        '-e',
        `Object.defineProperty(process.versions, 'node', { value: '20.0.0' }); require(${JSON.stringify(join(project, 'bin', 'sallyport.cjs'))})`,
      ]);
      expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
      return;
    }
    const { code, stdout, stderr } = run(old, [binary, '--version']);
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
      code: 2,
      stdout: '',
      lines: 1,
    });
    expect(stderr).toContain('needs Node.js 24');
  });
});
