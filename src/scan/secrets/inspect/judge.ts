import type { Severity } from '../../../model/severity.ts';
import { checks } from '../checks/registry.ts';
import { shannonEntropy } from '../match/entropy.ts';
import type { SecretRule } from '../rules/rule.ts';
import type { PathKind } from './paths.ts';
import {
  changes,
  classesOf,
  isEncodedPlaceholder,
  isLowInformation,
  isPlaceholder,
  isReference,
  isWordy,
} from './plausible.ts';

/** A match of one of our rules, with what stands around it (latin1). */
export interface Suspect {
  rule: SecretRule;
  secret: string;
  /** The whole match. */
  match: string;
  /** What stands on the line before the match and after it, a little of each. */
  before: string;
  after: string;
  path: PathKind;
  /** The line is too long to have been written by hand. */
  minified: boolean;
}

/** Null: not a secret. Else how bad it is, and what was seen. */
export interface Judgement {
  severity: Severity;
  tags: string[];
}

/** Decides whether a match of our own rules stands for a secret. Rules of other packs are not judged: they say it all. */
export function judge(suspect: Suspect): Judgement | null {
  const { rule, secret, path } = suspect;
  const tags: string[] = [];
  const check = rule.check === undefined ? 'unknown' : (checks.get(rule.check)?.run(secret) ?? 'unknown');
  if (check === 'invalid') return null;
  if (check === 'valid') tags.push('structure-checked');
  if (rule.regex === undefined) return { severity: rule.severity, tags };
  if (rule.confidence === 'token') {
    if (check !== 'valid' && (isFakeToken(suspect) || isAmidBase64(suspect))) return null;
  } else if (rule.confidence === 'named') {
    if (isFakeToken(suspect) || isReference(secret) || isWordy(secret)) return null;
    if (path.generated) return null;
  } else if (!isGeneralSecret(suspect)) return null;
  if (path.test) tags.push('test-path');
  if (path.example) tags.push('example-path');
  return { severity: severityOf(suspect, check === 'valid'), tags };
}

function isFakeToken({ secret }: Suspect): boolean {
  // The prefix of a format may itself be a word; what follows it must not be.
  const body = (secret.length > 16 ? secret.slice(4) : secret).replace(/^(.)\1+/u, '');
  return isPlaceholder(body) || isLowInformation(body);
}

/** A piece of a picture or a font: what comes before it is as random, and only a base64 sign stands between them. */
function isAmidBase64({ before }: Suspect): boolean {
  return /^[A-Za-z0-9+/]{39,}[+/]$/u.test(before) && classesOf(before) >= 3 && changes(before) >= 12;
}

/** In a place for made-up values a secret is less likely to be one; a proven structure counts everywhere. */
function severityOf({ rule, path }: Suspect, proven: boolean): Severity {
  if (proven || !(path.test || path.example)) return rule.severity;
  if (rule.confidence === 'token') return rule.severity === 'critical' ? 'high' : rule.severity;
  return rule.confidence === 'named' ? 'medium' : 'low';
}

/** The variable's name, from the match: everything up to what assigns. */
const NAME =
  /^(?:[\s"'`<]*name["']?\s*[:=]\s*["']?(?=[\w.-]+["']?,?\s*\n)|(?:key|name)="(?=[\w.:-]+"(?:\s+value=|>)))?[\s"'`<]*([\w.$-]{1,90}?)["'`\]\s]*(?:=>|:=|\?=|[:=>,(]|value)/iu;
/** Names that promise a secret and hold something else. */
const HARMLESS_NAME =
  /(?:public|pub|primary|foreign|partition|sort|cache|hash|row|group|object|idempotency|translation|i18n|locale|label|message|msg|title|text|hint|placeholder|description|error|css|class|style|selector|test[_-]?id|aria|icon|image|img|file|path|dir|folder|url|uri|endpoint|host|route|link|href|type|kind|name|field|column|length|size|count|index|id|ids|version|format|algorithm|alg|header|prefix|suffix|regex|pattern|policy|expir\w*|ttl|age|timeout|time|date|status|state|scope|required|enabled|disabled|support\w*|param\w*|option\w*|flow|grant|provider|service|manager|handler|factory|validator|encoder|strategy|reset|forgot|confirm\w*|verif\w*|change|update|input|form|strength|visible|show|hidden|ref|arn|store|storage|fingerprint|thumbprint|checksum|digest|sha\d*|md5|etag|nonce|csrf|xsrf|sitekey|site[_-]key|recaptcha[_-]?(?:public|site)|tokenizer|tokens?[_-]?(?:count|limit|max)|max[_-]?tokens?|authors?|address|contract|mint|keyboard\w*|keyword\w*|keyframe\w*|monkey|turkey|donkey)$|(?:^|[_.-])(?:public|pub|max|min|num|count|is|has|use|no|enable|disable|show|hide|allow|require|primary|foreign|cancellation|csrf|xsrf|antiforgery|contract|erc20|css|design|syntax|lexer|parser|ast)[_.-]/iu;
const PASSWORD_NAME = /pass(?:w(?:or)?d|phrase)?$|pwd$|passwd|password/iu;
/** What a chosen password follows where no name is assigned: options of commands, calls that take it with a user. */
const PASSWORD_PLACE =
  /(?:pass(?:w(?:or)?d)?|pwd)[ =]["'`]?$|\s-p ?["']?$|^echo|@?(?:basic_?auth|credentials?|authentication|getconnection|\bauth)\b.{0,400}, {0,4}["'`]$|SecureString[^"']*["']$|^["'`=][\w.-]+:$/iu;
/** What follows a hash or an identifier in the text before a value. */
const HASH_CONTEXT =
  /(?:sha-?\d{1,3}|md5|checksum|digest|integrity|commit|revision|rev|etag|hash|fingerprint|uuid|guid)["'`\s:=(,.-]*$/iu;

/** Already hashed (crypt's forms), encrypted for a cluster (SealedSecret), or an account's public address. */
const HASHED =
  /^\$(?:2[abxy]?|[156y]|argon2\w*|pbkdf2[\w-]*|scrypt|bcrypt[\w-]*)\$|^\{S?SHA\d*\}|^0x[0-9a-f]{40}$|^pbkdf2[:_]|^scrypt:|^Ag[A-Z][A-Za-z0-9+/]{250,}/iu;

function isGeneralSecret(suspect: Suspect): boolean {
  const { secret, match, before, path, minified } = suspect;
  if (path.generated || isReference(secret) || isPlaceholder(secret) || isLowInformation(secret))
    return false;
  if (isEncodedPlaceholder(secret)) return false;
  if (HASH_CONTEXT.test(before) || HASHED.test(secret)) return false;
  const name = NAME.exec(match)?.[1] ?? '';
  if (HARMLESS_NAME.test(splitCamel(name))) return false;
  if (looksLikeCode(secret, suspect.after) || isWordy(secret)) return false;
  const lead = match.slice(0, Math.max(0, match.lastIndexOf(secret)));
  if (PASSWORD_NAME.test(name) || PASSWORD_PLACE.test(lead)) return isPassword(secret, minified);
  return isRandom(secret, minified);
}

/** `maxTokens` as `max_Tokens`, so that the parts of a name can be told apart. */
function splitCamel(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/gu, '_');
}

/** A chosen password: short, and still more than a word. */
function isPassword(secret: string, minified: boolean): boolean {
  if (secret.length < 8 || secret.length > 128 || minified) return isRandom(secret, minified);
  const bare = secret.replace(/[^A-Za-z]/gu, '');
  if (
    /^(?:pass(?:w(?:or)?d)?|admin|secret|user|root|test|guest|login|letmein|welcome|postgres|mysql|hello|string|default)$/iu.test(
      bare,
    )
  )
    return false;
  return (
    classesOf(secret) >= 3 &&
    new Set(secret).size >= 6 &&
    shannonEntropy(secret) >= 2.8 &&
    !/\s/u.test(secret)
  );
}

/** A generated value: long enough, mixed, and close to what its alphabet allows. */
function isRandom(secret: string, minified: boolean): boolean {
  if (secret.length < (minified ? 24 : 16) || secret.length > 512 || /\s/u.test(secret)) return false;
  if (/^[0-9a-f]+$/iu.test(secret))
    return (
      secret.length >= 24 && shannonEntropy(secret) >= 3 && /[0-9]/u.test(secret) && /[a-f]/iu.test(secret)
    );
  if (/^[\d.,:+\sTZ-]+$/u.test(secret)) return false;
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu.test(secret)) return true;
  const entropy = shannonEntropy(secret);
  const enough = Math.min(4.2, 0.72 * Math.log2(Math.min(secret.length, 64)));
  if (entropy < enough || classesOf(secret) < 2) return false;
  return /[0-9]/u.test(secret) && changes(secret) >= secret.length / 5;
}

/** Paths, calls, dotted names, markup, versions: written, not generated. */
function looksLikeCode(secret: string, after: string): boolean {
  // One base64 value in 64 begins as a path does.
  if (/^\/[A-Za-z0-9+/]*[+=][A-Za-z0-9+/]*={0,2}$/u.test(secret)) return false;
  if (/^(?:[a-z][\w+.-]*:\/\/|\/|\.{1,2}\/|~\/|[A-Za-z]:\\)/u.test(secret)) return true;
  if (/^[A-Za-z_$][\w$]*(?:(?:\.|::|->|\\)[A-Za-z_$][\w$]*)+(?:\(.*)?$/u.test(secret)) return true;
  if (/[()[\]{}<>]|=>|&&|\|\||;$/u.test(secret)) return true;
  if (/^\s*\(/u.test(after)) return true;
  return /^(?:[A-Za-z]+[-_./ ]){2,}[A-Za-z]+\d{0,4}$/u.test(secret);
}
