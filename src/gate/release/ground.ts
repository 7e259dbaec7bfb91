import { resolve } from 'node:path';
import { type DenyList, readDenyList } from '../../attest/deny-list.ts';
import { readBundleFile } from '../../attest/store/files.ts';
import type { Found } from '../../attest/store/store.ts';
import type { SigningSubject } from '../../attest/subject.ts';
import { trustedInstances } from '../../attest/trust/root.ts';
import type { TrustExpectation } from '../../attest/trusted.ts';
import type { TrustedInstance } from '../../attest/verify/trusted-root.ts';
import { SallyportError } from '../../model/error.ts';
import type { TrustRules } from '../../model/trust.ts';
import type { Context } from '../../platform/context.ts';

/** Where the trusted roots come from: files or the public one for everybody, its own for the demo. */
export type RootSource = (rules: TrustRules) => Promise<readonly TrustedInstance[]>;

export interface GroundInput {
  roots: RootSource;
  denyList: string | undefined;
}

/** Roots of files, or the public one; no older than the policy allows, nor than `maxAge` in days. */
export function rootsFrom(
  files: readonly string[],
  { offline, maxAge }: { offline: boolean; maxAge: number | undefined },
  context: Context,
): RootSource {
  return async ({ rootDays }) =>
    await trustedInstances(files, { offline, maxAgeDays: Math.min(maxAge ?? rootDays, rootDays) }, context);
}

/**
 * What everything is verified against: roots that are young enough and that the policy takes, its signers, and the
 * deny-list. Throws SP-ROOT-*, SP-DENY-*: without any of them nothing is decided.
 */
export async function groundOf(
  rules: TrustRules,
  input: GroundInput,
  context: Context,
): Promise<TrustExpectation> {
  const instances = await input.roots(rules);
  const unknown = instances.find(({ digest }) => rules.roots !== null && !rules.roots.includes(digest));
  if (unknown !== undefined) {
    throw new SallyportError({
      code: 'SP-ROOT-UNKNOWN',
      message: 'the policy does not take this trusted root',
      expected: rules.roots?.map((digest) => `sha256:${digest}`).join(' or ') ?? '',
      found: `sha256:${unknown.digest}`,
    });
  }
  const expectation = { instances, signers: rules.signers, now: context.clock.now() };
  return { ...expectation, denied: await denyListOf(rules, input, expectation, context) };
}

async function denyListOf(
  rules: TrustRules,
  { denyList }: GroundInput,
  expectation: Omit<TrustExpectation, 'denied'>,
  context: Context,
): Promise<DenyList | null> {
  if (denyList !== undefined) {
    return await readDenyList(await oneBundle(denyList, context), rules, expectation);
  }
  if (!rules.denyList.required) return null;
  throw new SallyportError({
    code: 'SP-DENY-MISSING',
    message: 'the policy decides nothing without the deny-list',
    expected: '--deny-list FILE',
    next: 'fetch the newest list; sallyport trust deny writes it',
  });
}

/** The one bundle of a file. Throws SP-STORE-FORMAT. */
export async function oneBundle(path: string, context: Context): Promise<Found> {
  const [found, ...more] = await readBundleFile(resolve(context.cwd, path), context.files);
  if (found !== undefined && more.length === 0) return found;
  throw new SallyportError({
    code: 'SP-STORE-FORMAT',
    message: 'the file holds more than one bundle',
    place: { path },
    expected: 'one Sigstore bundle',
    found: String(more.length + 1),
  });
}

/** What a summary calls the artefact. */
export function resourceOf(subject: SigningSubject): string {
  if (subject.kind !== 'image') return `file:${subject.name}`;
  return `oci:${subject.name}`;
}
