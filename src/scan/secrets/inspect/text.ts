import { decodeRuns } from '../decode/runs.ts';
import type { CompiledRules } from '../match/compile.ts';
import type { Fragment, Match, Scanner } from '../match/scanner.ts';
import type { SecretRule } from '../rules/rule.ts';
import { credentialOf } from '../verify/credential.ts';
import { findAllowComment } from './allow-comment.ts';
import { judge } from './judge.ts';
import { pathKind } from './paths.ts';
import { maskedContext, redact, runDigest, twelveBits } from './redact.ts';
import type { RawFinding } from './result.ts';

/** Texts are searched in pieces, so that memory stays bounded and a line of any length is only context. */
const PIECE = 1024 * 1024;
const OVERLAP = 32 * 1024;
const BEHIND = 4096;
/** A line longer than this was not written by hand. */
const LONG_LINE = 2000;
const MAX_FINDINGS = 2000;

export interface TextScan {
  scanner: Scanner;
  compiled: CompiledRules;
  /** Key of this run's digests. */
  key: Uint8Array;
  /** Our own rules are judged by context; other packs say it all themselves. */
  judged: boolean;
  decode: boolean;
  /** Secrets that can be tried out at their vendor are handed over. */
  verify?: boolean;
}

/** What is known about a text besides its bytes. */
export interface TextOrigin {
  /** Relative path with `/`. */
  path: string;
  commit: string;
  /** Line number of the first byte. */
  firstLine: number;
  tags: readonly string[];
}

/** Finds secrets in UTF-8 or latin1 bytes. */
export function scanText(scan: TextScan, bytes: Uint8Array, origin: TextOrigin): RawFinding[] {
  const path = Buffer.from(origin.path, 'utf8').toString('latin1');
  if (scan.scanner.skipsFile(path, origin.commit)) return [];
  const out: RawFinding[] = [];
  let line = origin.firstLine;
  for (let from = 0; from < bytes.length && out.length < MAX_FINDINGS; from += PIECE) {
    const begin = Math.max(0, from - BEHIND);
    const end = Math.min(bytes.length, from + PIECE + OVERLAP);
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin);
    const fragment: Fragment = { bytes: view, text: view.toString('latin1'), path, commit: origin.commit };
    const [own, until] = [from - begin, Math.min(from + PIECE, bytes.length) - begin];
    const lineOfBegin = line - countNewlines(view, 0, own);
    out.push(...pieceFindings(scan, fragment, own, until, { ...origin, firstLine: lineOfBegin }));
    line += countNewlines(view, own, until);
  }
  return out;
}

function pieceFindings(
  scan: TextScan,
  fragment: Fragment,
  from: number,
  to: number,
  origin: TextOrigin,
): RawFinding[] {
  const matches = scan.scanner.scan(fragment, from, to);
  const kept = keep(scan, fragment, matches, origin.path);
  const secrets = matches.map((match) => rangeOf(match));
  const lines = new LineCounter(fragment.bytes, origin.firstLine);
  const out = kept.map(({ match, severity, tags }) => {
    const rule = ruleOf(scan, match);
    return {
      ...describe(scan, fragment, match, rule, secrets, lines),
      severity,
      tags: [...origin.tags, ...tags],
    };
  });
  if (scan.decode) out.push(...decodedFindings(scan, fragment, from, to, origin, lines, out));
  return out;
}

interface Kept {
  match: Match;
  severity: RawFinding['severity'];
  tags: string[];
}

const RANK = { token: 0, named: 1, general: 2 } as const;

/** The matches that stand for a secret; where two claim one text, the surer rule's. */
function keep(scan: TextScan, fragment: Fragment, matches: readonly Match[], path: string): Kept[] {
  const judged: Kept[] = [];
  if (matches.length === 0) return judged;
  const kind = pathKind(path);
  for (const match of matches) {
    const rule = ruleOf(scan, match);
    if (!scan.judged) {
      judged.push({ match, severity: rule.severity, tags: [] });
      continue;
    }
    const { text } = fragment;
    const judgement = judge({
      rule,
      secret: match.secret,
      match: text.slice(match.start, match.end),
      before: text.slice(Math.max(match.lineStart, match.start - 40), match.start),
      after: text.slice(match.end, match.end + 8),
      path: kind,
      minified: match.lineEnd - match.lineStart > LONG_LINE,
    });
    if (judgement !== null) judged.push({ match, ...judgement });
  }
  if (judged.length < 2) return judged;
  const order = [...judged].sort((a, b) => rankOf(scan, a.match) - rankOf(scan, b.match));
  const taken: Kept[] = [];
  for (const candidate of order) {
    const [start, end] = rangeOf(candidate.match);
    const beaten = taken.some(({ match }) => {
      const [low, high] = rangeOf(match);
      return start < high && low < end && (scan.judged || outranks(scan, match, candidate.match));
    });
    if (!beaten) taken.push(candidate);
  }
  return taken.sort((a, b) => a.match.start - b.match.start);
}

/** Among rules of another pack only a generic one gives way, to one that begins on its line, as gitleaks has it. */
function outranks(scan: TextScan, better: Match, worse: Match): boolean {
  return (
    isGeneric(scan, worse) &&
    !isGeneric(scan, better) &&
    better.lineStart === worse.lineStart &&
    better.secret.includes(worse.secret)
  );
}

function isGeneric(scan: TextScan, match: Match): boolean {
  return ruleOf(scan, match).id.toLowerCase().includes('generic');
}

/** The surer ones first: they are taken, and the others held against them. */
function rankOf(scan: TextScan, match: Match): number {
  return scan.judged ? RANK[ruleOf(scan, match).confidence] : Number(isGeneric(scan, match));
}

function ruleOf({ compiled }: TextScan, match: Match): SecretRule {
  return (compiled.rules[match.rule] as CompiledRules['rules'][number]).rule;
}

function rangeOf(match: Match): [number, number] {
  return match.secretStart === -1
    ? [match.start, match.end]
    : [match.secretStart, match.secretStart + match.secret.length];
}

function describe(
  scan: TextScan,
  { text, bytes }: Fragment,
  match: Match,
  rule: SecretRule,
  secrets: readonly (readonly [number, number])[],
  lines: LineCounter,
): Omit<RawFinding, 'severity' | 'tags'> {
  const isPath = rule.regex === undefined;
  const [start, end] = rangeOf(match);
  const first = lines.at(start);
  const last = lines.at(end);
  const lineAbove = text.slice(
    Math.max(0, text.lastIndexOf('\n', match.lineStart - 2) + 1),
    Math.max(0, match.lineStart - 1),
  );
  const line = text.slice(match.lineStart, Math.min(match.lineEnd, match.lineStart + 20_000));
  const allow = isPath ? null : findAllowComment(line, match.lineStart === 0 ? '' : lineAbove, rule.id);
  const secret = isPath ? '' : match.secret;
  const credential = scan.verify === true ? credentialOf(rule, secret, text, [start, end]) : null;
  return {
    rule: match.rule,
    line: isPath ? 0 : first.line,
    column: columnOf(bytes, first.start, start),
    endLine: isPath ? 0 : last.line,
    endColumn: columnOf(bytes, last.start, end),
    shown: isPath ? '' : redact(secret, rule.confidence),
    digest: isPath ? '' : runDigest(secret, scan.key),
    context: isPath ? '' : `${maskedContext(text, match, secrets)} #${twelveBits(secret)}`,
    allow: allow === null ? null : { by: allow.by, reason: allow.reason, line: first.line + allow.line },
    inner: '',
    ...(credential === null ? {} : { credential }),
  };
}

/** UTF-16 columns from 1. */
function columnOf(bytes: Uint8Array, lineStart: number, at: number): number {
  // A column far into a minified line is not worth decoding the line for.
  const length = at - lineStart;
  if (length > 100_000) return length + 1;
  return Buffer.from(bytes.buffer, bytes.byteOffset + lineStart, length).toString('utf8').length + 1;
}

function decodedFindings(
  scan: TextScan,
  fragment: Fragment,
  from: number,
  to: number,
  origin: TextOrigin,
  lines: LineCounter,
  plain: readonly RawFinding[],
): RawFinding[] {
  const pieces = decodeRuns(fragment.bytes).filter(({ start }) => start >= from && start < to);
  if (pieces.length === 0) return [];
  const known = new Set(plain.map(({ digest }) => digest));
  const out: RawFinding[] = [];
  // One scan over all pieces; a blank line between them, so that nothing matches across.
  const starts: number[] = [];
  let joined = '';
  for (const { text } of pieces) {
    starts.push(joined.length);
    joined += `${text}\n\n`;
  }
  const inner: Fragment = { ...fragment, bytes: Buffer.from(joined, 'latin1'), text: joined };
  const matches = scan.scanner.scan(inner);
  const secrets = matches.map((match) => rangeOf(match));
  const innerLines = new LineCounter(inner.bytes, 1);
  for (const { match, severity, tags } of keep(scan, inner, matches, origin.path)) {
    const index = starts.findLastIndex((start) => start <= match.start);
    const piece = pieces[index];
    if (piece === undefined || match.secret === '') continue;
    const described = describe(scan, inner, match, ruleOf(scan, match), secrets, innerLines);
    if (known.has(described.digest)) continue;
    const first = lines.at(piece.start);
    const last = lines.at(piece.end);
    out.push({
      ...described,
      severity,
      tags: [...origin.tags, ...tags, `decoded:${piece.how}`],
      line: first.line,
      column: columnOf(fragment.bytes, first.start, piece.start),
      endLine: last.line,
      endColumn: columnOf(fragment.bytes, last.start, piece.end),
      allow: null,
    });
  }
  return out;
}

/** Lines of offsets; cheap when asked in ascending order. */
class LineCounter {
  readonly #bytes: Uint8Array;
  readonly #first: number;
  #at = 0;
  #line: number;
  #start = 0;

  constructor(bytes: Uint8Array, first: number) {
    this.#bytes = bytes;
    this.#first = first;
    this.#line = first;
  }

  at(offset: number): { line: number; start: number } {
    if (offset < this.#at) {
      this.#at = 0;
      this.#line = this.#first;
      this.#start = 0;
    }
    for (
      let next = this.#bytes.indexOf(10, this.#at);
      next !== -1 && next < offset;
      next = this.#bytes.indexOf(10, next + 1)
    ) {
      this.#line++;
      this.#start = next + 1;
      this.#at = next + 1;
    }
    return { line: this.#line, start: this.#start };
  }
}

function countNewlines(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at !== -1 && at < to; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
