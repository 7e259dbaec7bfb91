import { describe, expect, it } from 'vitest';
import { inspectItem } from '../../../src/scan/secrets/inspect/item.ts';
import { ownScan } from './examples/check-pack.ts';
import { innocent, written } from './examples/in-the-world.ts';
import { Random } from './examples/random.ts';
import { fill } from './examples/template.ts';

const scan = ownScan();
const random = new Random(2026);
const ROUNDS = 10;

function found(path: string, template: string): number {
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(fill(template, random));
    const item = { path, commit: '', firstLine: 1, tags: [] };
    if (inspectItem(scan, item, bytes).findings.length > 0) count++;
  }
  return count;
}

describe('credentials as people write them', () => {
  it.each(written)('are found in %s: %s', (path, template) => {
    // What is drawn may now and then look chosen.
    expect(found(path, template)).toBeGreaterThanOrEqual(ROUNDS - 2);
  });

  it.each(innocent)('are not seen in %s: %s', (path, template) => {
    expect(found(path, template)).toBe(0);
  });
});
