import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedFile } from './index.ts';

/** The version stands in package.json; the program carries it along. */
export function generateVersion(root: string): GeneratedFile[] {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const path = 'src/model/version.ts';
  const before = readFileSync(join(root, path), 'utf8');
  return [{ path, content: before.replace(/VERSION = '[^']*'/u, `VERSION = '${version}'`) }];
}
