import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryStore, resolveDigest } from '../../src/attest/store/oci-registry.ts';
import { parseReference } from '../../src/attest/store/reference.ts';
import { systemContext } from '../../src/platform/system.ts';
import { answers, freePorts } from './sigstore/instance.ts';
import { project, temporaryFolder } from './support.ts';
import { lacks, tool } from './tools.ts';

const ROUNDS = 100;
const WRITERS = 8;

/** A registry without the referrers API keeps the list of signatures in an index that every writer reads and rewrites. */
describe.skipIf(lacks('crane'))('eight writers at once on one fallback tag', () => {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  let host = '';
  const crane = tool('crane') ?? 'crane';

  beforeAll(async () => {
    const [port] = await freePorts(1);
    mkdirSync(join(folder, 'registry'));
    const serve = ['registry', 'serve', '--address', `127.0.0.1:${port}`, '--disk', join(folder, 'registry')];
    children.push(spawn(crane, serve, { stdio: 'ignore' }));
    host = `127.0.0.1:${port}`;
    await answers(`http://${host}/v2/`);
    writeFileSync(join(folder, 'data'), 'x');
    execFileSync('tar', ['-C', folder, '-cf', join(folder, 'layer.tar'), 'data']);
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
    for (let round = 0; round < ROUNDS; round += 1) {
      const tag = `${host}/acme/crowd-${Math.floor(round / 10)}:v1`;
      if (round % 10 === 0)
        execFileSync(crane, ['append', '--oci-empty-base', '-f', join(folder, 'layer.tar'), '-t', tag], {
          stdio: 'pipe',
        });
      const reference = parseReference(tag);
      const digest = (await resolveDigest(reference, context)) ?? '';
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
