import { formatPlace, SallyportError } from '../model/error.ts';
import type { BannedEntry } from './banned-schema.ts';
import type { Chain, Said } from './chain.ts';
import type { CompiledPolicy } from './compile.ts';
import { waived } from './gate-findings.ts';

/** The merged policy, each part with who said it. */
export function explainPolicy(compiled: CompiledPolicy): string {
  const { policy } = compiled;
  const section = (title: string, lines: string[]) => (lines.length === 0 ? [] : [title, ...lines, '']);
  const fromMap = <T>(map: ReadonlyMap<string, Chain<T>>, show: (value: T) => string) =>
    [...map].flatMap(([key, chain]) => chainLines(key, chain, show));
  return [
    ...section(
      'Layers, in the order in which they apply',
      compiled.layers.map(
        (layer, i) => `  ${i + 1}. ${layer.name}  ${layer.uri}  sha256:${layer.digest.sha256?.slice(0, 12)}…`,
      ),
    ),
    ...section('Stages asked for (gate/stage)', fromMap(policy.requirements, String)),
    ...section(
      'Rules that count (gate/rule)',
      fromMap(policy.gateRules, () => 'counts'),
    ),
    ...section('Rules', fromMap(policy.actions, String)),
    ...section(
      'Engines asked for (stage/engine)',
      fromMap(policy.engines, () => 'must report'),
    ),
    ...section(
      'Left out (stage)',
      fromMap(policy.excludes, (patterns) => patterns.join(', ')),
    ),
    ...section(
      'Age of data at most (stage)',
      fromMap(policy.maxDataAge, (hours) => `${hours} h`),
    ),
    ...section(
      'Options (stage/option)',
      fromMap(policy.options, (value) => JSON.stringify(value)),
    ),
    ...section(
      'Locked engines',
      fromMap(policy.locks, (shas) => shas.map((sha) => `sha256:${sha}`).join(', ')),
    ),

    ...section('Trust', [
      ...chainLines('signers', policy.trust.signers, (signers) =>
        signers.map((signer) => `${signer.name} (${signer.signs.join(', ')})`).join('; '),
      ),
      ...chainLines('policies', policy.trust.policies, (shas) =>
        shas.map((sha) => `sha256:${sha}`).join(', '),
      ),
      ...chainLines('roots.sha256', policy.trust.roots, (shas) => shas.join(', ')),
      ...chainLines('roots.maxAge', policy.trust.rootDays, (days) => `${days} d`),
      ...chainLines('summaries.maxAge', policy.trust.summaryHours, (hours) => `${hours} h`),
      ...chainLines('denyList', policy.trust.denyList, JSON.stringify),
      ...chainLines('breakGlass', policy.trust.breakGlass, (names) => names.join(', ')),
    ]),
    ...section('Limits', [
      ...chainLines('waiverDays', policy.waiverDays, String),
      ...chainLines('vexDays', policy.vexDays, String),
    ]),
    ...section(
      'VEX documents',
      policy.vex.map((said) => `  ${said.value}  (${by(said)})`),
    ),
    ...section(
      'Banned components',
      policy.banned.map((said) => `  ${said.value.id}: ${bannedWords(said.value)}  (${by(said)})`),
    ),
    ...section(
      'Waivers',
      policy.waivers.map(
        (said) => `  ${waived(said.value)}: ${said.value.owner}, until ${said.value.expires}  (${by(said)})`,
      ),
    ),
  ].join('\n');
}

function bannedWords({ package: name, versions, condition, action, existing, reason }: BannedEntry): string {
  const what = condition ?? `${name} ${versions ?? 'in every version'}`;
  return `${what}: ${action}, where it was there before ${existing}: ${reason}`;
}

/** One rule: what it asks and who set its action. */
export function explainRule(compiled: CompiledPolicy, id: string): string {
  const rule = compiled.rules.get(id);
  if (rule === undefined) {
    throw new SallyportError({
      code: 'SP-POLICY-RULE',
      message: `the policy has no rule ${id}`,
      expected: [...compiled.rules.keys()].join(', '),
    });
  }
  const gates = [...compiled.policy.gateRules].filter(([key]) => key.endsWith(`/${id}`));
  return [
    `${id}: ${rule.message}`,
    `  over       ${rule.over}`,
    `  condition  ${rule.source}`,
    `  defined    ${rule.layer} (${formatPlace(rule.place)})`,
    ...chainLines('action', compiled.policy.actions.get(id) ?? [], String),
    ...gates.flatMap(([key, chain]) =>
      chainLines(`counts at ${key.slice(0, key.indexOf('/'))}`, chain, () => 'yes'),
    ),
    ...(rule.controls.length === 0 ? [] : [`  controls   ${rule.controls.join(', ')}`]),
    '',
  ].join('\n');
}

/** The value that holds, and under it what was said before. */
function chainLines<T>(key: string, chain: Chain<T>, show: (value: T) => string): string[] {
  return [...chain].reverse().map((said, index) => {
    const name = index === 0 ? `${key}: ${show(said.value)}` : `  before: ${show(said.value)}`;
    return `  ${name}  (${by(said)})`;
  });
}

function by(said: Said<unknown>): string {
  return `${said.layer}, ${formatPlace({ path: said.place.path, line: said.place.line })}`;
}
