import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTree } from '../../../../src/platform/open-tree.ts';
import { runProcess } from '../../../../src/platform/process.ts';
import { lookForSecrets, secrets } from '../../../../src/scan/secrets/engine.ts';
import { ownPack } from '../../../../src/scan/secrets/rules/pack.ts';
import { vendors } from '../../../../src/scan/secrets/verify/registry.ts';
import { type Ask, verifyAll } from '../../../../src/scan/secrets/verify/verify.ts';
import { Random } from '../examples/random.ts';
import { fill } from '../examples/template.ts';
import { type Reply, type Seen, VendorServer } from './server.ts';

const random = new Random(64);
const server = new VendorServer(() => ({ status: 500 }));
let ask: Ask;
beforeAll(async () => {
  ask = await server.start();
});
afterAll(async () => await server.stop());
beforeEach(() => {
  server.seen.length = 0;
});

const SECRET = 'made-up-token-0123456789';
const ACCOUNT = `AC${'0a'.repeat(16)}`;
const basic = `Basic ${Buffer.from(`${ACCOUNT}:${SECRET}`).toString('base64')}`;

interface Case {
  host: string;
  path: string;
  sent: Partial<Seen['headers']>;
  method?: string;
  yes: Reply;
  no: Reply;
  companion?: string;
}

/** What each vendor documents: where, with which header, and what it answers. */
const CASES: Record<string, Case> = {
  GitHub: token('api.github.com', '/user', { login: 'me' }, { message: 'Bad credentials' }),
  'GitHub App': token('api.github.com', '/installation/repositories?per_page=1', { total_count: 1 }),
  GitLab: {
    ...token('gitlab.com', '/api/v4/personal_access_tokens/self', { active: true }),
    sent: { 'private-token': SECRET },
  },
  Slack: {
    ...token('slack.com', '/api/auth.test', { ok: true, team: 't' }),
    method: 'POST',
    no: { status: 200, body: { ok: false, error: 'invalid_auth' } },
  },
  Stripe: token(
    'api.stripe.com',
    '/v1/account',
    { id: 'acct_1' },
    { error: { type: 'invalid_request_error' } },
  ),
  npm: token('registry.npmjs.org', '/-/whoami', { username: 'me' }),
  SendGrid: token('api.sendgrid.com', '/v3/scopes', { scopes: ['mail.send'] }),
  DigitalOcean: token('api.digitalocean.com', '/v2/account', { account: {} }, { id: 'Unauthorized' }),
  Cloudflare: token('api.cloudflare.com', '/client/v4/user/tokens/verify', {
    success: true,
    result: { status: 'active' },
  }),
  'Hugging Face': token('huggingface.co', '/api/whoami-v2', { name: 'me' }),
  OpenAI: token('api.openai.com', '/v1/models', { data: [] }),
  Anthropic: {
    ...token('api.anthropic.com', '/v1/models?limit=1', { data: [] }),
    sent: { 'x-api-key': SECRET, 'anthropic-version': '2023-06-01' },
  },
  Heroku: token('api.heroku.com', '/account', { email: 'me' }),
  Notion: {
    ...token('api.notion.com', '/v1/users/me', { object: 'user' }),
    sent: { authorization: `Bearer ${SECRET}`, 'notion-version': '2022-06-28' },
  },
  Discord: {
    ...token('discord.com', '/api/v10/users/@me', { id: '1' }),
    sent: { authorization: `Bot ${SECRET}` },
  },
  Twilio: {
    ...token('api.twilio.com', `/2010-04-01/Accounts/${ACCOUNT}.json`, { sid: ACCOUNT }),
    sent: { authorization: basic },
    companion: ACCOUNT,
  },
  AWS: {
    host: 'sts.amazonaws.com',
    path: '/',
    method: 'POST',
    sent: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    yes: { status: 200, body: { GetCallerIdentityResponse: {} } },
    no: { status: 403, body: '<Code>InvalidClientTokenId</Code>' },
    companion: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  },
};

function token(host: string, path: string, yes: unknown, no: unknown = {}): Case {
  return {
    host,
    path,
    sent: { authorization: `Bearer ${SECRET}` },
    yes: { status: 200, body: yes },
    no: { status: 401, body: no },
  };
}

async function verdict(name: string, reply: Reply, companion: string | null): Promise<string | undefined> {
  const vendor = vendors.find((one) => one.name === name);
  server.answer(() => reply);
  const wanted = new Map([
    ['k', { rule: vendor?.rules[0] ?? '', credential: { secret: SECRET, companion } }],
  ]);
  return (await verifyAll(wanted, ask, () => new Date())).get('k');
}

describe('vendors', () => {
  it('are at least ten, each with its documentation, for rules that the pack has', () => {
    expect(new Set(vendors.map(({ docs }) => new URL(docs).host)).size).toBeGreaterThanOrEqual(10);
    expect(vendors.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
    const known = new Set(ownPack().rules.map(({ id }) => id));
    const rules = vendors.flatMap((vendor) => vendor.rules);
    expect(rules.filter((rule) => !known.has(rule))).toEqual([]);
    expect(new Set(rules).size).toBe(rules.length);
  });

  it.each(Object.entries(CASES))('%s is asked as it documents', async (name, one) => {
    const companion = one.companion ?? null;
    expect(await verdict(name, one.yes, companion)).toBe('verified');
    expect(server.seen).toHaveLength(1);
    const [seen] = server.seen;
    expect(seen).toMatchObject({
      host: one.host,
      path: one.path,
      method: one.method ?? 'GET',
      headers: one.sent,
    });
    expect(seen?.headers['user-agent']).toBe('sallyport');
    expect(await verdict(name, one.no, companion)).toBe('invalid');
    expect(await verdict(name, { status: 500 }, companion)).toBe('unknown');
    expect(await verdict(name, { status: 429 }, companion)).toBe('unknown');
    expect(await verdict(name, { status: 404, body: '<html>' }, companion)).toBe('unknown');
    server.seen.length = 0;
    const elsewhere = { status: 302, headers: { location: 'https://elsewhere.invalid/' } };
    expect(await verdict(name, elsewhere, companion)).toBe('unknown');
    expect(server.seen.map(({ host }) => host)).toEqual([one.host]);
  });

  it('that say yes or no in other ways are understood', async () => {
    const cases: [string, Reply, string][] = [
      ['Slack', { status: 200, body: { ok: false, error: 'ratelimited' } }, 'unknown'],
      ['Slack', { status: 200, body: 'ok' }, 'unknown'],
      ['Slack', { status: 200, body: { ok: 'true' } }, 'unknown'],
      ['Cloudflare', { status: 200, body: { result: { status: 'disabled' } } }, 'invalid'],
      ['Cloudflare', { status: 200, body: {} }, 'unknown'],
      ['Stripe', { status: 403, body: { error: { type: 'invalid_request_error' } } }, 'verified'],
      ['Stripe', { status: 403, body: 'proxy' }, 'unknown'],
      ['GitLab', { status: 200, body: { active: false } }, 'invalid'],
      ['GitLab', { status: 200, body: '[]' }, 'unknown'],
      ['OpenAI', { status: 403, body: {} }, 'unknown'],
    ];
    for (const [name, reply, expected] of cases)
      expect(await verdict(name, reply, null), name).toBe(expected);
    expect(await verdict('AWS', { status: 403, body: 'SignatureDoesNotMatch' }, 'x'.repeat(40))).toBe(
      'unknown',
    );
  });

  it('are not asked where the other half is missing, or where there is nobody to ask', async () => {
    for (const name of ['AWS', 'Twilio']) expect(await verdict(name, { status: 200 }, null)).toBe('unknown');
    const wanted = new Map([['k', { rule: 'private-key', credential: { secret: SECRET, companion: null } }]]);
    expect((await verifyAll(wanted, ask, () => new Date())).get('k')).toBe('unknown');
    expect(server.seen).toEqual([]);
  });

  it('are asked about two hundred credentials and no more', async () => {
    server.answer(() => ({ status: 200 }));
    const wanted = new Map(
      Array.from({ length: 230 }, (_, index) => [
        index,
        { rule: 'npm-access-token', credential: { secret: `${SECRET}${index}`, companion: null } },
      ]),
    );
    const verdicts = [...(await verifyAll(wanted, ask, () => new Date())).values()];
    expect(server.seen).toHaveLength(200);
    expect(verdicts.filter((one) => one === 'unknown')).toHaveLength(30);
  });
});

describe('the engine', () => {
  async function look(files: Record<string, string>, options: Record<string, unknown>) {
    const root = mkdtempSync(join(tmpdir(), 'secrets-'));
    try {
      for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
      const tree = await openTree({ root }, runProcess, { PATH: process.env.PATH ?? '', HOME: '/' });
      const input = { tree, options: await secrets.parseOptions(options), excluded: () => false };
      return await lookForSecrets(input, ask);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  it('asks each vendor about its own, once for each secret, and shows none', async () => {
    const live = fill('npm_<crc62:30>', random);
    const dead = fill('ghp_<crc62:30>', random);
    const [id, half] = [
      fill('<aws:AKIA>', random),
      `wJalrXUtnFEMI7K7MDENG9bPxRfiCY${fill('<base62:10>', random)}`,
    ];
    server.answer(({ host }) =>
      host === 'registry.npmjs.org' ? { status: 200 } : { status: host === 'api.github.com' ? 401 : 200 },
    );
    const files = {
      'a.env': `N=${live}\n`,
      'b.env': `N=${live}\nG=${dead}\n`,
      'c.env': `aws_access_key_id = ${id}\naws_secret_access_key = ${half}\n`,
      'd.env': `api_secret = ${fill('<base62:40>', random)}\n`,
    };
    const { hits } = await look(files, { verify: true });
    const byRule = Object.fromEntries(hits.map((hit) => [hit.rule, hit]));
    expect(byRule['npm-access-token']).toMatchObject({ verification: 'verified', severity: 'critical' });
    expect(byRule['npm-access-token']?.message).toContain('LIVE: npm accepts it');
    expect(byRule['github-classic-token']).toMatchObject({ verification: 'invalid' });
    expect(byRule['aws-access-key-id']).toMatchObject({ verification: 'verified' });
    expect(hits.filter(({ verification }) => verification === 'unknown').length).toBeGreaterThan(0);
    expect(server.seen.map(({ host }) => host).sort()).toEqual([
      'api.github.com',
      'registry.npmjs.org',
      'sts.amazonaws.com',
    ]);
    const [aws] = server.seen.filter(({ host }) => host === 'sts.amazonaws.com');
    expect(aws?.headers.authorization).toContain(`Credential=${id}/`);
    expect(JSON.stringify(server.seen)).not.toContain(half);
    for (const secret of [live, dead, id, half])
      expect(JSON.stringify(hits)).not.toContain(secret.slice(6, 18));
  });

  it('asks nobody unless it is told to, and says nothing of it then', async () => {
    const { hits } = await look({ 'a.env': `N=${fill('npm_<crc62:30>', random)}\n` }, {});
    expect(hits).toHaveLength(1);
    expect(hits[0]).not.toHaveProperty('verification');
    expect(server.seen).toEqual([]);
  });

  it('sends nothing that a rule of the repository found', async () => {
    const rules =
      "[[rules]]\nid = 'npm-access-token'\nregex = '''mine-[a-z0-9]{20}'''\nkeywords = ['mine-']\n";
    const { hits } = await look(
      { 'rules.toml': rules, 'a.env': `N=mine-${'a1'.repeat(10)}\n` },
      { verify: true, rules: 'rules.toml' },
    );
    expect(hits).toMatchObject([{ rule: 'npm-access-token', verification: 'unknown' }]);
    expect(server.seen).toEqual([]);
  });
});
