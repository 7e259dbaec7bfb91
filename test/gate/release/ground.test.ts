import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groundOf, oneBundle, resourceOf, rootsFrom } from '../../../src/gate/release/ground.ts';
import type { TrustRules } from '../../../src/model/trust.ts';
import { trustRules } from '../../../src/policy/trust.ts';
import { merged } from '../../policy/support.ts';
import { deployment, NOW } from '../deploy/support.ts';
import { refusalOf, temporaryFolder, testContext } from '../support.ts';
import { sigstore } from './world.ts';

const rules = (trust: object = {}): TrustRules => trustRules(merged(JSON.stringify({ version: 1, trust })));

const outcomeOf = async (work: () => Promise<unknown>) => await refusalOf(work, 'taken');

describe('the roots that everything is verified against', () => {
  it('are as young as the policy and the caller ask, whoever asks for less', async () => {
    const { root } = await sigstore();
    const file = join(temporaryFolder(), 'root.json');
    writeFileSync(file, root);
    const written = (days: number) => new Date(NOW.getTime() - days * 86_400_000);
    const from = async (age: number, maxAge: number | undefined, policy?: string) => {
      utimesSync(file, written(age), written(age));
      const source = rootsFrom([file], { offline: true, maxAge }, testContext({ clock: { now: () => NOW } }));
      return await outcomeOf(() => source(rules(policy === undefined ? {} : { roots: { maxAge: policy } })));
    };
    // The demo’s own root is never taken from a file, but only after its age was looked at.
    expect(await from(9, undefined, '10d')).toBe('SP-ROOT-DEMO');
    expect(await from(11, undefined, '10d')).toBe('SP-ROOT-AGE');
    expect(await from(11, 20, '10d')).toBe('SP-ROOT-AGE');
    expect(await from(9, 8, '10d')).toBe('SP-ROOT-AGE');
    expect(await from(7, 8, '10d')).toBe('SP-ROOT-DEMO');
    expect(await from(29, undefined)).toBe('SP-ROOT-DEMO');
    expect(await from(31, undefined)).toBe('SP-ROOT-AGE');
  });

  it('are among those that the policy takes, where it names any', async () => {
    const instances = [{ digest: 'a'.repeat(64) }, { digest: 'b'.repeat(64) }] as never[];
    const ground = async (trust: object) =>
      await outcomeOf(() =>
        groundOf(rules(trust), { roots: async () => instances, denyList: undefined }, testContext()),
      );
    const named = (...letters: string[]) => ({ roots: { sha256: letters.map((one) => one.repeat(64)) } });
    expect(await ground({})).toBe('taken');
    expect(await ground(named('a', 'b', 'c'))).toBe('taken');
    expect(await ground(named('a'))).toBe('SP-ROOT-UNKNOWN');
    expect(await ground({ denyList: { required: true } })).toBe('SP-DENY-MISSING');
    expect(await ground({ denyList: { required: false } })).toBe('taken');
    const all = await groundOf(rules(), { roots: async () => instances, denyList: undefined }, testContext());
    expect(all).toEqual({ instances, signers: [], denied: null, now: NOW });
  });
});

describe('a file with a bundle', () => {
  const read = async (name: string, text: string) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, name), text);
    return await oneBundle(name, testContext({ cwd }));
  };

  it('holds one, and no more', async () => {
    expect((await read('one.jsonl', '{}\n')).where).toMatch(/one\.jsonl$/u);
    expect(await outcomeOf(() => read('two.jsonl', '{}\n{}\n'))).toBe('SP-STORE-FORMAT');
    expect(await outcomeOf(() => read('none.jsonl', '\n'))).toBe('SP-STORE-FORMAT');
  });
});

describe('what a summary calls the artefact', () => {
  it('is its name, with what it is', () => {
    const { subject } = deployment();
    expect(resourceOf(subject)).toBe('file:app.tgz');
    expect(resourceOf({ ...subject, kind: 'digest' })).toBe('file:app.tgz');
    expect(resourceOf({ ...subject, kind: 'image', name: 'registry.example/app' })).toBe(
      'oci:registry.example/app',
    );
  });
});
