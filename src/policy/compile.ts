import { createHash } from 'node:crypto';
import type { Gate, LayerRef, RuleAction, Violation } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';
import type { DigestSet } from '../model/subject.ts';
import { type CompiledBan, compileBan } from './banned.ts';
import { held } from './chain.ts';
import { type Condition, compileCondition } from './conditions.ts';
import type { Policy } from './merge.ts';
import type { RuleSubject } from './schema.ts';

export interface CompiledRule {
  id: string;
  over: RuleSubject;
  condition: Condition;
  source: string;
  action: RuleAction;
  message: string;
  controls: string[];
  place: Place;
  layer: string;
  /** What is told of whatever breaks it: one object for all of them. */
  violation: Violation;
}

/** A policy whose every condition has been compiled and checked. */
export interface CompiledPolicy {
  policy: Policy;
  /** The rules that count at a gate, in the order in which they were named. */
  rulesAt(gate: Gate): readonly CompiledRule[];
  rules: ReadonlyMap<string, CompiledRule>;
  bans: readonly CompiledBan[];
  /** A condition reads `component.resembles`, for which the well-known names are needed. */
  asksForLikeness: boolean;
  digest: DigestSet;
  layers: LayerRef[];
  uri: string;
}

/** Throws SP-CONDITION-INVALID, or SP-POLICY-INVALID for a rule that is named and not defined, before anything runs. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const rules = new Map<string, CompiledRule>();
  for (const [id, { value, place, layer }] of policy.definitions) {
    const action = held(policy.actions.get(id));
    if (action === undefined) throw undefinedRule(id, place);
    const { over, message, controls } = value;
    rules.set(id, {
      id,
      over,
      condition: compileCondition(over, value.condition, place),
      source: value.condition,
      action,
      message,
      controls,
      place,
      layer,
      violation: { rule: id, action, message, controls, place, layer },
    });
  }
  for (const [id, chain] of policy.actions) {
    if (!rules.has(id)) throw undefinedRule(id, chain[0]?.place);
  }
  const atGate = new Map<string, CompiledRule[]>();
  for (const [key, chain] of policy.gateRules) {
    const [gate, id] = split(key);
    const rule = rules.get(id);
    if (rule === undefined) throw undefinedRule(id, chain[0]?.place);
    atGate.set(gate, [...(atGate.get(gate) ?? []), rule]);
  }
  refuseUnasked(policy);
  const layers = policy.layers.map(
    (l): LayerRef => ({ name: l.name, uri: l.uri, digest: { sha256: l.sha256 } }),
  );
  return {
    policy,
    rules,
    bans: policy.banned.map(compileBan),
    asksForLikeness: [
      ...[...rules.values()].map(({ source }) => source),
      ...policy.banned.map(({ value }) => value.condition ?? ''),
    ].some((source) => source.includes('resembles')),
    rulesAt: (gate) => atGate.get(gate) ?? [],
    layers,
    uri: layers.at(-1)?.uri ?? '',
    digest: {
      sha256: createHash('sha256')
        .update(layers.map((l) => l.digest.sha256).join('\n'))
        .digest('hex'),
    },
  };
}

/** Who names an engine for a stage expects it to run. */
function refuseUnasked(policy: Policy): void {
  const asked = new Set([...policy.requirements.keys()].map((key) => split(key)[1]));
  for (const [key, chain] of policy.engines) {
    const [stage, engine] = split(key);
    if (asked.has(stage)) continue;
    throw new SallyportError({
      code: 'SP-POLICY-INVALID',
      message: `the engine ${engine} is named for the stage ${stage}, which no gate asks for`,
      place: chain[0]?.place,
      expected: `a gate that asks for it: gates.pull-request.stages.${stage}: always, or when-present`,
    });
  }
}

function split(key: string): [string, string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

function undefinedRule(id: string, place: Place | undefined): SallyportError {
  return new SallyportError({
    code: 'SP-POLICY-INVALID',
    message: `rule ${id} is named and nowhere defined`,
    place,
    expected: 'a rule of this file or of a pack that it extends',
    next: 'sallyport policy explain shows the rules that there are',
  });
}
