import { SallyportError } from '../../model/error.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import type { Context } from '../context.ts';
import type { Renewing } from '../credentials/renewing.ts';
import { type AwsAccess, awsCredentials, domainOf } from './credentials.ts';
import { type AwsCredentials, signed } from './signature.ts';
import { readXml, textAt } from './xml.ts';

const LIMITS = { bytes: 8 * 1024 * 1024, timeout: 10_000 };

/** A service of AWS: its name in addresses and in signatures, and how it is spoken to. */
export interface AwsService {
  host: string;
  signingName: string;
  /** Where this service alone is; its credentials are still got where they always are. */
  endpoint?: string;
}

/** Signed calls, each once: whoever sets a weight tries again by himself. Throws SP-AWS, SP-CREDENTIAL, SP-HTTP. */
export class Aws {
  readonly #access: AwsAccess;
  readonly #service: AwsService;
  readonly #context: Context;
  readonly #credentials: Renewing<AwsCredentials>;

  constructor(access: AwsAccess, service: AwsService, context: Context) {
    this.#access = access;
    this.#service = service;
    this.#context = context;
    this.#credentials = awsCredentials(access, context);
  }

  /** Why the credential will not last until a rollback, or null. */
  ending(): string | null {
    return this.#credentials.ending();
  }

  /** AWS JSON 1.0 or 1.1: `target` is `PREFIX.Operation`. */
  async json(target: string, version: '1.0' | '1.1', body: object): Promise<Json> {
    const type = `application/x-amz-json-${version}`;
    const { status, text } = await this.#post(JSON.stringify(body), {
      'content-type': type,
      'x-amz-target': target,
    });
    let value: unknown = null;
    try {
      value = JSON.parse(text);
    } catch {
      // No object, which is said below.
    }
    if (status === 200 && isObject(value)) return value;
    const type_ = isObject(value) ? (value.__type ?? value.code) : undefined;
    const said = isObject(value) ? (value.message ?? value.Message) : undefined;
    throw refused(target, status, String(type_ ?? ''), String(said ?? ''));
  }

  /** The Query protocol, answered in XML. */
  async query(version: string, action: string, parameters: Readonly<Record<string, string>>): Promise<Json> {
    const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
    const { status, text } = await this.#post(body, {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });
    const xml = readXml(text, `AWS ${action}`);
    if (status === 200) return xml;
    const at = (name: string) => textAt(xml, 'ErrorResponse', 'Error', name) ?? '';
    throw refused(action, status, at('Code'), at('Message'));
  }

  async #post(
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ status: number; text: string }> {
    const { region, endpoint } = this.#access;
    const { host, signingName, endpoint: own } = this.#service;
    const url = new URL(own ?? endpoint ?? `https://${host}.${region}.${domainOf(region)}/`);
    const all = signed(
      { method: 'POST', url, headers, body },
      { region, service: signingName },
      await this.#credentials.get(),
      this.#context.clock.now(),
    );
    const answer = await this.#context.http.request({
      method: 'POST',
      url: url.href,
      headers: all,
      body,
      limits: LIMITS,
      retries: 0,
    });
    return { status: answer.status, text: answer.body.toString('utf8') };
  }
}

function refused(what: string, status: number, type: string, message: string): SallyportError {
  return new SallyportError({
    code: 'SP-AWS',
    message: `AWS refused ${what}`,
    expected: 'HTTP 200',
    found: `HTTP ${status} ${type.split('#').at(-1)} ${message}`.slice(0, 400),
  });
}
