import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryStore } from '../../src/attest/store/oci-registry.ts';
import { parseReference } from '../../src/attest/store/reference.ts';
import { systemContext } from '../../src/platform/system.ts';
import { plainRegistry, pushImage } from './sigstore/image.ts';
import { project, temporaryFolder } from './support.ts';
import { lacks } from './tools.ts';

const ROUNDS = 100;
const WRITERS = 8;

/** A registry without the referrers API keeps the list of signatures in an index that every writer reads and rewrites. */
describe.skipIf(lacks('crane'))('eight writers at once on one fallback tag', () => {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  let host = '';

  beforeAll(async () => {
    host = await plainRegistry(folder, children);
  });
  afterAll(() => {
    for (const child of children) child.kill();
  });

  it(`lose nothing in ${ROUNDS} rounds`, { timeout: 600_000 }, async () => {
    const context = systemContext('cli', 'quiet');
    const json = readFileSync(
      join(project, 'test/fixtures/sigstore/private/provenance.sigstore.json'),
      'utf8',
    );
    // Ten images, so that no list grows to a length that a real one has not.
    let image = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round % 10 === 0) image = pushImage(folder, host, `crowd-${round / 10}`);
      const reference = parseReference(image);
      const digest = image.slice(image.indexOf('@') + 1);
      const write = async (writer: number) =>
        await registryStore(reference, context).add(digest, [
          { json, predicateType: `https://acme.test/${round}/${writer}`, createdAt: new Date() },
        ]);
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      const found = await registryStore(reference, context).find(digest);
      expect(found.length, `round ${round}`).toBe(((round % 10) + 1) * WRITERS);
    }
  });
});
