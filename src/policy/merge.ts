import type { Gate, Requirement, RuleAction } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import { type Stage, stages } from '../model/stage.ts';
import type { KeyPath } from '../model/yaml.ts';
import type { BannedEntry } from './banned-schema.ts';
import { type Chain, chained, loosened, type Said } from './chain.ts';
import type { Layer } from './layer.ts';
import type { PolicyFile, RuleSubject, WaiverEntry } from './schema.ts';
import { mergeTrust, type TrustChains, trustOf } from './trust.ts';

export interface RuleDefinition {
  over: RuleSubject;
  condition: string;
  message: string;
  controls: string[];
}

/** A policy of one or more layers. Merging keeps every statement, so that it can be explained. */
export interface Policy {
  layers: readonly Layer[];
  /** `stage.KEY`, `gate.KEY`, ... to its chain: see `settings`. */
  requirements: ReadonlyMap<`${Gate}/${Stage}`, Chain<Requirement>>;
  gateRules: ReadonlyMap<`${Gate}/${string}`, Chain<true>>;
  engines: ReadonlyMap<`${Stage}/${string}`, Chain<true>>;
  excludes: ReadonlyMap<Stage, Chain<readonly string[]>>;
  maxDataAge: ReadonlyMap<Stage, Chain<number>>;
  options: ReadonlyMap<`${Stage}/${string}`, Chain<unknown>>;
  locks: ReadonlyMap<string, Chain<readonly string[]>>;
  waiverDays: Chain<number>;
  vexDays: Chain<number>;
  vex: readonly Said<string>[];
  definitions: ReadonlyMap<string, Said<RuleDefinition>>;
  actions: ReadonlyMap<string, Chain<RuleAction>>;
  banned: readonly Said<BannedEntry>[];
  waivers: readonly Said<WaiverEntry>[];
  trust: TrustChains;
}

/** One layer as a policy of its own. */
export function policyOf(layer: Layer): Policy {
  const { file } = layer;
  const said = <T>(value: T, path: KeyPath): Said<T> => ({
    value,
    layer: layer.name,
    place: layer.place(path),
  });
  const chains = <K extends string, T>(entries: Iterable<readonly [K, Said<T>]>): Map<K, Chain<T>> =>
    new Map([...entries].map(([key, value]) => [key, [value]]));
  const stageEntries = stages.flatMap((stage) => {
    const settings = file.stages?.[stage];
    return settings === undefined ? [] : [{ stage, settings }];
  });
  const gateEntries = Object.entries(file.gates ?? {}) as [
    Gate,
    NonNullable<NonNullable<PolicyFile['gates']>[Gate]>,
  ][];
  return {
    layers: [layer],
    requirements: chains(
      gateEntries.flatMap(([gate, g]) =>
        (Object.entries(g.stages ?? {}) as [Stage, Requirement][]).map(
          ([stage, value]) =>
            [`${gate}/${stage}` as const, said(value, ['gates', gate, 'stages', stage])] as const,
        ),
      ),
    ),
    gateRules: chains(
      gateEntries.flatMap(([gate, g]) =>
        (g.rules ?? []).map(
          (id, i) => [`${gate}/${id}` as const, said(true as const, ['gates', gate, 'rules', i])] as const,
        ),
      ),
    ),
    engines: chains(
      stageEntries.flatMap(({ stage, settings }) =>
        (settings.engines ?? []).map(
          (name, i) =>
            [`${stage}/${name}` as const, said(true as const, ['stages', stage, 'engines', i])] as const,
        ),
      ),
    ),
    excludes: chains(
      stageEntries.flatMap(({ stage, settings }) =>
        settings.exclude === undefined
          ? []
          : [[stage, said(settings.exclude, ['stages', stage, 'exclude'])] as const],
      ),
    ),
    maxDataAge: chains(
      stageEntries.flatMap(({ stage, settings }) =>
        settings.maxDataAge === undefined
          ? []
          : [[stage, said(hours(settings.maxDataAge), ['stages', stage, 'maxDataAge'])] as const],
      ),
    ),
    options: chains(
      stageEntries.flatMap(({ stage, settings }) =>
        Object.entries(settings.options ?? {}).map(
          ([name, value]) =>
            [`${stage}/${name}` as const, said(value, ['stages', stage, 'options', name])] as const,
        ),
      ),
    ),
    locks: chains(
      Object.entries(file.engines ?? {}).map(
        ([name, lock]) => [name, said(lock.sha256, ['engines', name])] as const,
      ),
    ),
    waiverDays:
      file.limits?.waiverDays === undefined ? [] : [said(file.limits.waiverDays, ['limits', 'waiverDays'])],
    vexDays: file.limits?.vexDays === undefined ? [] : [said(file.limits.vexDays, ['limits', 'vexDays'])],
    vex: (file.vex ?? []).map((path, i) => said(path, ['vex', i])),
    definitions: definitions(file, said),
    actions: chains(
      (file.rules ?? []).map((rule, i) => [rule.id, said(rule.action, ['rules', i, 'action'])] as const),
    ),
    banned: (file.banned ?? []).map((entry, i) => said(entry, ['banned', i])),
    waivers: (file.waivers ?? []).map((waiver, i) => said(waiver, ['waivers', i])),
    trust: trustOf(file.trust, said, hours),
  };
}

function definitions(
  file: PolicyFile,
  said: <T>(value: T, path: KeyPath) => Said<T>,
): Map<string, Said<RuleDefinition>> {
  const found = new Map<string, Said<RuleDefinition>>();
  const ids = new Set<string>();
  for (const [index, rule] of (file.rules ?? []).entries()) {
    const place = said(null, ['rules', index]).place;
    if (ids.has(rule.id)) {
      throw new SallyportError({
        code: 'SP-POLICY-INVALID',
        message: `rule ${rule.id} stands twice`,
        place,
        expected: 'each id once',
      });
    }
    ids.add(rule.id);
    const { over, condition, message } = rule;
    if (over === undefined && condition === undefined && message === undefined && rule.controls === undefined)
      continue;
    if (over === undefined || condition === undefined || message === undefined) {
      throw new SallyportError({
        code: 'SP-POLICY-INVALID',
        message: `rule ${rule.id} is not complete`,
        place,
        expected:
          'over, condition and message together; or only id and action, to tighten a rule of another layer',
      });
    }
    found.set(rule.id, said({ over, condition, message, controls: rule.controls ?? [] }, ['rules', index]));
  }
  return found;
}

function hours(duration: string): number {
  const count = Number(duration.slice(0, -1));
  return duration.endsWith('d') ? count * 24 : count;
}

/**
 * `base` and then `next`: a later layer may add, tighten and waive. Throws SP-POLICY-LOOSENED for anything else.
 * Associative: every statement is kept, and each is held against the one before it.
 */
export function mergePolicies(base: Policy, next: Policy, optionRules: OptionRules): Policy {
  return {
    layers: [...base.layers, ...next.layers],
    requirements: joined(
      base.requirements,
      next.requirements,
      (a, b) => !(a === 'always' && b === 'when-present'),
      'requirement',
    ),
    gateRules: joined(base.gateRules, next.gateRules, () => true, 'rules'),
    engines: joined(base.engines, next.engines, () => true, 'engines'),
    excludes: joinedExcludes(base, next),
    maxDataAge: joined(base.maxDataAge, next.maxDataAge, (a, b) => b <= a, 'maxDataAge'),
    options: joinedOptions(base, next, optionRules),
    locks: joined(base.locks, next.locks, (a, b) => b.every((sha) => a.includes(sha)), 'engines'),
    waiverDays: chained('limits.waiverDays', base.waiverDays, next.waiverDays, (a, b) => b <= a),
    vexDays: chained('limits.vexDays', base.vexDays, next.vexDays, (a, b) => b <= a),
    vex: [...base.vex, ...next.vex],
    definitions: joinedDefinitions(base.definitions, next.definitions),
    actions: joined(base.actions, next.actions, (a, b) => !(a === 'fail' && b === 'warn'), 'action'),
    banned: [...base.banned, ...next.banned],
    waivers: [...base.waivers, ...next.waivers],
    trust: mergeTrust(base.trust, next.trust),
  };
}

/** Which values of an engine's option are at least as strict as others: told by the engines themselves. */
export interface OptionRules {
  tightens(key: string, before: unknown, after: unknown): boolean;
  /** Whether setting it where nobody has said anything can only tighten. */
  opensStrictly(key: string): boolean;
}

/**
 * What our own packs leave unset is open to whoever builds on them. What an organisation's pack leaves unset is not: a
 * service that names what is to be let pass would loosen it by a first word.
 */
function joinedOptions(base: Policy, next: Policy, rules: OptionRules): Policy['options'] {
  const theirs = base.layers.find((layer) => !layer.builtIn);
  for (const [key, [first]] of next.options) {
    if (theirs === undefined || first === undefined || base.options.has(key) || rules.opensStrictly(key))
      continue;
    throw loosened(
      `options of ${key}`,
      { value: 'not set', layer: theirs.name, place: theirs.place([]) },
      first,
    );
  }
  return joined(base.options, next.options, (a, b, key) => rules.tightens(key, a, b), 'options');
}

function joined<K extends string, T>(
  base: ReadonlyMap<K, Chain<T>>,
  next: ReadonlyMap<K, Chain<T>>,
  tightens: (before: T, after: T, key: K) => boolean,
  what: string,
): Map<K, Chain<T>> {
  const result = new Map(base);
  for (const [key, chain] of next) {
    result.set(
      key,
      chained(`${what} of ${key}`, base.get(key) ?? [], chain, (a, b) => tightens(a, b, key)),
    );
  }
  return result;
}

/**
 * Leaving something out is loosening wherever another layer was the first to ask for the stage: a layer that stands
 * before a pack must not hollow it out either.
 */
function joinedExcludes(base: Policy, next: Policy): Policy['excludes'] {
  for (const stage of stages) {
    const [asked, askedAfter] = [firstAsked(base, stage), firstAsked(next, stage)];
    const [before, after] = [base.excludes.get(stage)?.[0], next.excludes.get(stage)?.[0]];
    if (asked !== undefined && after !== undefined) throw loosened(`exclude of ${stage}`, asked, after);
    if (asked === undefined && askedAfter !== undefined && before !== undefined)
      throw loosened(`exclude of ${stage}`, askedAfter, before);
  }
  return joined(base.excludes, next.excludes, (a, b) => b.every((pattern) => a.includes(pattern)), 'exclude');
}

function firstAsked(policy: Policy, stage: Stage): Said<Requirement> | undefined {
  return [...policy.requirements].find(([key]) => key.endsWith(`/${stage}`))?.[1][0];
}

function joinedDefinitions(base: Policy['definitions'], next: Policy['definitions']): Policy['definitions'] {
  const result = new Map(base);
  for (const [id, definition] of next) {
    const before = base.get(id);
    if (before !== undefined && JSON.stringify(before.value) !== JSON.stringify(definition.value)) {
      throw loosened(`definition of rule ${id}`, before, definition);
    }
    result.set(id, before ?? definition);
  }
  return result;
}
