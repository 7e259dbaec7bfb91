import type { Suppression } from '../../model/finding.ts';
import type { ComposeFile } from './compose/model.ts';
import type { Dockerfile } from './dockerfile/model.ts';
import type { RuleHit } from './rule.ts';
import { allowUnused } from './rules/allow-unused.ts';
import { allowWithoutReason } from './rules/allow-without-reason.ts';
import type { SourceText, Span } from './text.ts';

/** A comment that asks to let findings of some rules pass. */
export interface Allow extends Span {
  rules: string[];
  reason: string;
  origin: 'sallyport' | 'hadolint';
  fromLine: number;
  toLine: number;
  used: boolean;
}

/** A rule's hit with the id of its rule, before places are made of it. */
export interface RuledHit extends RuleHit {
  rule: string;
  suppressions: Suppression[];
}

/** More claims than this about one finding add nothing. */
const MAX_SUPPRESSIONS = 10;
const ALLOW = /^sallyport:allow(?:[ \t]+(\S+))?(.*)$/u;
const HADOLINT =
  /^hadolint[ \t]+(?:(global|stage)[ \t]+)?ignore[ \t]*=[ \t]*([DLSC0-9]+(?:[ \t]*,[ \t]*[DLSC0-9]+)*)[ \t]*(?:#(.*))?$/u;
/** Ids of this engine; a comment for another engine's rule is not ours to judge. */
const OWN_ID = /^(?:DL|SP[DCX])[0-9]+$/iu;

/** `# sallyport:allow RULE[,RULE] reason` and hadolint's pragmas. The former cover the instruction they stand above or in. */
export function allowsOfDockerfile(file: Dockerfile): Allow[] {
  const out: Allow[] = [];
  for (const { text, line, start, end } of file.comments) {
    if (text.startsWith('sallyport:allow')) {
      const target = file.instructions.find(({ endLine }) => endLine >= line);
      out.push(allowComment(text, { start, end }, target?.startLine ?? line, target?.endLine ?? line));
      continue;
    }
    const match = text.startsWith('hadolint') ? HADOLINT.exec(text) : null;
    if (match === null) continue;
    const [, scope, list = '', note = ''] = match;
    const range = hadolintRange(file, scope, line);
    if (range === null) continue;
    out.push({
      start,
      end,
      ...range,
      rules: list.split(',').map((rule) => rule.trim()),
      reason: note.trim() === '' ? 'hadolint ignore comment without a reason' : note.trim(),
      origin: 'hadolint',
      used: false,
    });
  }
  return out;
}

/** hadolint honours a pragma only on the line right before the instruction, or before the FROM of a stage. */
function hadolintRange(
  file: Dockerfile,
  scope: string | undefined,
  line: number,
): { fromLine: number; toLine: number } | null {
  if (scope === 'global') return { fromLine: 1, toLine: file.source.lineCount };
  const index = file.instructions.findIndex(({ startLine }) => startLine === line + 1);
  const target = file.instructions[index];
  if (target === undefined) return null;
  if (scope !== 'stage') return { fromLine: target.startLine, toLine: target.endLine };
  if (target.keyword !== 'FROM') return null;
  const next = file.instructions.find(({ keyword }, at) => at > index && keyword === 'FROM');
  return {
    fromLine: target.startLine,
    toLine: next === undefined ? file.source.lineCount : next.startLine - 1,
  };
}

/**
 * In a compose file the comment covers its own line if something else stands on it, else the next line that holds
 * something. Comments in an inline Dockerfile are that Dockerfile's.
 */
export function allowsOfCompose(file: ComposeFile): Allow[] {
  const inline = file.services.flatMap(({ build }) => build?.inline?.node ?? []);
  const own = file.comments.filter(
    ({ start }) => !inline.some((node) => node.start <= start && start < node.end),
  );
  const targets = nextLines(file.source, own);
  return own.map(({ text, line, start, end, trailing }, index) => {
    const target = trailing ? line : (targets[index] ?? line);
    return allowComment(text, { start, end }, target, target);
  });
}

/** For each comment, in order, the next line that holds more than a comment. Each line is looked at once. */
function nextLines(source: SourceText, comments: readonly { line: number }[]): number[] {
  const out: number[] = [];
  let known = Number.POSITIVE_INFINITY;
  let above = Number.POSITIVE_INFINITY;
  for (const { line } of comments.toReversed()) {
    for (let at = line + 1; at <= Math.min(source.lineCount, above); at++) {
      if (/^\s*(?:#|$)/u.test(source.slice(source.lineSpan(at)))) continue;
      known = at;
      break;
    }
    above = line;
    out.push(Math.min(known, source.lineCount));
  }
  return out.reverse();
}

function allowComment(text: string, span: Span, fromLine: number, toLine: number): Allow {
  const [, rules = '', rest = ''] = ALLOW.exec(text) ?? [];
  return {
    ...span,
    rules: rules.split(',').filter((rule) => rule !== ''),
    reason: rest.replace(/^[\s:;,–—-]+/u, '').trim(),
    origin: 'sallyport',
    fromLine,
    toLine,
    used: false,
  };
}

/**
 * Marks the hits that a comment with a reason covers, and adds hits for comments without a reason and for those that
 * cover nothing. Nothing is dropped: whether the claim counts is the gate's decision.
 */
export function applyAllows(
  source: SourceText,
  hits: RuledHit[],
  allows: Allow[],
  names: ReadonlyMap<string, string>,
): RuledHit[] {
  const lines = hits.map(({ at }) => source.lineAt(at.start));
  for (const allow of allows) {
    const wanted = new Set(
      allow.rules.flatMap((rule) => [rule.toUpperCase(), names.get(rule.toLowerCase()) ?? '']),
    );
    for (const [index, hit] of hits.entries()) {
      const line = lines[index] ?? 0;
      if (!wanted.has(hit.rule) || line < allow.fromLine || line > allow.toLine) continue;
      allow.used = true;
      if (allow.reason === '' || hit.suppressions.length >= MAX_SUPPRESSIONS) continue;
      hit.suppressions.push({ kind: 'inSource', justification: allow.reason, place: source.place(allow) });
    }
  }
  return allows
    .filter(({ origin }) => origin === 'sallyport')
    .flatMap((allow) => judgeAllow(source, allow, names));
}

function judgeAllow(source: SourceText, allow: Allow, names: ReadonlyMap<string, string>): RuledHit[] {
  const own = allow.rules.filter((rule) => OWN_ID.test(rule) || names.has(rule.toLowerCase()));
  if (allow.rules.length > 0 && own.length === 0) return [];
  const text = source.slice(allow).slice(0, 120);
  const common = { at: { start: allow.start, end: allow.end }, context: text, suppressions: [] };
  if (allow.rules.length === 0)
    return [
      {
        ...common,
        rule: allowWithoutReason.rule.id,
        message: 'the allow-comment names no rule and no reason',
      },
    ];
  const list = allow.rules.join(', ');
  if (allow.reason === '') {
    const message = `the allow-comment for ${list} gives no reason, so it lets nothing pass`;
    return [{ ...common, rule: allowWithoutReason.rule.id, message }];
  }
  if (allow.used) return [];
  const known = new Set(names.values());
  const strange = own.filter((rule) => !known.has(rule.toUpperCase()) && !names.has(rule.toLowerCase()));
  const line = source.lineSpan(source.lineAt(allow.start));
  const alone = source.text.slice(line.start, allow.start).trim() === '';
  const whole = {
    start: line.start,
    end: Math.min(source.text.length, source.text.indexOf('\n', line.end) + 1 || line.end),
  };
  return [
    {
      ...common,
      rule: allowUnused.rule.id,
      message:
        strange.length > 0
          ? `the allow-comment names ${strange.join(', ')}, which is no rule of this engine`
          : `the allow-comment for ${list} covers no finding`,
      fix: {
        description: 'Remove the comment',
        safe: true,
        edits: [{ at: alone ? whole : { start: allow.start, end: allow.end }, text: '' }],
      },
    },
  ];
}
