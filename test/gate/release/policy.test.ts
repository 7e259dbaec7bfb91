import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deployPolicy, releasePolicy } from '../../../src/gate/release/policy.ts';
import { refusalOf, temporaryFolder, testContext } from '../support.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ORG = 'version: 1\ngates: { release: { stages: { secrets: always } } }\n';
const TIGHTER = 'version: 1\ngates: { release: { stages: { code: always } } }\n';
const TRUST = 'trust: { breakGlass: { environments: [production] } }\n';

function folder(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

const outcomeOf = async (work: () => Promise<unknown>) => await refusalOf(work, 'taken');

describe('the policy of a release', () => {
  const load = async (reference: string | undefined, service: Record<string, string>, local = false) => {
    const root = folder(service);
    return await releasePolicy(reference, root, { root }, local, testContext());
  };
  const org = () => `${join(folder({ 'org.yml': ORG }), 'org.yml')}@sha256:${sha256(ORG)}`;

  it('is pinned, but on a laptop', async () => {
    const plain = join(folder({ 'org.yml': ORG }), 'org.yml');
    expect(await outcomeOf(() => load(undefined, { '.sallyport.yml': ORG }))).toBe('SP-POLICY-REFERENCE');
    expect(await outcomeOf(() => load(plain, {}))).toBe('SP-POLICY-REFERENCE');
    expect(await outcomeOf(() => load(org(), {}))).toBe('taken');
    expect(await outcomeOf(() => load(plain, {}, true))).toBe('taken');
    expect(await outcomeOf(() => load(undefined, { '.sallyport.yml': ORG }, true))).toBe('taken');
    expect(await outcomeOf(() => load(undefined, {}, true))).toBe('SP-POLICY-MISSING');
  });

  it('is the organization’s pack, and what the service adds to it', async () => {
    const alone = await load(org(), {});
    expect(alone.whole).toBe(alone.pack);
    const both = await load(org(), { '.sallyport.yml': TIGHTER });
    expect(both.pack.digest).toEqual(alone.pack.digest);
    expect(both.whole.digest).not.toEqual(alone.pack.digest);
    expect(both.whole.layers.map(({ name }) => name)).toEqual([both.pack.layers[0]?.name, '.sallyport.yml']);
    expect(both.trust.layers).toEqual(both.whole.policy.layers);
    // What the service extends and the pack is, is there once.
    const again = await load(org(), { '.sallyport.yml': ORG });
    expect(again.whole).toBe(again.pack);
  });

  it('takes whom to trust from the organization alone', async () => {
    expect(await outcomeOf(() => load(org(), { '.sallyport.yml': TIGHTER + TRUST }))).toBe(
      'SP-POLICY-LOOSENED',
    );
    expect(await outcomeOf(() => load(undefined, { '.sallyport.yml': ORG + TRUST }, true))).toBe('taken');
  });
});

describe('the policy of a deployment', () => {
  const load = async (reference: string | undefined, local = false, pages: Record<string, string> = {}) => {
    const context = testContext({ cwd: folder({ 'org.yml': ORG }) });
    const get = async (url: string) => Buffer.from(pages[url] ?? '');
    return await deployPolicy(reference, local, { ...context, http: { ...context.http, get } });
  };
  const URL = 'https://policies.example/org.yml';

  it('is named, and at an address pinned', async () => {
    const pages = { [URL]: ORG };
    expect(await outcomeOf(() => load(undefined))).toBe('SP-USAGE');
    expect(await outcomeOf(() => load('org.yml'))).toBe('taken');
    expect(await outcomeOf(() => load(`${URL}@sha256:${sha256(ORG)}`, false, pages))).toBe('taken');
    expect(await outcomeOf(() => load(URL, false, pages))).toBe('SP-POLICY-REFERENCE');
    expect(await outcomeOf(() => load(`${URL}@sha256:${'0'.repeat(64)}`, false, pages))).toBe(
      'SP-POLICY-DIGEST',
    );
    const { whole, pack } = await load('org.yml');
    expect(whole).toBe(pack);
  });
});
