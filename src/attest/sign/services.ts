import type { KeyObject } from 'node:crypto';
import { SallyportError } from '../../model/error.ts';
import type { Json } from '../../model/json/values.ts';
import { FieldError, Fields } from '../encoding/fields.ts';
import { parseSignedJson } from '../encoding/json.ts';
import type { LogEntry } from '../verify/bundle.ts';
import type { EntryRequest } from './tiled-log.ts';

export interface Service {
  url: string;
  /** Major version of its interface. */
  version: number;
}

/** Services in this very process instead of elsewhere: the demo's alone (trust-model rule 13). */
export interface ServicesInProcess {
  /** PEM of a certificate for the key. */
  certify(publicKey: KeyObject, claims: Json): Promise<string>;
  log(request: EntryRequest): Promise<LogEntry>;
  timestamp(signature: Buffer): Promise<Buffer>;
}

/** Where to sign: which authority, which logs, which timestamp authorities. */
export interface SigningServices {
  /** Null where only a key can sign. */
  authority: Service | null;
  logs: Service[];
  timestamps: Service[];
  inProcess?: ServicesInProcess | undefined;
}

const LIMITS = { bytes: 256 * 1024, depth: 8, string: 64 * 1024 };
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
const KNOWN = { authority: [1], log: [1, 2], timestamp: [1] };

interface Offered extends Service {
  operator: string;
  start: Date;
  end: Date | null;
}

/**
 * Reads a signing config v0.2 (protobuf-specs, sigstore_trustroot.proto) and chooses as it says: of each kind those in
 * use now whose interface is known, the newest of each operator. Throws SP-SIGN-CONFIG.
 */
export function readSigningConfig(bytes: Uint8Array, path: string, now: Date): SigningServices {
  try {
    const fields = new Fields(parseSignedJson(bytes, path, LIMITS), '');
    const type = fields.text('mediaType', 200);
    if (type !== MEDIA_TYPE) throw new FieldError('mediaType', MEDIA_TYPE, type);
    const usable = (name: string, versions: readonly number[]) =>
      newestFirst(fields.objects(name, 32).map(serviceOf), versions, now);
    const [authority] = usable('caUrls', KNOWN.authority);
    usable('oidcUrls', [1]);
    const logs = usable('rekorTlogUrls', KNOWN.log);
    const timestamps = usable('tsaUrls', KNOWN.timestamp);
    const services = {
      authority,
      logs: choose(fields, 'rekorTlogConfig', logs),
      timestamps: choose(fields, 'tsaConfig', timestamps),
    };
    fields.end();
    if (services.authority === undefined) throw new FieldError('caUrls', 'an authority in use now', 'none');
    if (services.logs.length + services.timestamps.length === 0)
      throw new FieldError('rekorTlogUrls', 'a log or a timestamp authority in use now', 'neither');
    return { ...services, authority: services.authority };
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new SallyportError(
      {
        code: 'SP-SIGN-CONFIG',
        message: `the signing config cannot be used: ${cause.path}`,
        place: { path },
        expected: cause.expected,
        found: cause.found,
      },
      { cause },
    );
  }
}

function serviceOf(fields: Fields): Offered {
  const period = fields.object('validFor');
  const [start, end] = [period.text('start', 60), period.optionalText('end', 60)];
  const service: Offered = {
    url: fields.text('url', 500).replace(/\/$/u, ''),
    version: fields.integer('majorApiVersion'),
    operator: fields.optionalText('operator', 200) ?? '',
    start: new Date(start),
    end: end === null ? null : new Date(end),
  };
  period.end();
  fields.end();
  if (!URL.canParse(service.url)) throw new FieldError(fields.at('url'), 'an address', service.url);
  if (Number.isNaN(service.start.getTime()) || Number.isNaN(service.end?.getTime() ?? 0))
    throw new FieldError(fields.at('validFor'), 'RFC 3339 times', 'something else');
  return service;
}

function newestFirst(services: Offered[], versions: readonly number[], now: Date): Offered[] {
  const usable = services
    .filter(
      (service) =>
        versions.includes(service.version) &&
        service.start <= now &&
        (service.end === null || now <= service.end),
    )
    .sort((a, b) => b.version - a.version || b.start.getTime() - a.start.getTime());
  return usable.filter(
    (service, index) => usable.findIndex((other) => other.operator === service.operator) === index,
  );
}

function choose(fields: Fields, name: string, services: Offered[]): Service[] {
  const config = fields.optionalObject(name);
  if (config === null) return services.slice(0, 1);
  const selector = config.text('selector', 20);
  const count = config.has('count') ? config.integer('count') : 1;
  config.end();
  const wanted = selector === 'ALL' ? services.length : selector === 'EXACT' ? count : 1;
  if (!['ALL', 'ANY', 'EXACT'].includes(selector))
    throw new FieldError(config.at('selector'), 'ALL, ANY or EXACT', selector);
  if (selector === 'EXACT' && services.length < count)
    throw new FieldError(name, `${count} services of different operators`, String(services.length));
  return services.slice(0, wanted);
}

/** Instances that need no signing config of their own. */
export const INSTANCES = {
  'public-good': {
    authority: { url: 'https://fulcio.sigstore.dev', version: 1 },
    logs: [{ url: 'https://rekor.sigstore.dev', version: 1 }],
    timestamps: [{ url: 'https://timestamp.sigstore.dev/api/v1/timestamp', version: 1 }],
  },
  github: {
    authority: { url: 'https://fulcio.githubapp.com', version: 1 },
    logs: [],
    timestamps: [{ url: 'https://timestamp.githubapp.com', version: 1 }],
  },
} as const satisfies Record<string, SigningServices>;

/** Whether what is signed there can be read by anyone for ever. */
export function isPublic(services: SigningServices): boolean {
  return [services.authority, ...services.logs].some((service) => {
    const hostname = service === null ? '' : new URL(service.url).hostname;
    return hostname === 'sigstore.dev' || hostname.endsWith('.sigstore.dev');
  });
}
