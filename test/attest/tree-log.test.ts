import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleToJson } from '../../src/attest/sign/bundle-json.ts';
import { ephemeralKey } from '../../src/attest/sign/key.ts';
import { type Signable, SigningSession } from '../../src/attest/sign/session.ts';
import { addToTreeLog } from '../../src/attest/sign/tree-log.ts';
import { throwAwayInstance } from '../../src/attest/throw-away/instance.ts';
import { artifactOf } from '../../src/attest/verify/artifact.ts';
import { type Bundle, bundleOf } from '../../src/attest/verify/bundle.ts';
import { preAuthEncoding } from '../../src/attest/verify/signature.ts';
import { IN_TOTO_PAYLOAD } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { describeProblem, problemOf } from '../../src/model/error.ts';
import { type HttpRequest, networkHttp } from '../../src/platform/http.ts';
import { testContext } from '../gate/support.ts';
import { type Answer, listen } from './server.ts';
import { type Fault, TreeLog } from './tree-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-tree-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATA = Buffer.from('the artefact');
const artifact = artifactOf('app.txt', DATA);
const FILE: Signable = {
  kind: 'file',
  sha256: createHash('sha256').update(DATA).digest(),
  open: async function* () {
    yield DATA;
  },
};
const STATEMENT: Signable = { kind: 'statement', payload: Buffer.from('{"_type":"x"}') };
const now = () => new Date();

/** The network, with less patience and as many tries as are asked for. */
const http = (retries: number) => ({
  get: networkHttp.get,
  request: (asked: HttpRequest) =>
    networkHttp.request({ ...asked, retries, limits: { ...asked.limits, timeout: 1_000 } }),
});

async function sign(log: TreeLog, item: Signable, retries = 0): Promise<Bundle> {
  const services = { authority: null, logs: [{ url: log.url, version: 1 }], timestamps: [] };
  const options = { services, identity: { key }, publishIdentity: false };
  const session = await SigningSession.open(options, testContext({ http: http(retries), clock: { now } }));
  return await session.sign(item);
}

const key = ephemeralKey();
const verify = async (log: TreeLog, bundle: Bundle) =>
  await verifyBundle({
    bundle,
    instances: readTrustedRoot(Buffer.from(log.root), 'root'),
    key: key.publicKey,
    artifact,
    now: now(),
  });

async function problemIn(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (thrown) => describeProblem(problemOf(thrown)),
  );
}

describe('a Rekor v1 log that works', () => {
  it.each<[string, Signable, string]>([
    ['a file', FILE, 'hashedrekord/0.0.1'],
    ['a statement', STATEMENT, 'dsse/0.0.1'],
  ])('promises and proves the signature of %s', async (_name, item, kind) => {
    const log = await TreeLog.start();
    const bundle = await sign(log, item);
    expect(log.proposed.map((one) => `${one.kind}/${one.apiVersion}`)).toEqual([kind]);
    expect(log.asked).toEqual(['POST /api/v1/log/entries']);
    const read = bundleOf(JSON.parse(JSON.stringify(bundleToJson(bundle))), 'bundle');
    expect(read).toEqual(bundle);
    const { times, entries } = await verify(log, read);
    expect(times.map(({ how }) => how)).toEqual(['log']);
    expect(entries).toMatchObject([{ log: log.url, proof: 'inclusion' }]);
  });

  it('takes the signature of a certificate', async () => {
    const log = await TreeLog.start();
    const { services, root } = await throwAwayInstance();
    const pem = (await services.inProcess?.certify(key.publicKey, { job_workflow_ref: 'acme/x' })) ?? '';
    const payload = Buffer.from('{}');
    const signature = await key.sign(preAuthEncoding(IN_TOTO_PAYLOAD, payload));
    const content = { kind: 'dsse' as const, payload, payloadType: IN_TOTO_PAYLOAD, signature };
    const entry = await addToTreeLog(log.url, content, pem, networkHttp);
    const leaf = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
    const bundle: Bundle = {
      version: '0.3',
      signer: { kind: 'certificate', leaf, others: [] },
      entries: [entry],
      timestamps: [],
      content,
    };
    const both = JSON.stringify({ ...JSON.parse(root), tlogs: [log.part()] });
    const instances = readTrustedRoot(Buffer.from(both), 'root', { demo: true });
    const { signer } = await verifyBundle({ bundle, instances, key: null, artifact: null, now: now() });
    expect(signer).toMatchObject({ kind: 'certificate', claims: { identity: 'https://github.com/acme/x' } });
  });

  it('is asked for the entry that it has already, when its first answer got lost', async () => {
    let lost = 0;
    const log: TreeLog = await TreeLog.start({
      post: (request, response, _body, answer) => {
        lost += 1;
        if (lost === 1) return void request.socket.destroy();
        return log.answer(response, answer);
      },
    });
    const bundle = await sign(log, STATEMENT, 1);
    expect(log.asked.map((one) => one.replace(/[0-9a-f]{80}$/u, 'UUID'))).toEqual([
      'POST /api/v1/log/entries',
      'POST /api/v1/log/entries',
      'GET /api/v1/log/entries/UUID',
    ]);
    expect((await verify(log, bundle)).entries).toHaveLength(1);
  });

  it.each([429, 500, 503])('is asked again after %i', async (status) => {
    let tries = 0;
    const log: TreeLog = await TreeLog.start({
      post: (_request, response, _body, answer) => {
        tries += 1;
        return tries === 1 ? void response.writeHead(status).end() : log.answer(response, answer);
      },
    });
    // The entry of the first try is there already: a log may keep what it fails to answer for.
    expect((await verify(log, await sign(log, FILE, 1))).entries).toHaveLength(1);
  });
});

type Entry = Record<string, unknown>;
/** The answer that is given in place of `all`, whose one entry is `entry`. */
type Changing = (all: Entry, entry: Entry) => unknown;
/** The same answer with members of its entry changed; what is undefined goes. */
const withEntry =
  (change: Entry): Changing =>
  (all, entry) => {
    Object.assign(entry, change);
    return all;
  };
const withVerification =
  (change: Entry): Changing =>
  (all, entry) => {
    Object.assign(entry.verification as Entry, change);
    return all;
  };
const withProof =
  (change: Entry | ((proof: Entry) => Entry)): Changing =>
  (all, entry) => {
    const { inclusionProof } = entry.verification as { inclusionProof: Entry };
    Object.assign(inclusionProof, typeof change === 'function' ? change(inclusionProof) : change);
    return all;
  };

/** Entries that are not what was proposed, or not in the form of the log: the log is not believed. */
const REFUSED: [string, Changing][] = [
  ['nothing', () => ({})],
  ['a list', (all) => [all]],
  ['two entries', (all, entry) => ({ ...all, another: entry })],
  ['text in place of an entry', () => ({ uuid: 'entry' })],
  ['null', () => null],
  ['no body', withEntry({ body: undefined })],
  ['a body that is no base64', withEntry({ body: '***' })],
  ['a body that is no JSON', withEntry({ body: 'AAAA' })],
  ['a log id that is no hex', withEntry({ logID: 'zz' })],
  ['a negative index', withEntry({ logIndex: -1 })],
  ['an index that is no whole number', withEntry({ logIndex: 1.5 })],
  ['an index beyond all numbers', withEntry({ logIndex: 2 ** 60 })],
  ['no time', withEntry({ integratedTime: undefined })],
  ['the time 0', withEntry({ integratedTime: 0 })],
  ['no verification', withEntry({ verification: undefined })],
  ['no proof', withVerification({ inclusionProof: undefined })],
  ['no promise', withVerification({ signedEntryTimestamp: undefined })],
  ['a proof without a checkpoint', withProof({ checkpoint: undefined })],
  ['a hash that is no hash', withProof({ hashes: ['abc'] })],
  ['too many hashes', withProof({ hashes: new Array(65).fill('a'.repeat(64)) })],
];

/** Entries that look right and do not hold: they are found when the bundle is verified, before it is kept. */
const UNPROVEN: [string, Changing, string][] = [
  ['another log’s id', withEntry({ logID: 'ab'.repeat(32) }), 'SP-VERIFY-LOG'],
  ['another index', withEntry({ logIndex: 7_654_321_000 }), 'SP-VERIFY-SET'],
  ['another time', withEntry({ integratedTime: 1_700_000_000 }), 'SP-VERIFY-SET'],
  ['another promise', withVerification({ signedEntryTimestamp: 'AAAA' }), 'SP-VERIFY-SET'],
  ['a proof of another tree', withProof({ rootHash: 'ab'.repeat(32) }), 'SP-VERIFY-INCLUSION'],
  [
    'another checkpoint',
    withProof(({ checkpoint }) => ({ checkpoint: String(checkpoint).replace('\n1\n', '\n2\n') })),
    'SP-VERIFY-CHECKPOINT',
  ],
];

const changed =
  (change: Changing, status = 201): Fault =>
  (_request, response, _body, { body }) => {
    const all = structuredClone(body) as Record<string, Entry>;
    const [entry = {}] = Object.values(all);
    response.writeHead(status).end(JSON.stringify(change(all, entry)));
  };

describe('a Rekor v1 log that is not to be relied on', () => {
  it.concurrent.each(REFUSED)('answers with %s', async (_name, change) => {
    const log = await TreeLog.start({ post: changed(change) });
    const text = await problemIn(sign(log, STATEMENT));
    expect(text).toContain('SP-SIGN-LOG');
    expect(text).toContain(new URL(log.url).host);
    expect(text).not.toMatch(/TypeError|SyntaxError|undefined|SP-INTERNAL/u);
  });

  it('answers with the entry of something else, which holds', async () => {
    const other = await TreeLog.start();
    const { body, logId, logIndex, integratedTime, signedEntryTimestamp, proof } = (await sign(other, FILE))
      .entries[0] as Bundle['entries'][number];
    const swapped = {
      uuid: {
        body: body.toString('base64'),
        logID: logId.toString('hex'),
        logIndex,
        integratedTime,
        verification: {
          signedEntryTimestamp: signedEntryTimestamp?.toString('base64'),
          inclusionProof: { ...proof, rootHash: proof?.rootHash.toString('hex') },
        },
      },
    };
    for (const item of [FILE, STATEMENT]) {
      const log = await TreeLog.start({ post: changed(() => swapped) });
      expect(await problemIn(sign(log, item))).toMatch(/SP-SIGN-LOG[\s\S]*something else/u);
    }
  });

  it.each(UNPROVEN)('answers with %s: nothing is kept', async (_name, change, code) => {
    const log = await TreeLog.start({ post: changed(change) });
    const { exit, text, kept } = await signByCommand(log);
    expect(exit).toBe(2);
    expect(text).toContain(code);
    expect(kept).toBe(false);
  });

  it('is believed by the command where all of it holds', async () => {
    const { exit, text, kept } = await signByCommand(await TreeLog.start());
    expect(exit, text).toBe(0);
    expect(kept).toBe(true);
  });

  it('refuses', async () => {
    const log = await TreeLog.start({
      post: (_request, response) =>
        void response
          .writeHead(400, { 'content-type': 'application/json' })
          .end('{"code":400,"message":"verifying signature: invalid"}'),
    });
    const text = await problemIn(sign(log, FILE));
    expect(text).toMatch(/SP-SIGN-LOG[\s\S]*HTTP 400 verifying signature: invalid/u);
  });

  it('answers 200, which is no entry', async () => {
    const log = await TreeLog.start({ post: changed((all) => all, 200) });
    expect(await problemIn(sign(log, FILE))).toMatch(/SP-SIGN-LOG[\s\S]*HTTP 200/u);
  });
});

describe('an entry that is there already', () => {
  const conflict =
    (location: string | null): Fault =>
    (_request, response) =>
      void response.writeHead(409, location === null ? {} : { location }).end('{}');
  const UUID = 'a'.repeat(80);
  const PATH = '/api/v1/log/entries';

  it.each([
    ['no name', null],
    ['an empty name', ''],
    ['a short name', `${PATH}/abc`],
    ['a name that leads away', `${PATH}/${UUID}/../../../secret`],
    ['a name with a query', `${PATH}/${UUID}?x=1`],
    ['a name of another length', `${PATH}/${'a'.repeat(66)}`],
  ])('by %s is not asked for', async (_name, location) => {
    const log = await TreeLog.start({ post: conflict(location) });
    expect(await problemIn(sign(log, FILE))).toMatch(/SP-SIGN-LOG[\s\S]*its name is not said/u);
    expect(log.asked).toHaveLength(1);
  });

  it('is asked for at the same log, wherever it is said to be', async () => {
    const seen: string[] = [];
    const thief = await listen((request, response) => {
      seen.push(String(request.url));
      response.end();
    });
    const log = await TreeLog.start({ post: conflict(`http://${thief}${PATH}/${UUID}`) });
    expect(await problemIn(sign(log, FILE))).toMatch(/SP-SIGN-LOG[\s\S]*HTTP 404/u);
    expect(log.asked[1]).toBe(`GET ${PATH}/${UUID}`);
    expect(seen).toEqual([]);
  });

  const faults: [string, Answer][] = [
    ['stalls', () => undefined],
    ['breaks off', (request) => void request.socket.destroy()],
    ['sends 50 MB', (_request, response) => void response.end(Buffer.alloc(50 * 1024 * 1024, 0x20))],
    ['redirects', (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['sends half', (_request, response) => void response.end('{"uuid":{"body":"')],
    ['answers 403', (_request, response) => void response.writeHead(403).end()],
    ['answers 500', (_request, response) => void response.writeHead(500).end()],
    ['answers 201', (_request, response) => void response.writeHead(201).end('{}')],
  ];
  it.concurrent.each(faults)('is not taken from a log that %s', async (_name, fault) => {
    const log = await TreeLog.start({ post: conflict(`${PATH}/${UUID}`), get: fault });
    const text = await problemIn(sign(log, FILE));
    expect(text).toContain('SP-SIGN-LOG');
    expect(text).not.toMatch(/TypeError|SyntaxError|SP-INTERNAL/u);
    expect(log.asked).toEqual([`POST ${PATH}`, `GET ${PATH}/${UUID}`]);
  });

  it('is refused where it is the entry of something else', async () => {
    let first: string | null = null;
    const log: TreeLog = await TreeLog.start({
      post: (_request, response, _body, answer) => {
        first ??= answer.uuid;
        if (first === answer.uuid) return log.answer(response, answer);
        return void response.writeHead(409, { location: `${PATH}/${first}` }).end('{}');
      },
    });
    await sign(log, FILE);
    expect(await problemIn(sign(log, FILE))).toMatch(/SP-SIGN-LOG[\s\S]*something else/u);
  });
});

let runs = 0;

/** `sign --key` with a signing config of this log alone. */
async function signByCommand(log: TreeLog): Promise<{ exit: number; text: string; kept: boolean }> {
  runs += 1;
  const file = (name: string) => join(folder, `${runs}-${name}`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const service = { url: log.url, validFor: { start: '2020-01-01T00:00:00Z' }, operator: 'test' };
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [{ ...service, majorApiVersion: 1 }],
    oidcUrls: [],
    rekorTlogUrls: [{ ...service, majorApiVersion: 1 }],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [],
    tsaConfig: { selector: 'ANY' },
  };
  writeFileSync(file('config.json'), JSON.stringify(config));
  writeFileSync(file('root.json'), log.root);
  writeFileSync(file('app.txt'), DATA);
  const context = testContext({ cwd: folder, http: networkHttp, clock: { now } });
  const raw = {
    subjects: [file('app.txt')],
    key: file('key.pem'),
    signingConfig: file('config.json'),
    trustedRoot: [file('root.json')],
  };
  const { exit } = await invoke(await loadCommand('sign'), raw, context);
  const bundle = file('app.txt.sigstore.json');
  const kept = existsSync(bundle) && readFileSync(bundle, 'utf8').includes('hashedrekord');
  return { exit, text: context.said.join('\n'), kept };
}
