import { createHash } from 'node:crypto';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPinned, loadTrust, outsideLayers, unpinned } from '../../src/gate/outside-policy.ts';
import { loadPolicy, mergeLayers, serviceLayers } from '../../src/gate/policy-source.ts';
import { SallyportError } from '../../src/model/error.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import { packs } from '../../src/policy/packs.generated.ts';
import { parseLayer } from '../../src/policy/parse.ts';
import { refusalOf, TestRepository, temporaryFolder, testContext } from './support.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const pinned = (name: string, text: string) => `${name}@sha256:${sha256(text)}`;
const extending = (...references: string[]) => `version: 1\nextends: ${JSON.stringify(references)}\n`;
const titled = (title: string) => `version: 1\ntitle: ${title}\n`;
const ZEROS = '0'.repeat(64);

function folder(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

/** A world whose network holds these pages, and keeps what it was asked for. */
function web(pages: Record<string, string> = {}, cwd = '/') {
  const asked: { url: string; bytes: number | undefined; timeout: number | undefined }[] = [];
  const http = {
    ...offlineHttp,
    get: async (url: string, limits?: { bytes?: number; timeout?: number }) => {
      asked.push({ url, bytes: limits?.bytes, timeout: limits?.timeout });
      const page = pages[url];
      if (page === undefined) throw new SallyportError({ code: 'SP-HTTP', message: 'not there' });
      return Buffer.from(page);
    },
  };
  return { ...testContext({ cwd, http: http as typeof offlineHttp }), asked };
}

const codeOf = async (work: () => Promise<unknown>) => await refusalOf(work, 'fine');

describe('a policy outside of what is judged', () => {
  const names = async (reference: string, context = web()) =>
    (await outsideLayers(reference, context)).map(({ name }) => name);

  it('is a pack of ours by its name, with or without a digest that fits', async () => {
    expect(await names('baseline')).toEqual(['baseline']);
    expect(await names('strict')).toEqual(['baseline', 'strict']);
    expect(await names(`baseline@sha256:${packs.baseline?.sha256}`)).toEqual(['baseline']);
    expect(await codeOf(() => names(`baseline@sha256:${ZEROS}`))).toBe('SP-POLICY-DIGEST');
    // Of the prototype of all objects nothing is a pack.
    await expect(names('constructor')).rejects.toThrow();
  });

  it('is a file, relative to where the caller stands, held against its digest where it has one', async () => {
    const text = titled('mine');
    const root = folder({ 'mine.yml': text });
    expect(await names('mine.yml', web({}, root))).toEqual(['mine.yml']);
    expect(await names(join(root, 'mine.yml'))).toEqual([join(root, 'mine.yml')]);
    expect(await names(pinned('mine.yml', text), web({}, root))).toEqual(['mine.yml']);
    expect(await codeOf(() => names(`mine.yml@sha256:${ZEROS}`, web({}, root)))).toBe('SP-POLICY-DIGEST');
    // A digest that is cut short is part of a name, and there is no such file.
    await expect(names(`mine.yml@sha256:${'0'.repeat(63)}`, web({}, root))).rejects.toThrow();
  });

  it('at an address is taken by its digest alone, within limits of size and time', async () => {
    const text = titled('fetched');
    const url = 'https://policies.example/org.yml';
    const context = web({ [url]: text });
    const [layer] = await outsideLayers(pinned(url, text), context);
    expect(layer).toMatchObject({ name: url, uri: url });
    expect(context.asked).toEqual([{ url, bytes: 1024 * 1024, timeout: 30_000 }]);
    expect(await codeOf(() => names(url, context))).toBe('SP-POLICY-REFERENCE');
    expect(await codeOf(() => names(`${url}@sha256:${ZEROS}`, context))).toBe('SP-POLICY-DIGEST');
  });

  it.each(['http://policies.example/org.yml', 'xhttps://policies.example/org.yml'])(
    'is not fetched from %s',
    async (url) => {
      const context = web({ [url]: titled('x') });
      await expect(outsideLayers(url, context)).rejects.toThrow();
      expect(context.asked).toEqual([]);
    },
  );

  it('extends packs beside it, and none above it or elsewhere on the disk', async () => {
    const base = titled('base');
    const root = folder({ 'base.yml': base, 'sub.yml': titled('other') });
    const tried = async (...references: string[]) => {
      writeFileSync(join(root, 'org.yml'), extending(...references));
      return await names(join(root, 'org.yml'));
    };
    const org = join(root, 'org.yml');
    expect(await tried(pinned('base.yml', base))).toEqual(['base.yml', org]);
    expect(await tried(pinned('./base.yml', base))).toEqual(['./base.yml', org]);
    expect(await tried('baseline', pinned('base.yml', base))).toEqual(['baseline', 'base.yml', org]);
    writeFileSync(join(root, '..', 'outside.yml'), base);
    for (const path of ['../outside.yml', 'x/../../outside.yml', join(root, 'base.yml')])
      expect(await codeOf(() => tried(pinned(path, base)))).toBe('SP-POLICY-MISSING');
    expect(await codeOf(() => tried('base.yml'))).toBe('SP-POLICY-REFERENCE');
    expect(await codeOf(() => tried(`base.yml@sha256:${ZEROS}`))).toBe('SP-POLICY-DIGEST');
  });

  it('at an address extends what has an address, and nothing of this disk', async () => {
    const base = titled('base');
    const [at, below] = ['https://policies.example/org.yml', 'https://policies.example/base.yml'];
    const text = extending(pinned(below, base));
    expect(await names(pinned(at, text), web({ [at]: text, [below]: base }))).toEqual([below, at]);
    const local = extending(pinned('base.yml', base));
    const root = folder({ 'base.yml': base });
    expect(await codeOf(() => names(pinned(at, local), web({ [at]: local }, root)))).toBe(
      'SP-POLICY-MISSING',
    );
  });

  it('holds each layer once, and no more than sixteen above each other', async () => {
    const base = titled('base');
    const [one, two] = [
      extending(pinned('base.yml', base)),
      `${extending(pinned('base.yml', base))}title: two\n`,
    ];
    const root = folder({
      'base.yml': base,
      'one.yml': one,
      'two.yml': two,
      'org.yml': extending(pinned('one.yml', one), pinned('two.yml', two)),
    });
    const org = join(root, 'org.yml');
    expect(await names(org)).toEqual(['base.yml', 'one.yml', 'two.yml', org]);
    const deep = (count: number): string => {
      let text = titled('bottom');
      for (let index = 0; index < count; index++) {
        writeFileSync(join(root, `${index}.yml`), text);
        text = extending(pinned(`${index}.yml`, text));
      }
      writeFileSync(join(root, 'top.yml'), text);
      return join(root, 'top.yml');
    };
    expect(await names(deep(16))).toHaveLength(17);
    expect(await codeOf(() => names(deep(17)))).toBe('SP-POLICY-INVALID');
  });

  it('is pinned by a whole digest or as one of ours', () => {
    expect(isPinned(`org.yml@sha256:${ZEROS}`)).toBe(true);
    expect(isPinned('baseline')).toBe(true);
    for (const text of [
      'org.yml',
      `org.yml@sha256:${'0'.repeat(63)}`,
      `org.yml@sha256:${ZEROS}x`,
      'toString',
    ])
      expect(isPinned(text)).toBe(false);
    expect(unpinned('x'.repeat(400)).problem).toMatchObject({
      code: 'SP-POLICY-REFERENCE',
      found: 'x'.repeat(300),
    });
  });

  it('says whom to believe, by all its layers', async () => {
    const signer = (name: string) =>
      JSON.stringify({
        name,
        signs: ['release'],
        issuer: 'https://a.example',
        identity: `https://${name}.example`,
      });
    const base = `version: 1\ntrust: { signers: [${signer('one')}] }\n`;
    const root = folder({
      'base.yml': base,
      'org.yml': `${extending(pinned('base.yml', base))}trust: { summaries: { maxAge: 2d } }\n`,
    });
    const { signers, summaryHours } = await loadTrust(join(root, 'org.yml'), web());
    expect(signers.map(({ name }) => name)).toEqual(['one']);
    expect(summaryHours).toBe(48);
  });
});

describe('the policy of a tree', () => {
  const load = async (root: string, file?: string, context = web()) =>
    await loadPolicy(root, { root }, file, context);
  const rulesOf = async (root: string) => [...(await load(root)).policy.rules.keys()];

  it('is the baseline where there is no file', async () => {
    const { policy, fromFile } = await load(temporaryFolder());
    expect(fromFile).toBe(false);
    expect(policy.layers.map(({ name }) => name)).toEqual(['baseline']);
    expect((await load(folder({ 'a.txt': 'a' }))).fromFile).toBe(false);
  });

  it('is the file of the tree, with what it extends in the same tree', async () => {
    const own = titled('own');
    const root = folder({
      'pack.yml': own,
      '.sallyport.yml': extending('baseline', pinned('./pack.yml', own)),
    });
    const { policy, fromFile } = await load(root);
    expect(fromFile).toBe(true);
    expect(policy.layers.map(({ name, uri }) => [name, uri])).toEqual([
      ['baseline', 'action-policies/baseline.yml'],
      ['./pack.yml', 'pack.yml'],
      ['.sallyport.yml', '.sallyport.yml'],
    ]);
    expect(await rulesOf(root)).toContain('introduced-high');
    const gone = folder({ '.sallyport.yml': extending(pinned('pack.yml', own)) });
    expect(await codeOf(() => load(gone))).toBe('SP-POLICY-MISSING');
  });

  it('extends a pack at an address by its digest', async () => {
    const text = titled('fetched');
    const url = 'https://policies.example/org.yml';
    const root = folder({ '.sallyport.yml': extending(pinned(url, text)) });
    const { policy } = await load(root, undefined, web({ [url]: text }));
    expect(policy.layers.map(({ uri }) => uri)).toEqual([url, '.sallyport.yml']);
  });

  it('is a file inside the tree by its path there, and one outside as it lies', async () => {
    const root = folder({ 'mine.yml': titled('mine'), '.sallyport.yml': titled('other') });
    const outside = join(folder({ 'theirs.yml': titled('theirs') }), 'theirs.yml');
    const nameOf = async (file: string, cwd = '/') => (await load(root, file, web({}, cwd))).policy.layers[0];
    expect(await nameOf(join(root, 'mine.yml'))).toMatchObject({ name: 'mine.yml', uri: 'mine.yml' });
    expect(await nameOf('mine.yml', root)).toMatchObject({ uri: 'mine.yml' });
    expect(await nameOf(outside)).toMatchObject({ name: outside, uri: outside });
    expect(await codeOf(() => load(root, join(root, 'none.yml')))).toBe('SP-POLICY-MISSING');
    await expect(load(root, '/nowhere/none.yml')).rejects.toThrow();
    await expect(load(root, root)).rejects.toThrow();
  });

  it('is read at the commit that is named, wherever in the repository it lies', async () => {
    const repository = new TestRepository({
      '.sallyport.yml': titled('top'),
      'svc/.sallyport.yml': titled('service'),
      'svc/a.txt': 'a\n',
      'policies/org.yml': titled('org'),
    });
    const commit = repository.git('rev-parse', 'HEAD');
    repository.write({
      'svc/.sallyport.yml': 'broken: [',
      'policies/org.yml': null,
      'policies/new.yml': titled('new'),
    });
    symlinkSync(join(repository.root, 'policies'), join(repository.root, 'svc', 'link'));
    const root = join(repository.root, 'svc');
    const tree = { root, commit };
    const uriOf = async (file?: string, context = web()) =>
      (await loadPolicy(root, tree, file, context)).policy.layers[0]?.uri;
    expect(await uriOf()).toBe(`.sallyport.yml@${commit}`);
    expect(await uriOf('.sallyport.yml', web({}, root))).toBe(`.sallyport.yml@${commit}`);
    expect(await uriOf('../policies/org.yml', web({}, root))).toBe(`policies/org.yml@${commit}`);
    expect(await codeOf(() => uriOf(join(repository.root, 'policies', 'new.yml')))).toBe('SP-POLICY-MISSING');
    expect(await codeOf(() => uriOf(join(root, 'new.yml')))).toBe('SP-POLICY-MISSING');
    expect(await codeOf(() => uriOf(join(root, 'link', 'org.yml')))).toBe('SP-POLICY-MISSING');
    // A link outside that leads into the repository is read at the commit too.
    const outside = temporaryFolder();
    symlinkSync(join(repository.root, '.sallyport.yml'), join(outside, 'linked.yml'));
    expect(await uriOf(join(outside, 'linked.yml'))).toBe(`.sallyport.yml@${commit}`);
    writeFileSync(join(outside, 'own.yml'), titled('own'));
    expect(await uriOf(join(outside, 'own.yml'))).toBe(join(outside, 'own.yml'));
    // The same repository by another name: what the change took away is read there too.
    rmSync(join(repository.root, 'policies'), { recursive: true });
    symlinkSync(repository.root, join(outside, 'again'));
    const again = join(outside, 'again', 'svc');
    const org = join(outside, 'again', 'policies', 'org.yml');
    const { policy } = await loadPolicy(again, { root: again, commit }, org, web());
    expect(policy.layers[0]?.uri).toBe(`policies/org.yml@${commit}`);
    const layers = await serviceLayers(root, tree, web());
    expect(layers.map(({ uri }) => uri)).toEqual([`.sallyport.yml@${commit}`]);
  });

  it('of a service has no layers where there is no file', async () => {
    const root = temporaryFolder();
    expect(await serviceLayers(root, { root }, web())).toEqual([]);
  });
});

describe('layers of a policy', () => {
  const layer = (options: string) =>
    parseLayer('x', 'x.yml', `version: 1\nstages: { dependencies: { options: ${options} } }\n`);

  it('have options that an engine of the stage knows, or are refused', async () => {
    const problem = async (options: string, stage = 'dependencies') => {
      const text = `version: 1\nstages: { ${stage}: { options: ${options} } }\n`;
      return await mergeLayers([parseLayer('x', 'x.yml', text)]).then(
        () => null,
        (thrown: SallyportError) => thrown.problem,
      );
    };
    expect(await problem('{ vulnerabilities: required }')).toBe(null);
    const unknown = await problem('{ vulnerability: required }');
    expect(unknown).toMatchObject({ code: 'SP-POLICY-INVALID', place: { path: 'x.yml' } });
    expect(unknown?.expected?.split(', ')).toContain('vulnerabilities');
    expect(unknown?.expected).not.toContain('/');
    expect(await problem('{ toString: 1 }')).toMatchObject({ code: 'SP-POLICY-INVALID' });
    expect(await problem('{ vulnerabilities: required }', 'secrets')).toMatchObject({
      code: 'SP-POLICY-INVALID',
    });
  });

  it('tighten options and never loosen them', async () => {
    const merge = async (...options: string[]) => await codeOf(() => mergeLayers(options.map(layer)));
    const digests = (...letters: string[]) =>
      `{ indexDigests: [${letters.map((one) => one.repeat(64)).join(', ')}] }`;
    expect(await merge(digests('a', 'b'), digests('a'))).toBe('fine');
    expect(await merge(digests('a'), digests('a', 'b'))).toBe('SP-POLICY-LOOSENED');
    // What alone is accepted may be said later; what is let pass, and what the first layer decides, may not.
    expect(await merge('{ vulnerabilities: required }', digests('a'))).toBe('fine');
    expect(await merge(digests('a'), '{ allowedHosts: [a.example] }')).toBe('SP-POLICY-LOOSENED');
    expect(await merge('{ vulnerabilities: required }', '{ vulnerabilities: when-present }')).toBe(
      'SP-POLICY-LOOSENED',
    );
  });

  it('may say what a pack of ours leaves open', async () => {
    const [baseline] = await outsideLayers('baseline', web());
    expect(baseline?.builtIn).toBe(true);
    const layers = [...(baseline === undefined ? [] : [baseline]), layer('{ allowedHosts: [a.example] }')];
    expect(await codeOf(() => mergeLayers(layers))).toBe('fine');
  });

  it('are at least one', async () => {
    expect(await codeOf(() => mergeLayers([]))).toBe('SP-POLICY-INVALID');
  });
});
