import { SallyportError } from '../model/error.ts';
import { DEFAULT_ROOT_DAYS, type TrustEntry, type TrustRules } from '../model/trust.ts';
import type { KeyPath } from '../model/yaml.ts';
import { type Chain, chained, type Said } from './chain.ts';
import type { Layer } from './layer.ts';
import type { Policy } from './merge.ts';
import type { SignerFile, TrustFile } from './trust-schema.ts';

/** The parts of `trust`, each with who said it. What no layer says is the strictest there is. */
export interface TrustChains {
  signers: Chain<readonly SignerFile[]>;
  policies: Chain<readonly string[]>;
  roots: Chain<readonly string[]>;
  rootDays: Chain<number>;
  summaryHours: Chain<number>;
  denyList: Chain<{ required: boolean; minimum: number }>;
  breakGlass: Chain<readonly string[]>;
}

/** One layer's `trust`. */
export function trustOf(
  file: TrustFile | undefined,
  said: <T>(value: T, path: KeyPath) => Said<T>,
  hours: (duration: string) => number,
): TrustChains {
  const chain = <T>(value: T | undefined, ...path: string[]): Chain<T> =>
    value === undefined ? [] : [said(value, ['trust', ...path])];
  const { roots, summaries, denyList } = file ?? {};
  return {
    signers: chain(file?.signers, 'signers'),
    policies: chain(file?.policies, 'policies'),
    roots: chain(roots?.sha256, 'roots', 'sha256'),
    rootDays: chain(roots?.maxAge === undefined ? undefined : hours(roots.maxAge) / 24, 'roots', 'maxAge'),
    summaryHours: chain(summaries === undefined ? undefined : hours(summaries.maxAge), 'summaries', 'maxAge'),
    denyList: chain(
      denyList === undefined ? undefined : { required: denyList.required, minimum: denyList.minimum ?? 1 },
      'denyList',
    ),
    breakGlass: chain(file?.breakGlass?.environments, 'breakGlass', 'environments'),
  };
}

/**
 * `base` and then `next`: a later layer can leave out and narrow, never add (trust-model rule 3). Where an earlier layer
 * speaks of trust at all, a part that it leaves out stays empty.
 */
export function mergeTrust(base: TrustChains, next: TrustChains): TrustChains {
  const subset = (a: readonly string[], b: readonly string[]) => b.every((one) => a.includes(one));
  const spoken = Object.values(base).find((chain: Chain<unknown>) => chain.length > 0)?.[0];
  for (const part of ['signers', 'policies', 'breakGlass'] as const) {
    const [first] = next[part];
    if (spoken === undefined || base[part].length > 0 || first === undefined || first.value.length === 0)
      continue;
    throw addsTrust(`trust.${part}`, first, spoken);
  }
  return {
    signers: chained('trust.signers', base.signers, next.signers, (a, b) =>
      b.every((one) => a.some((other) => narrows(other, one))),
    ),
    policies: chained('trust.policies', base.policies, next.policies, subset),
    roots: chained('trust.roots.sha256', base.roots, next.roots, subset),
    rootDays: chained('trust.roots.maxAge', base.rootDays, next.rootDays, (a, b) => b <= a),
    summaryHours: chained('trust.summaries.maxAge', base.summaryHours, next.summaryHours, (a, b) => b <= a),
    denyList: chained(
      'trust.denyList',
      base.denyList,
      next.denyList,
      (a, b) => (b.required || !a.required) && b.minimum >= a.minimum,
    ),
    breakGlass: chained('trust.breakGlass', base.breakGlass, next.breakGlass, subset),
  };
}

/** The trust of layers, in their order. Throws SP-POLICY-LOOSENED. */
export function combineTrust(parts: readonly TrustChains[]): TrustChains {
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error('a policy needs a layer');
  return rest.reduce((base, next) => mergeTrust(base, next), first);
}

/** Whether everything that `after` accepts is accepted by `before`, under the same name. */
function narrows(before: SignerFile, after: SignerFile): boolean {
  const within = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    a === undefined ||
    a.length === 0 ||
    (b !== undefined && b.length > 0 && b.every((one) => a.includes(one)));
  const among = (a: readonly string[], b: readonly string[]) => b.every((one) => a.includes(one));
  return (
    before.name === after.name &&
    among(before.signs, after.signs) &&
    before.issuer === after.issuer &&
    before.identity === after.identity &&
    before.publicKey === after.publicKey &&
    before.workflow?.repository === after.workflow?.repository &&
    before.workflow?.path === after.workflow?.path &&
    among(before.workflow?.refs ?? [], after.workflow?.refs ?? []) &&
    among(before.workflow?.digests ?? [], after.workflow?.digests ?? []) &&
    before.source?.repositoryId === after.source?.repositoryId &&
    before.source?.ownerId === after.source?.ownerId &&
    within(before.triggers, after.triggers) &&
    (before.runner === 'any' || (before.runner ?? 'github-hosted') === (after.runner ?? 'github-hosted')) &&
    instant(after.notBefore, Number.NEGATIVE_INFINITY) >=
      instant(before.notBefore, Number.NEGATIVE_INFINITY) &&
    instant(after.notAfter, Number.POSITIVE_INFINITY) <= instant(before.notAfter, Number.POSITIVE_INFINITY)
  );
}

function instant(time: string | undefined, otherwise: number): number {
  return time === undefined ? otherwise : Date.parse(time);
}

function addsTrust(what: string, added: Said<unknown>, spoken: Said<unknown>): SallyportError {
  return new SallyportError({
    code: 'SP-POLICY-LOOSENED',
    message: `a later layer would loosen the policy: ${what}`,
    place: added.place,
    expected: `nothing that ${spoken.layer} (${spoken.place.path}:${spoken.place.line ?? 1}) does not say: trust can only be narrowed`,
    found: JSON.stringify(added.value)?.slice(0, 200),
    next: 'whoever keeps the pack adds signers; a service cannot add itself',
  });
}

/**
 * Throws SP-POLICY-LOOSENED where the organization's pack says nothing of trust and a layer of the service does: who
 * is judged cannot say whom its judge is to believe.
 */
export function requireTrustFrom(pack: Policy, service: readonly Layer[]): void {
  if (Object.values(pack.trust).some((chain: Chain<unknown>) => chain.length > 0)) return;
  const own = service.find((layer) => layer.file.trust !== undefined);
  if (own === undefined) return;
  throw new SallyportError({
    code: 'SP-POLICY-LOOSENED',
    message: 'a service cannot say for itself whom others are to trust',
    place: own.place(['trust']),
    expected: 'trust in the pack that the organization pins by digest',
    found: `trust in ${own.uri}`,
    next: 'move it to the pack',
  });
}

/** What holds in the end. */
export function trustRules(policy: Pick<Policy, 'trust'>): TrustRules {
  const { trust } = policy;
  const last = <T>(chain: Chain<T>): T | undefined => chain.at(-1)?.value;
  return {
    signers: (last(trust.signers) ?? []).map(entryOf),
    policies: last(trust.policies) ?? [],
    summaryHours: last(trust.summaryHours) ?? null,
    rootDays: last(trust.rootDays) ?? DEFAULT_ROOT_DAYS,
    roots: last(trust.roots) ?? null,
    denyList: last(trust.denyList) ?? { required: false, minimum: 1 },
    breakGlass: last(trust.breakGlass) ?? [],
  };
}

function entryOf(file: SignerFile): TrustEntry {
  const common = {
    name: file.name,
    signs: file.signs,
    notBefore: file.notBefore === undefined ? null : new Date(file.notBefore),
    notAfter: file.notAfter === undefined ? null : new Date(file.notAfter),
  };
  const { issuer, workflow, source, identity, publicKey } = file;
  if (publicKey !== undefined) return { ...common, kind: 'key', publicKey };
  if (identity !== undefined && issuer !== undefined) return { ...common, kind: 'person', issuer, identity };
  if (workflow === undefined || issuer === undefined || source === undefined)
    throw new Error('the schema lets no other signer through');
  return {
    ...common,
    kind: 'workflow',
    issuer,
    workflow,
    source,
    triggers: file.triggers ?? [],
    runner: file.runner ?? 'github-hosted',
  };
}
