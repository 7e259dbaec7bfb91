import { maskContext } from '../fingerprint.ts';
import { isObject, type Json, put, stringsOf } from '../json/values.ts';
import type { FindingStage } from '../stage.ts';

/** What stands in place of a secret; announced in `run.redactionTokens` (SARIF 2.1.0, section 3.14.28). */
const REDACTED = '[REDACTED]';

/** Shorter pieces of a snippet are words and signs; masking them everywhere would leave nothing to read. */
const MIN_PIECE = 6;
const MAX_PIECES = 200;
/** Excerpts are taken apart up to here; longer ones are hidden as a whole. */
const MAX_EXCERPT = 64 * 1024;
/** CWE ids of credentials that lie about: 256, 257, 259, 260, 312, 321, 522, 540, 798. */
const SECRET_CWE = /(?:^|[^0-9])cwe[-/]0{0,2}(?:256|257|259|260|312|321|522|540|798)(?:[^0-9]|$)/iu;
const SECRET_WORD = /secret|passw|credential|api[-_]?key|private[-_]?key|access[-_]?key|token/iu;
/** Members that hold text of the scanned file, or of a change to it. */
const EXCERPTS = new Set(['snippet', 'insertedContent', 'contents', 'body', 'rendered']);
const FINGERPRINTS = new Set(['fingerprints', 'partialFingerprints']);

/**
 * Whether a result may carry a secret: everything of the stage `secrets`, and what other engines say about
 * credentials in code. A wrong guess only costs an excerpt.
 */
export function mayHoldSecret(stage: FindingStage, result: Json, rule: Json | undefined): boolean {
  return (
    stage === 'secrets' || tellsOfSecrets(result, result.ruleId) || (rule !== undefined && ofSecrets(rule))
  );
}

const known = new WeakMap<Json, boolean>();

/** Of a rule it is asked once, however many results it has. */
function ofSecrets(rule: Json): boolean {
  let answer = known.get(rule);
  if (answer === undefined) {
    answer = tellsOfSecrets(rule, rule.id) || isSecretWord(rule.name);
    known.set(rule, answer);
  }
  return answer;
}

function tellsOfSecrets({ properties }: Json, id: unknown): boolean {
  if (isSecretWord(id)) return true;
  if (!isObject(properties)) return false;
  const tags = [...stringsOf(properties.tags), ...stringsOf(properties.cwe)];
  return tags.some((tag) => SECRET_CWE.test(tag) || /^secrets?$/iu.test(tag));
}

function isSecretWord(name: unknown): boolean {
  return typeof name === 'string' && SECRET_WORD.test(name);
}

/**
 * A result without what it shows of the file, and without the shown text wherever else it occurs in it. Foreign
 * fingerprints go too: they hold hashes or parts of the secret, or who committed it (gitleaks).
 */
export function redactResult(result: Json): Json {
  const pieces = new Set<string>();
  collect(result, false, pieces);
  const hide = hider(pieces);
  const clean = rewrite(result, false, (text, excerpt) =>
    excerpt ? REDACTED : hide(maskWords(text)),
  ) as Json;
  for (const name of FINGERPRINTS) {
    const own = clean[name];
    if (!isObject(own)) continue;
    clean[name] = Object.fromEntries(Object.entries(own).filter(([key]) => key.startsWith('sallyport/')));
    if (Object.keys(clean[name] as Json).length === 0) delete clean[name];
  }
  return clean;
}

/** A run without whole files and without the environment of the tool, which may hold tokens. */
export function redactRun(run: Json, stage: FindingStage): void {
  for (const invocation of Array.isArray(run.invocations) ? run.invocations : []) {
    if (!isObject(invocation) || !isObject(invocation.environmentVariables)) continue;
    const names = Object.keys(invocation.environmentVariables);
    invocation.environmentVariables = Object.fromEntries(names.map((name) => [name, REDACTED]));
  }
  if (stage !== 'secrets') return;
  for (const name of Object.keys(run)) {
    if (name !== 'tool')
      run[name] = rewrite(run[name], false, (text, excerpt) => (excerpt ? REDACTED : text));
  }
  run.redactionTokens = [...new Set([...stringsOf(run.redactionTokens), REDACTED])];
}

/** The line of a finding for its fingerprint, with the region itself masked. Columns are UTF-16 units from 1. */
export function maskRegion(line: string, column: number | undefined, endColumn: number | undefined): string {
  if (column === undefined) return maskContext(line.replace(/[=:].*$/su, '=*'));
  const before = line.slice(0, column - 1);
  const after = endColumn === undefined || endColumn <= column ? '' : line.slice(endColumn - 1);
  return maskContext(`${before}*${after}`);
}

/** Masks what could be a random value inside a text, word by word, and keeps the rest as it is. */
function maskWords(text: string): string {
  return text.replace(/[A-Za-z0-9+/_=-]{16,400}/gu, (word) => {
    const digits = word.match(/[0-9]/gu)?.length ?? 0;
    return digits >= 3 && /[A-Za-z]/u.test(word) && !word.includes('/') ? REDACTED : word;
  });
}

/** The texts that excerpts show, whole, by line and by quoted or assigned value. */
function collect(value: unknown, excerpt: boolean, pieces: Set<string>): void {
  if (typeof value === 'string') {
    if (excerpt) piecesOf(value, pieces);
  } else if (Array.isArray(value)) {
    for (const entry of value) collect(entry, excerpt, pieces);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) collect(value[name], excerpt || EXCERPTS.has(name), pieces);
  }
}

function piecesOf(text: string, pieces: Set<string>): void {
  const start = text.slice(0, MAX_EXCERPT);
  const candidates = [text, text.trim(), ...start.split(/[\s"'`=:,;(){}<>[\]]+/u)];
  for (const candidate of candidates) {
    if (pieces.size >= MAX_PIECES) return;
    const distinctive = /[0-9]/u.test(candidate) || candidate === text || candidate === text.trim();
    if (candidate.length >= MIN_PIECE && distinctive) pieces.add(candidate);
  }
  for (const [, quoted] of start.matchAll(/["'`]([^"'`\n]{4,400})["'`]/gu)) {
    if (quoted !== undefined && pieces.size < MAX_PIECES) pieces.add(quoted);
  }
}

function hider(pieces: ReadonlySet<string>): (text: string) => string {
  const longestFirst = [...pieces].sort((a, b) => b.length - a.length);
  return (text) => {
    let hidden = text;
    for (const piece of longestFirst) {
      if (hidden.includes(piece)) hidden = hidden.replaceAll(piece, REDACTED);
    }
    return hidden;
  };
}

/** A copy in which every string went through `change`; paths, ids and our own names stay as they are. */
function rewrite(
  value: unknown,
  excerpt: boolean,
  change: (text: string, excerpt: boolean) => string,
): unknown {
  if (typeof value === 'string') return change(value, excerpt);
  if (Array.isArray(value)) return value.map((entry) => rewrite(entry, excerpt, change));
  if (!isObject(value)) return value;
  const copy: Json = {};
  for (const name of Object.keys(value)) {
    const inner = value[name];
    // A binary excerpt must stay base64.
    if (excerpt && name === 'binary') put(copy, name, '');
    else if (!excerpt && KEPT.has(name) && typeof inner === 'string') put(copy, name, inner);
    else put(copy, name, rewrite(inner, excerpt || EXCERPTS.has(name), change));
  }
  return copy;
}

/** Members whose text names something and holds no prose. */
const KEPT = new Set([
  'ruleId',
  'uri',
  'uriBaseId',
  'kind',
  'level',
  'guid',
  'baselineState',
  'sourceLanguage',
]);
