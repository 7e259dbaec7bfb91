import type { Severity } from '../../model/severity.ts';

/** Words that make a name promise a secret. */
const SECRET_WORDS = new Set(
  'password passwd passphrase pass pword pwd secret secrets token tokens apikey credential credentials auth'.split(
    ' ',
  ),
);
/** Words in front of `key` that make it one: `API_KEY`, `signing-key`. */
const KEY_KINDS = new Set(
  'api access private secret signing encryption master client deploy account auth license licence ssl tls ssh jwt app application service'.split(
    ' ',
  ),
);
/** Last words that make the value something about a secret, not the secret. */
const ABOUT = new Set(
  'file files path dir directory name names url uri host id ids ttl expiry expires expiration expire lifetime length len type header headers enabled enable disabled policy algorithm algo count limit endpoint server issuer audience prefix suffix format mode method provider driver backend plugin module class service store storage age duration timeout interval version region role arn alias bits size field param required rotation realm scheme domain user username hash hashed strategy cookie parallelism public cache mount mounts only'.split(
    ' ',
  ),
);
const NOT_SECRET =
  /^(?:allow|enable|enabled|disable|disabled|no|use|with|without|require|generate|random|public|skip|max|min|num|stdin|lock|unlock|change|reset|ask|prompt)$/u;

/**
 * Whether a variable's name promises that its value is a secret: the notion of BuildKit's check
 * SecretsUsedInArgOrEnv, by words, without the names that only speak about a secret (`PASSWORD_FILE`, `TOKEN_URL`).
 */
export function isSecretName(name: string): boolean {
  if (name.length > 200) return false;
  const words = name
    .replace(/([a-z0-9])([A-Z])/gu, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== '');
  const last = words.at(-1);
  if (last === undefined || ABOUT.has(last) || words.some((word) => NOT_SECRET.test(word))) return false;
  return words.some((word, index) => {
    if (word === 'auth') return index === words.length - 1 && words.length > 1;
    if (word === 'tokens') return index > 0;
    if (SECRET_WORDS.has(word)) return true;
    if (/(?:password|passwd|secret|apikey)$/u.test(word) && word.length < 40) return true;
    return word === 'key' && KEY_KINDS.has(words[index - 1] ?? '') && index === words.length - 1;
  });
}

/** Token forms that their vendors document and that nothing else looks like. */
const KNOWN_FORMS: readonly [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/u, 'AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,251}\b/u, 'GitHub token'],
  [/\bgithub_pat_[A-Za-z0-9_]{50,250}\b/u, 'GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,60}/u, 'GitLab token'],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,250}/u, 'Slack token'],
  [/\b[rs]k_live_[A-Za-z0-9]{20,250}\b/u, 'Stripe key'],
  [/\bAIza[A-Za-z0-9_-]{35}/u, 'Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/u, 'npm token'],
  [/\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,300}/u, 'PyPI token'],
  [/\bdckr_pat_[A-Za-z0-9_-]{20,60}/u, 'Docker Hub token'],
  [/\bSG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{40,50}/u, 'SendGrid key'],
  [/\bsk-(?:ant|proj)-[A-Za-z0-9_-]{40,250}/u, 'AI provider key'],
  [/\bhf_[A-Za-z0-9]{34}\b/u, 'Hugging Face token'],
  [/-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY/u, 'private key'],
];
const PLACEHOLDER =
  /^(?:|.{1,3}|x{3,}|\*+|\.{3,}|(?:your|my|some|an?|the|insert|enter|put|set|add|replace|change)[-_ ].*|.*(?:change[-_ ]?(?:me|it|this)|changeit|replace[-_ ]?me|placeholder|example|dummy|sample|fixme|todo|redacted|insert[-_ ]|your[-_ ]|notset|not[-_ ]?used|dont[-_ ]?use).*|(?:test|demo|dev|local|none|null|nil|true|false|yes|no|on|off|default|undefined|unset|empty|unused|fake|foo|bar|baz|secret|token|password|passwd|pass|admin|root|postgres|mysql|mariadb|mongo|mongodb|redis|rabbitmq|guest|user|key|minio|minioadmin|keycloak|elastic|grafana|wordpress|somewordpress|sa|app|api)[0-9!@#]{0,4}|<.*>|\{\{.*\}\}|%.*%|\[.*\]|[0-9]{1,4})$/iu;

export interface SecretValue {
  /** What to call it in a message. */
  what: string;
  severity: Severity;
  kind: 'known' | 'random' | 'literal' | 'placeholder';
  /** The secret itself: only for masking it elsewhere, never for output. */
  text: string;
}

/** The token of a documented form that a text holds, unless its value is one that documentation uses. */
export function knownToken(text: string): SecretValue | null {
  if (text.length < 16 || text.length > 20_000) return null;
  for (const [form, what] of KNOWN_FORMS) {
    const found = form.exec(text)?.[0];
    if (found !== undefined && !/EXAMPLE|xxxx|0000000|1234567890/iu.test(found))
      return { what, severity: 'critical', kind: 'known', text: found };
  }
  return null;
}

/** Judges a literal value of something named as a secret. Null where it is none: empty, or filled in from elsewhere. */
export function judgeSecretValue(value: string): SecretValue | null {
  const text = value.trim();
  if (text === '' || /\$[({A-Za-z_]/u.test(text)) return null;
  const known = knownToken(text);
  if (known !== null) return known;
  if (/^(?:\/|\.{1,2}\/|~\/)[\w./-]*$/u.test(text)) return null;
  if (PLACEHOLDER.test(text.slice(0, 200)))
    return { what: 'placeholder', severity: 'low', kind: 'placeholder', text };
  if (looksRandom(text)) return { what: 'random value', severity: 'high', kind: 'random', text };
  return { what: 'literal value', severity: 'medium', kind: 'literal', text };
}

/** Twenty characters or more without blanks, of mixed kinds and with an entropy that words do not reach. */
function looksRandom(text: string): boolean {
  if (text.length < 20 || text.length > 4096 || /\s/u.test(text)) return false;
  const digits = text.match(/[0-9]/gu)?.length ?? 0;
  if (digits < 3 || !/[A-Za-z]/u.test(text)) return false;
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / text.length) * Math.log2(count / text.length);
  return entropy >= 3.3;
}

const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{1,20}:\/\/)([^\s/@:"']{0,200}):([^\s/@"']{1,400})@/giu;

/** A text with the passwords and user names in its URLs masked. */
export function maskUrls(text: string): string {
  return text.includes('@') ? text.replace(URL_CREDENTIALS, '$1*:*@') : text;
}

/** The literal password of the first URL in a text that has one, judged. */
export function urlPassword(text: string): SecretValue | null {
  if (!text.includes('@')) return null;
  for (const [, , user = '', password = ''] of text.matchAll(URL_CREDENTIALS)) {
    if (/[${}<>%*]/u.test(password) || (user === '' && password.length < 3)) continue;
    const judged = judgeSecretValue(password);
    if (judged !== null) return { ...judged, what: `${judged.what} as the password in a URL` };
  }
  return null;
}

/** The text of a secret that has to be masked wherever it stands, or undefined for a word that anybody would guess. */
export function textToMask({ kind, text }: SecretValue): string | undefined {
  return kind === 'placeholder' || text.length < 6 ? undefined : text;
}
