import { SallyportError } from '../../model/error.ts';
import { levelOf, VSA_TYPE, verifierId } from '../../model/evidence.ts';
import type { KeyEntry, PersonEntry, TrustEntry, TrustRules, WorkflowEntry } from '../../model/trust.ts';
import type { DenyList } from '../deny-list.ts';

/** What a cluster is to ask of one image before it starts. */
export interface Admission {
  /** `REGISTRY/NAME`. */
  image: string;
  /** A name for the object, from image and environment. */
  name: string;
  predicateType: string;
  verifierId: string;
  resourceUri: string;
  level: string;
  identities: readonly { issuer: string; subject: string }[];
  keys: readonly string[];
  /** sha256, hex. */
  denied: readonly string[];
  /** Of the policy that it was made from, hex. */
  policyDigest: string;
  /** Rules that the cluster does not ask: said by name, and written beside the rest. */
  left: readonly string[];
}

export interface AdmissionRequest {
  rules: TrustRules;
  policyDigest: string;
  images: readonly string[];
  environment: string;
  denied: DenyList | null;
  /** Rules that may stay unasked, by name. */
  leaveOut: readonly string[];
  now: Date;
}

const REPOSITORY = /^[a-z0-9.-]+(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+)*)+$/u;

/**
 * The same questions that `verify --gate deploy` asks, as far as controllers can ask them: neither looks at a
 * certificate's repository ids, runner, trigger or signing time. A rule of the policy that they cannot ask is an error
 * unless it is named in `leaveOut`. Age is not asked, so that a rescheduled pod starts (trust-model rule 9). Throws
 * SP-ADMISSION.
 */
export function admissionsOf(request: AdmissionRequest): Admission[] {
  const { rules, images, environment, denied } = request;
  const deployers = rules.signers.filter(
    (entry) => entry.signs.includes('deploy') && isCurrent(entry, request.now),
  );
  const left = [...new Set(deployers.flatMap(unasked))].sort();
  requireNamed(left, request.leaveOut);
  const isDenied = (name: string) => denied?.signers.has(name) === true;
  const identities = deployers
    .filter((entry): entry is WorkflowEntry | PersonEntry => entry.kind !== 'key')
    .flatMap((entry) => subjectsOf(entry, isDenied).map((subject) => ({ issuer: entry.issuer, subject })));
  const keys = deployers
    .filter((entry): entry is KeyEntry => entry.kind === 'key')
    .map((entry) => entry.publicKey);
  if (identities.length + keys.length === 0)
    throw refused(
      'nobody is trusted with deployments now',
      'a signer that signs: [deploy] and is not denied',
      'none',
    );
  return images.map((image) => {
    if (!REPOSITORY.test(image)) throw refused('an image is named exactly', 'REGISTRY/NAME', image);
    return {
      image,
      name: `sallyport-${environment}-${image.replace(/[^a-z0-9]+/gu, '-')}`
        .slice(0, 200)
        .replace(/-+$/u, ''),
      predicateType: VSA_TYPE,
      verifierId: verifierId('deploy', false),
      resourceUri: `oci:${image}`,
      level: levelOf('deploy', environment, false),
      identities,
      keys,
      denied: [...(denied?.digests.keys() ?? [])].sort(),
      policyDigest: request.policyDigest,
      left,
    };
  });
}

function isCurrent({ notBefore, notAfter }: TrustEntry, now: Date): boolean {
  return (notBefore === null || notBefore <= now) && (notAfter === null || now <= notAfter);
}

function subjectsOf(entry: WorkflowEntry | PersonEntry, isDenied: (name: string) => boolean): string[] {
  if (entry.kind === 'person') return isDenied(entry.identity) ? [] : [entry.identity];
  const { repository, path, refs, digests } = entry.workflow;
  return [...refs, ...digests.filter((digest) => !isDenied(digest))]
    .map((ref) => `${repository}/${path}@${ref}`)
    .filter((name) => !isDenied(name));
}

/** The names of an entry's rules that no controller asks. */
function unasked(entry: TrustEntry): string[] {
  const validity = entry.notBefore === null && entry.notAfter === null ? [] : ['validity'];
  if (entry.kind !== 'workflow') return validity;
  return [
    ...validity,
    'source',
    'triggers',
    ...(entry.runner === 'any' ? [] : ['runner']),
    ...(entry.workflow.digests.length === 0 ? [] : ['digests']),
  ];
}

function requireNamed(left: readonly string[], named: readonly string[]): void {
  const missing = left.filter((rule) => !named.includes(rule));
  const needless = named.filter((rule) => !left.includes(rule));
  if (missing.length === 0 && needless.length === 0) return;
  const [first] = missing;
  throw refused(
    first === undefined
      ? 'what is left out is nothing that the policy asks'
      : 'the cluster cannot ask what the policy asks',
    first === undefined
      ? left.join(', ') || 'nothing to leave out'
      : 'a target that looks at certificates as closely',
    missing.join(', ') || needless.join(', '),
    first === undefined
      ? undefined
      : `let the deploy gate ask it, and say so here: ${missing.map((rule) => `--leave-out ${rule}`).join(' ')}`,
  );
}

/** Throws SP-ADMISSION. */
export function refused(message: string, expected: string, found: string, next?: string): SallyportError {
  return new SallyportError({ code: 'SP-ADMISSION', message, expected, found: found.slice(0, 300), next });
}

/** The image by its bare name, by tag and by digest, as both controllers match them. */
export function globsOf(image: string): { glob: string }[] {
  return [image, `${image}:*`, `${image}@*`].map((glob) => ({ glob }));
}

/** What every rendered object says of itself. */
export function annotationsOf(admission: Admission, madeFor: string): Record<string, string> {
  return {
    'sallyport.dev/made-for': madeFor,
    'sallyport.dev/policy': `sha256:${admission.policyDigest}`,
    ...(admission.left.length === 0 ? {} : { 'sallyport.dev/not-asked-here': admission.left.join(',') }),
  };
}
