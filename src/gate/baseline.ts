import { join, resolve } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { JudgedFinding } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Context } from '../platform/context.ts';
import { MAX_POLICY_BYTES } from '../policy/layer.ts';
import { parseLayer } from '../policy/parse.ts';
import { POLICY_FILE } from './policy-source.ts';
import { runGate } from './run.ts';

const DAY = 86_400_000;
const NEW_FILE =
  '# What must hold before a change passes: docs/reference/policy.md of Sallyport describes every key.\nversion: 1\nextends: [baseline]\n';

/**
 * Adds a waiver for every finding that fails today. Refuses where there is no verdict: what could not be looked at
 * cannot be waived. The file is read back before it replaces the old one.
 */
export async function writeBaseline(
  input: { path: string; owner: string; days: number; reason?: string | undefined },
  context: Context,
): Promise<{ count: number; file: string; expires: string }> {
  const root = resolve(context.cwd, input.path);
  const file = join(root, POLICY_FILE);
  const today = context.clock.now();
  const expires = new Date(today.getTime() + input.days * DAY).toISOString().slice(0, 10);
  const run = await runGate({ gate: 'pull-request', root, sarif: [], baseSarif: [], engines: [] }, context);
  if (run.decision.verdict === 'error') {
    throw new SallyportError({
      code: 'SP-BASELINE-ERROR',
      message: 'there is no verdict to start from',
      found: run.decision.summary,
      next: 'mend what could not be looked at, then write the baseline',
    });
  }
  const reason =
    input.reason ?? `was here on ${today.toISOString().slice(0, 10)}, when the gate was introduced`;
  const failing = run.decision.findings.filter(
    (judged) => judged.outcome === 'failed' && judged.finding.stage !== 'gate',
  );
  if (failing.length === 0) return { count: 0, file, expires };
  const before = (await context.files.exists(file))
    ? (await context.files.read(file, MAX_POLICY_BYTES)).toString('utf8')
    : NEW_FILE;
  const document = parseDocument(before);
  if (!isMap(document.contents))
    throw new SallyportError({
      code: 'SP-POLICY-INVALID',
      message: 'the policy file is not a map',
      place: { path: file },
    });
  // Of a secret that several engines found, each finding that fails by itself needs one.
  const waivers = failing.flatMap(failingParts).map(({ finding, fingerprint }) => {
    const node = document.createNode({
      fingerprint,
      owner: input.owner,
      reason,
      expires,
    });
    const place = finding.places[0];
    node.commentBefore = ` ${finding.rule} in ${oneLine(place?.path ?? 'no file')}: ${oneLine(finding.message)}`;
    return node;
  });
  const existing = document.get('waivers');
  if (isSeq(existing)) existing.items.push(...waivers);
  else document.set('waivers', document.createNode(waivers));
  const text = document.toString({ lineWidth: 0 });
  parseLayer(POLICY_FILE, POLICY_FILE, text);
  await context.files.write(file, [text]);
  return { count: failing.length, file, expires };
}

function failingParts({ finding, alsoBy }: JudgedFinding): { finding: Finding; fingerprint: string }[] {
  const others = (alsoBy ?? []).filter(({ outcome }) => outcome === 'failed');
  return [finding.fingerprint, ...others.map(({ fingerprint }) => fingerprint)].map((fingerprint) => ({
    finding,
    fingerprint,
  }));
}

/** A comment must stay one line, whatever the repository's file names hold. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 120);
}
