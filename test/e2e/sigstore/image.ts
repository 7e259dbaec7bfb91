import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from '../support.ts';
import { tool } from '../tools.ts';
import { answers, freePorts } from './instance.ts';

const crane = () => tool('crane') ?? 'crane';

/** Starts a registry with the referrers API; returns `127.0.0.1:PORT`. The caller ends `children`. */
export async function referrersRegistry(children: ChildProcess[]): Promise<string> {
  return await started(children, (host) => [tool('referrers-registry') ?? 'referrers-registry', host]);
}

/** The same without the API: signatures are listed under the fallback tag. It keeps its images below `folder`. */
export async function plainRegistry(folder: string, children: ChildProcess[]): Promise<string> {
  const disk = mkdtempSync(join(folder, 'registry-'));
  return await started(children, (host) => [crane(), 'registry', 'serve', '--address', host, '--disk', disk]);
}

async function started(
  children: ChildProcess[],
  command: (host: string) => [string, ...string[]],
): Promise<string> {
  const [port] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const [file, ...args] = command(host);
  children.push(spawn(file, args, { stdio: 'ignore' }));
  await answers(`http://${host}/v2/`);
  return host;
}

/** Pushes an image that there was not before; returns it by its digest. */
export function pushImage(folder: string, registry: string, name: string): string {
  const layer = mkdtempSync(join(folder, 'layer-'));
  writeFileSync(join(layer, 'data'), randomBytes(64));
  execFileSync('tar', ['-C', layer, '-cf', join(layer, 'layer.tar'), 'data']);
  const tag = `${registry}/acme/${name}:v1`;
  const made = run(crane(), ['append', '--oci-empty-base', '-f', join(layer, 'layer.tar'), '-t', tag]);
  expect(made.code, made.stderr).toBe(0);
  return `${registry}/acme/${name}@${run(crane(), ['digest', tag]).stdout.trim()}`;
}
