import { Random } from './random.ts';
import { fill } from './template.ts';

/** A text with what is known about it. */
export interface Labelled {
  /** The vendor whose credential it is; null: it holds none. */
  vendor: string | null;
  path: string;
  text: string;
}

/**
 * Formats as the vendors document them, apart from the rules: `VENDOR|NAME|VALUE`, where NAME is what a program
 * would call the variable and VALUE a template.
 */
const FORMATS: readonly string[] = [
  'GitHub|GITHUB_TOKEN|ghp_<crc62:30>',
  'GitHub App|GH_APP_TOKEN|ghs_<crc62:30>',
  'GitHub fine-grained|GH_PAT|github_pat_<base62:22>_<base62:59>',
  'GitLab|GITLAB_TOKEN|glpat-<base64url:20>',
  'GitLab runner|RUNNER_TOKEN|glrt-<base64url:20>',
  'Bitbucket|BITBUCKET_APP_PASSWORD|ATBB<base62:24><HEX:8>',
  'Atlassian|JIRA_API_TOKEN|ATATT3xFfGF0<base64url:171>=<HEX:8>',
  'Azure DevOps|AZDO_PAT|<base62:76>AZDO<base62:4>',
  'npm|NPM_TOKEN|npm_<crc62:30>',
  'PyPI|TWINE_PASSWORD|<pypi:pypi.org>',
  'RubyGems|GEM_HOST_API_KEY|rubygems_<hex:48>',
  'crates.io|CARGO_REGISTRY_TOKEN|cio<base62:32>',
  'NuGet|NUGET_API_KEY|oy2<alnum:43>',
  'Docker Hub|DOCKERHUB_TOKEN|dckr_pat_<base64url:27>',
  'JFrog|ARTIFACTORY_API_KEY|AKCp<base62:69>',
  'Clojars|CLOJARS_PASSWORD|CLOJARS_<hex:60>',
  'AWS key id|AWS_ACCESS_KEY_ID|<aws:AKIA>',
  'AWS secret|AWS_SECRET_ACCESS_KEY|<base64:40>',
  'AWS Bedrock|AWS_BEARER_TOKEN_BEDROCK|ABSK<base64:128>',
  'Google|GOOGLE_API_KEY|AIza<base64url:35>',
  'Google OAuth|GOOGLE_CLIENT_SECRET|GOCSPX-<base64url:28>',
  'Azure Entra|AZURE_CLIENT_SECRET|<base62:3>8Q~<base62:34>',
  'Azure Storage|AZURE_STORAGE_KEY|<b64:64>',
  'Azure OpenAI|AZURE_OPENAI_API_KEY|<hex:32>',
  'DigitalOcean|DIGITALOCEAN_TOKEN|dop_v1_<hex:64>',
  'Alibaba Cloud|ALIBABA_ACCESS_KEY_ID|LTAI5t<base62:18>',
  'Linode|LINODE_TOKEN|<hex:64>',
  'Hetzner|HCLOUD_TOKEN|<base62:64>',
  'Scaleway|SCW_SECRET_KEY|<uuid>',
  'IBM Cloud|IBMCLOUD_API_KEY|<base64url:44>',
  'Yandex Cloud|YC_API_KEY|AQVN<base64url:36>',
  'Cloudflare|CLOUDFLARE_API_TOKEN|<base64url:40>',
  'Fastly|FASTLY_API_TOKEN|<base64url:32>',
  'Heroku|HEROKU_API_KEY|HRKU-AA<base64url:58>',
  'Fly.io|FLY_API_TOKEN|fo1_<base64url:43>',
  'Netlify|NETLIFY_AUTH_TOKEN|nfp_<base62:36>',
  'Vercel|VERCEL_TOKEN|<base62:24>',
  'Render|RENDER_API_KEY|rnd_<base62:32>',
  'Supabase|SUPABASE_ACCESS_TOKEN|sbp_<hex:40>',
  'Neon|NEON_API_KEY|napi_<alnum:64>',
  'PlanetScale|PLANETSCALE_TOKEN|pscale_tkn_<base64url:43>',
  'Databricks|DATABRICKS_TOKEN|dapi<hex:32>',
  'Aiven|DB_PASSWORD|AVNS_<base64url:19>',
  'Algolia|ALGOLIA_ADMIN_KEY|<hex:32>',
  'Airtable|AIRTABLE_TOKEN|pat<base62:14>.<hex:64>',
  'Pulumi|PULUMI_ACCESS_TOKEN|pul-<hex:40>',
  'Terraform Cloud|TF_TOKEN|<base62:14>.atlasv1.<base62:67>',
  'HashiCorp Vault|VAULT_TOKEN|hvs.<base62:94>',
  'Doppler|DOPPLER_TOKEN|dp.st.prd.<base62:43>',
  '1Password|OP_SERVICE_ACCOUNT_TOKEN|ops_eyJ<base62:300>',
  'CircleCI|CIRCLE_TOKEN|CCIPAT_<base62:22>_<hex:40>',
  'Buildkite|BUILDKITE_TOKEN|bkua_<hex:40>',
  'Codecov|CODECOV_TOKEN|<uuid>',
  'SonarQube|SONAR_TOKEN|squ_<hex:40>',
  'Snyk|SNYK_TOKEN|<uuid>',
  'Tailscale|TS_AUTHKEY|tskey-auth-k<base62:11>CNTRL-<base62:32>',
  'OpenAI|OPENAI_API_KEY|sk-proj-<base64url:74>T3BlbkFJ<base64url:74>',
  'Anthropic|ANTHROPIC_API_KEY|sk-ant-api03-<base64url:93>AA',
  'Hugging Face|HF_TOKEN|hf_<base62:34>',
  'Replicate|REPLICATE_API_TOKEN|r8_<base62:37>',
  'Groq|GROQ_API_KEY|gsk_<base62:52>',
  'Perplexity|PPLX_API_KEY|pplx-<base62:48>',
  'xAI|XAI_API_KEY|xai-<base62:80>',
  'OpenRouter|OPENROUTER_API_KEY|sk-or-v1-<hex:64>',
  'Mistral|MISTRAL_API_KEY|<base62:32>',
  'Cohere|COHERE_API_KEY|<base62:40>',
  'Pinecone|PINECONE_API_KEY|pcsk_<base62:6>_<base62:63>',
  'LangSmith|LANGSMITH_API_KEY|lsv2_pt_<hex:32>_<hex:10>',
  'ElevenLabs|ELEVENLABS_API_KEY|sk_<hex:48>',
  'NVIDIA|NVIDIA_API_KEY|nvapi-<base64url:64>',
  'Weights & Biases|WANDB_API_KEY|<hex:40>',
  'Slack bot|SLACK_BOT_TOKEN|xoxb-<digits:12>-<digits:13>-<base62:24>',
  'Slack webhook|SLACK_WEBHOOK|https://hooks.slack.com/services/T<upper36:10>/B<upper36:10>/<base62:24>',
  'Discord|DISCORD_TOKEN|<snowflake>.<base64url:6>.<base64url:38>',
  'Telegram|TELEGRAM_BOT_TOKEN|<digits:10>:AA<base64url:33>',
  'Twilio|TWILIO_AUTH_TOKEN|<hex:32>',
  'SendGrid|SENDGRID_API_KEY|SG.<base64url:22>.<base64url:43>',
  'Mailgun|MAILGUN_API_KEY|key-<hex:32>',
  'Mailchimp|MAILCHIMP_KEY|<hex:32>-us21',
  'Postmark|POSTMARK_API_TOKEN|<uuid>',
  'Brevo|BREVO_API_KEY|xkeysib-<hex:64>-<base62:16>',
  'Resend|RESEND_API_KEY|re_<base62:8>_<base62:24>',
  'Stripe|STRIPE_SECRET_KEY|sk_live_<base62:99>',
  'Square|SQUARE_ACCESS_TOKEN|EAAA<base64url:60>',
  'PayPal Braintree|BRAINTREE_TOKEN|access_token$production$<alnum:16>$<hex:32>',
  'Shopify|SHOPIFY_ACCESS_TOKEN|shpat_<hex:32>',
  'Plaid|PLAID_SECRET|<hex:30>',
  'Razorpay|RAZORPAY_KEY_SECRET|<base62:24>',
  'EasyPost|EASYPOST_API_KEY|EZAK<base62:54>',
  'Datadog|DD_API_KEY|<hex:32>',
  'New Relic|NEW_RELIC_API_KEY|NRAK-<upper36:27>',
  'Sentry|SENTRY_AUTH_TOKEN|sntryu_<hex:64>',
  'Grafana|GRAFANA_TOKEN|glsa_<base62:32>_<hex:8>',
  'Dynatrace|DT_API_TOKEN|dt0c01.<upper36:24>.<upper36:64>',
  'PostHog|POSTHOG_PERSONAL_API_KEY|phx_<base62:43>',
  'LaunchDarkly|LD_SDK_KEY|sdk-<uuid>',
  'Okta|OKTA_API_TOKEN|00<base64url:40>',
  'Auth0|AUTH0_CLIENT_SECRET|<base64url:64>',
  'Notion|NOTION_TOKEN|ntn_<digits:11><base62:35>',
  'Linear|LINEAR_API_KEY|lin_api_<base62:40>',
  'Figma|FIGMA_TOKEN|figd_<base64url:40>',
  'Postman|POSTMAN_API_KEY|PMAK-<hex:24>-<hex:34>',
  'HubSpot|HUBSPOT_TOKEN|pat-na1-<uuid>',
  'Salesforce|SF_ACCESS_TOKEN|00D<base62:12>!<base62:96>',
  'Dropbox|DROPBOX_TOKEN|sl.u.<base64url:140>',
  'Facebook|FB_APP_SECRET|<hex:32>',
  'Contentful|CONTENTFUL_MANAGEMENT_TOKEN|CFPAT-<base64url:43>',
  'Mapbox|MAPBOX_SECRET_TOKEN|sk.eyJ1Ijoi<base62:70>.<base64url:22>',
  'age|AGE_KEY|<age>',
  'JWT|SERVICE_JWT|<jwt>',
];

const PLACES: readonly { path: string; write(name: string, value: string): string }[] = [
  { path: '.env.production', write: (name, value) => `${name}=${value}\n` },
  { path: 'src/client.ts', write: (name, value) => `const ${camel(name)} = '${value}';\n` },
  { path: 'deploy/values.yaml', write: (name, value) => `env:\n  - name: ${name}\n    value: "${value}"\n` },
  { path: 'config/settings.json', write: (name, value) => `{\n  "${camel(name)}": "${value}"\n}\n` },
  { path: 'app/settings.py', write: (name, value) => `${name} = "${value}"\n` },
  { path: 'scripts/run.sh', write: (name, value) => `export ${name}="${value}"\n./run\n` },
  { path: 'Dockerfile', write: (name, value) => `FROM base\nENV ${name}=${value}\n` },
];

/** Larger credentials, with the file that they stand in. */
const FILES: readonly [string, string, string][] = [
  ['RSA key', 'deploy/id_rsa', '<pem:rsa>'],
  ['OpenSSH key', '.ssh/id_ed25519', '<pem:openssh>'],
  ['EC key in code', 'src/key.go', 'var key = "<pemline:ec>"\n'],
  ['npmrc', '.npmrc', '//registry.npmjs.org/:_authToken=<uuid>\n'],
  ['pypirc', '.pypirc', '[pypi]\nusername = deploy\npassword = <base62:20>\n'],
  ['netrc', '.netrc', 'machine api.corp.dev login deploy password <base62:20>\n'],
  ['docker config', '.docker/config.json', '{"auths": {"registry.corp.dev": {"auth": "<basic:deploy>"}}}\n'],
  ['kubeconfig', 'kubeconfig.yaml', 'users:\n- name: admin\n  user:\n    token: <base62:60>\n'],
  [
    'Kubernetes Secret',
    'k8s/secret.yaml',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: <b64ascii:24>\n',
  ],
  ['Terraform state', 'prod.tfstate', '{"attributes": {"master_password": "<base62:24>"}}\n'],
  [
    'AWS credentials file',
    '.aws/credentials',
    '[default]\naws_access_key_id = <aws:AKIA>\naws_secret_access_key = <base64:40>\n',
  ],
  [
    'service account',
    'sa.json',
    '{"type": "service_account", "private_key_id": "<hex:40>", "private_key": "<pemline:rsa>"}\n',
  ],
  ['database URL', 'config.yml', 'url: postgres://app:<base62:20>@db.corp.dev:5432/app\n'],
  [
    'connection string',
    'appsettings.json',
    '{"Db": "Server=db.corp.dev;Database=app;User Id=app;Password=<base62:20>;"}\n',
  ],
  ['git URL', 'install.sh', 'git clone https://deploy:<base62:20>@git.corp.dev/app.git\n'],
  ['Django', 'site/settings.py', "SECRET_KEY = '<base62:50>'\n"],
  ['Laravel', '.env', 'APP_KEY=base64:<b64:32>\n'],
  ['Rails', 'config/secrets.yml', 'production:\n  secret_key_base: <hex:128>\n'],
  ['password in code', 'src/db.js', 'const password = "<pass:14>";\n'],
  [
    'password in properties',
    'src/main/resources/application.properties',
    'spring.datasource.password=<pass:16>\n',
  ],
  ['token in YAML', 'config/prod.yaml', 'internal_api_token: <base62:40>\n'],
  ['signing key', 'src/jwt.ts', "export const jwtSecret = '<hex:64>';\n"],
];

function camel(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());
}

/** Texts that hold a credential: every format `rounds` times, each in another place. */
export function positives(rounds: number, seed: number): Labelled[] {
  const random = new Random(seed);
  const out: Labelled[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [index, format] of FORMATS.entries()) {
      const [vendor = '', name = '', ...value] = format.split('|');
      const place = PLACES[(index + round) % PLACES.length] as (typeof PLACES)[number];
      out.push({ vendor, path: place.path, text: place.write(name, fill(value.join('|'), random)) });
    }
    for (const [vendor, path, template] of FILES) out.push({ vendor, path, text: fill(template, random) });
  }
  return out;
}

/** Lines that look like credentials and are none: `PATH|TEXT`. */
const LOOKALIKES: readonly string[] = [
  'package-lock.json|      "integrity": "sha512-<b64:64>",',
  'package-lock.json|      "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.<digits:1>.0.tgz#<hex:40>",',
  'yarn.lock|  integrity sha512-<b64:64>',
  'pnpm-lock.yaml|    resolution: {integrity: sha512-<b64:64>}',
  'go.sum|github.com/corp/lib v1.<digits:1>.0 h1:<b64:32>',
  'Cargo.lock|checksum = "<hex:64>"',
  'poetry.lock|    {file = "lib-1.0.tar.gz", hash = "sha256:<hex:64>"},',
  'Gemfile.lock|  revision: <hex:40>',
  'index.html|<script src="/app.js" integrity="sha384-<b64:48>" crossorigin="anonymous"></script>',
  'src/image.ts|const icon = "data:image/png;base64,iVBORw0KGgo<base64:120>";',
  'src/font.css|src: url(data:font/woff2;base64,d09GMgABAAAAA<base64:200>);',
  'src/commit.ts|const commit = "<hex:40>";',
  'src/version.ts|export const revision = "<hex:40>";',
  'src/hash.ts|assert.equal(sha256(input), "<hex:64>");',
  'src/md5.py|checksum = "<hex:32>"',
  'src/ids.ts|const userId = "<uuid>";',
  'src/ids.cs|[Guid("<uuid>")]',
  'app.sln|Project("{<uuid>}") = "App", "App.csproj", "{<uuid>}"',
  'db/seed.sql|INSERT INTO users (id, name) VALUES ("<uuid>", "anna");',
  'src/etag.ts|response.setHeader("ETag", "<hex:32>");',
  'Dockerfile|FROM node:24@sha256:<hex:64>',
  'k8s/deploy.yaml|        image: registry.corp.dev/app@sha256:<hex:64>',
  '.github/workflows/ci.yml|      - uses: actions/checkout@<hex:40>',
  '.github/workflows/ci.yml|          token: ${{ secrets.GITHUB_TOKEN }}',
  '.env.example|API_KEY=your-api-key-here',
  '.env.example|SECRET_KEY=changeme',
  '.env.example|DATABASE_URL=postgres://user:password@localhost:5432/app',
  '.env|STRIPE_SECRET_KEY=${STRIPE_SECRET_KEY}',
  'README.md|export GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'README.md|aws_access_key_id = AKIAIOSFODNN7EXAMPLE',
  'README.md|aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'README.md|Authorization: Bearer <YOUR_ACCESS_TOKEN>',
  'README.md|curl -u user:password https://api.corp.dev/v1',
  'docs/api.md|  "apiKey": "<YOUR_API_KEY>"',
  'src/auth.ts|const token = await getToken(request.headers.authorization);',
  'src/auth.ts|const password = form.elements.password.value;',
  'src/auth.ts|if (password !== passwordConfirmation) throw new PasswordMismatchError();',
  'src/auth.py|password = os.environ["DB_PASSWORD"]',
  'src/auth.py|api_key = settings.API_KEY',
  'src/auth.go|token := os.Getenv("SERVICE_TOKEN")',
  'src/Auth.java|private static final String PASSWORD_FIELD = "passwordConfirmation";',
  'src/Auth.java|String tokenEndpoint = "https://login.corp.dev/oauth2/v2.0/token";',
  'src/i18n/en.json|  "password_reset": "Please enter your new password twice",',
  'src/i18n/de.json|  "tokenExpired": "Ihr Token ist abgelaufen, melden Sie sich neu an",',
  'src/form.tsx|<input type="password" name="newPassword" placeholder="Enter your password" />',
  'src/theme.css|.password-strength-indicator { color: #<hex:6>; }',
  'src/keys.ts|const cacheKey = "user-profile-settings-v2-<digits:3>";',
  'src/keys.ts|export const STORAGE_KEY = "corp.preferences.sidebar.collapsed";',
  'src/keys.ts|const primaryKey = "<uuid>";',
  'src/chain.ts|const tokenAddress = "0x<hex:40>";',
  'src/chain.ts|const txHash = "0x<hex:64>";',
  'src/test-vectors.ts|  { input: "<hex:64>", output: "<hex:64>" },',
  'certs/ca.pem|-----BEGIN CERTIFICATE-----',
  'certs/key.pub|ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<base64:43> ops@corp.dev',
  'certs/key.pub|-----BEGIN PUBLIC KEY-----',
  'src/pub.ts|const publicKey = "<base64:44>";',
  'src/recaptcha.ts|const siteKey = "6Lc<base62:37>";',
  'terraform/main.tf|  password = var.database_password',
  'terraform/main.tf|  secret_id = aws_secretsmanager_secret.db.id',
  'helm/values.yaml|  existingSecret: database-credentials',
  'helm/values.yaml|  secretKeyRef: app-secrets',
  'ansible/vars.yml|db_password: "{{ vault_db_password }}"',
  'app.properties|spring.datasource.password=${DB_PASSWORD}',
  'pom.xml|<password>${env.MAVEN_PASSWORD}</password>',
  'config.xml|<add key="PasswordResetUrl" value="/account/reset-password" />',
  'bundle.map|{"version":3,"mappings":"AAAA,SAAS,<base62:200>"}',
  'snap/app.test.ts.snap|  "hash": "<hex:64>",',
  'migrations/001.sql|-- checksum: <hex:64>',
  'log.txt|2026-01-12T10:22:31Z request_id=<uuid> trace=<hex:32> status=200',
  'src/color.ts|export const palette = ["#<hex:6>", "#<hex:6>", "#<hex:6>"];',
  'src/regex.ts|const TOKEN_PATTERN = /^ghp_[A-Za-z0-9]{36}$/;',
  'Makefile|PASSWORD ?= $(shell pass show corp/db)',
  'src/jwt.ts|const algorithm = "HS256"; const tokenType = "access_token";',
  'src/constants.ts|export const ACCESS_TOKEN_COOKIE = "corp_access_token_v2";',
  'src/model.py|token_count = 4096  # max_tokens for the model',
  'src/s3.ts|const objectKey = "uploads/2026/01/<uuid>.png";',
  'k8s/sealed.yaml|    password: AgB<base64:300>',
  'test.http|X-Request-Id: <uuid>',
  'vendor.js|!function(e,t){var n="<base62:12>",r=t.token||e.key;return n+r}(window,document);',
];

/** At least `count` lines that hold no credential. */
export function negatives(count: number, seed: number): Labelled[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const [path = '', ...text] = (LOOKALIKES[index % LOOKALIKES.length] as string).split('|');
    return { vendor: null, path, text: `${fill(text.join('|'), random)}\n` };
  });
}

/** How many vendors' formats the set has. */
export const formatCount = FORMATS.length + FILES.length;
