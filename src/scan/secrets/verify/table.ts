import { byStatus, type Credential, type IdentityAnswer, type Vendor } from './vendor.ts';

const bearer = ({ secret }: Credential) => ({ Authorization: `Bearer ${secret}` });
const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

type Simple = Pick<Vendor, 'name' | 'docs' | 'rules'> & {
  url: string;
  method?: 'GET' | 'POST';
  headers?: (credential: Credential) => Record<string, string>;
  judge?: (answer: IdentityAnswer) => ReturnType<Vendor['judge']>;
};

function simple({
  name,
  docs,
  rules,
  url,
  method = 'GET',
  headers = bearer,
  judge = byStatus,
}: Simple): Vendor {
  return {
    name,
    docs,
    rules,
    judge,
    request: (credential) => ({ method, url, headers: headers(credential) }),
  };
}

/** Says no with 200 and `"ok": false`. */
const SLACK_NO = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'token_not_found',
]);

function slack({ status, json }: IdentityAnswer): ReturnType<Vendor['judge']> {
  if (status !== 200 || json === null) return 'unknown';
  if (json.ok === true) return 'verified';
  return json.ok === false && SLACK_NO.has(String(json.error)) ? 'invalid' : 'unknown';
}

function cloudflare(answer: IdentityAnswer): ReturnType<Vendor['judge']> {
  const result = answer.json?.result as { status?: unknown } | null | undefined;
  if (answer.status === 200) {
    if (result?.status === 'active') return 'verified';
    return result?.status === 'disabled' || result?.status === 'expired' ? 'invalid' : 'unknown';
  }
  return byStatus(answer);
}

/** A key without the permission for this call is a live key. */
function stripe(answer: IdentityAnswer): ReturnType<Vendor['judge']> {
  const error = answer.json?.error as { type?: unknown } | undefined;
  if (answer.status === 403 && error !== undefined) return 'verified';
  return byStatus(answer);
}

function gitlab(answer: IdentityAnswer): ReturnType<Vendor['judge']> {
  if (answer.status !== 200) return byStatus(answer);
  return answer.json?.active === true ? 'verified' : answer.json?.active === false ? 'invalid' : 'unknown';
}

/** Vendors whose token alone, in a header, is the whole question. One entry each. */
export const table: readonly Vendor[] = [
  simple({
    name: 'GitHub',
    docs: 'https://docs.github.com/en/rest/users/users#get-the-authenticated-user',
    rules: [
      'github-classic-token',
      'github-oauth-token',
      'github-app-user-token',
      'github-fine-grained-token',
    ],
    url: 'https://api.github.com/user',
    headers: (c) => ({
      ...bearer(c),
      Accept: 'application/vnd.github+json',
      'X-GitHub-Api-Version': '2022-11-28',
    }),
  }),
  simple({
    name: 'GitHub App',
    docs: 'https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation',
    rules: ['github-app-installation-token'],
    url: 'https://api.github.com/installation/repositories?per_page=1',
    headers: (c) => ({
      ...bearer(c),
      Accept: 'application/vnd.github+json',
      'X-GitHub-Api-Version': '2022-11-28',
    }),
  }),
  simple({
    name: 'GitLab',
    docs: 'https://docs.gitlab.com/api/personal_access_tokens/#self-inform',
    rules: ['gitlab-personal-token', 'gitlab-routable-token'],
    url: 'https://gitlab.com/api/v4/personal_access_tokens/self',
    headers: ({ secret }) => ({ 'PRIVATE-TOKEN': secret }),
    judge: gitlab,
  }),
  simple({
    name: 'Slack',
    docs: 'https://docs.slack.dev/reference/methods/auth.test',
    rules: ['slack-bot-token', 'slack-user-token', 'slack-legacy-token'],
    url: 'https://slack.com/api/auth.test',
    method: 'POST',
    judge: slack,
  }),
  simple({
    name: 'Stripe',
    docs: 'https://docs.stripe.com/api/accounts/retrieve',
    rules: ['stripe-live-key', 'stripe-test-key'],
    url: 'https://api.stripe.com/v1/account',
    judge: stripe,
  }),
  simple({
    name: 'npm',
    docs: 'https://github.com/npm/registry/blob/main/docs/user/authentication.md',
    rules: ['npm-access-token'],
    url: 'https://registry.npmjs.org/-/whoami',
  }),
  simple({
    name: 'SendGrid',
    docs: 'https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access',
    rules: ['sendgrid-api-key'],
    url: 'https://api.sendgrid.com/v3/scopes',
  }),
  simple({
    name: 'DigitalOcean',
    docs: 'https://docs.digitalocean.com/reference/api/reference/account/',
    rules: ['digitalocean-token', 'digitalocean-oauth-token'],
    url: 'https://api.digitalocean.com/v2/account',
  }),
  simple({
    name: 'Cloudflare',
    docs: 'https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/',
    rules: ['cloudflare-api-token'],
    url: 'https://api.cloudflare.com/client/v4/user/tokens/verify',
    judge: cloudflare,
  }),
  simple({
    name: 'Hugging Face',
    docs: 'https://huggingface.co/docs/hub/api#get-apiwhoami-v2',
    rules: ['huggingface-token', 'huggingface-organization-token'],
    url: 'https://huggingface.co/api/whoami-v2',
  }),
  simple({
    name: 'OpenAI',
    docs: 'https://platform.openai.com/docs/api-reference/models/list',
    rules: ['openai-api-key', 'openai-project-key'],
    url: 'https://api.openai.com/v1/models',
  }),
  simple({
    name: 'Anthropic',
    docs: 'https://docs.anthropic.com/en/api/models-list',
    rules: ['anthropic-api-key'],
    url: 'https://api.anthropic.com/v1/models?limit=1',
    headers: ({ secret }) => ({ 'x-api-key': secret, 'anthropic-version': '2023-06-01' }),
  }),
  simple({
    name: 'Heroku',
    docs: 'https://devcenter.heroku.com/articles/platform-api-reference#account-info',
    rules: ['heroku-api-key'],
    url: 'https://api.heroku.com/account',
    headers: (c) => ({ ...bearer(c), Accept: 'application/vnd.heroku+json; version=3' }),
  }),
  simple({
    name: 'Notion',
    docs: 'https://developers.notion.com/reference/get-self',
    rules: ['notion-token', 'notion-legacy-token'],
    url: 'https://api.notion.com/v1/users/me',
    headers: (c) => ({ ...bearer(c), 'Notion-Version': '2022-06-28' }),
  }),
  simple({
    name: 'Discord',
    docs: 'https://discord.com/developers/docs/resources/user#get-current-user',
    rules: ['discord-bot-token'],
    url: 'https://discord.com/api/v10/users/@me',
    headers: ({ secret }) => ({ Authorization: `Bot ${secret}` }),
  }),
  {
    name: 'Twilio',
    docs: 'https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource',
    rules: ['twilio-auth-token'],
    companion: /(?<![A-Za-z0-9])AC[0-9a-f]{32}(?![A-Za-z0-9])/u,
    request: ({ secret, companion }) =>
      companion === null
        ? null
        : {
            method: 'GET',
            url: `https://api.twilio.com/2010-04-01/Accounts/${companion}.json`,
            headers: basic(companion, secret),
          },
    judge: byStatus,
  },
];
