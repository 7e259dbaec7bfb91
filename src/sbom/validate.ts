import { isObject } from '../model/json/values.ts';

/**
 * Errors by the official schema of a CycloneDX JSON document; empty where it is valid, undefined for forms without a
 * schema at hand (XML, SPDX: those are checked as far as they are read).
 */
export async function validate(bytes: Uint8Array, form: string): Promise<string[] | undefined> {
  const version = /^CycloneDX (1\.[2-7]) JSON$/u.exec(form)?.[1];
  if (version === undefined) return undefined;
  const { Spec, Validation } = await import('@cyclonedx/cyclonedx-library');
  const known = Object.values(Spec.Version).find((one) => one === version);
  if (known === undefined) return undefined;
  const found: unknown = await new Validation.JsonStrictValidator(known).validate(
    Buffer.from(bytes).toString('utf8'),
  );
  if (found === null) return [];
  return (Array.isArray(found) ? found : [found]).map((one: unknown) =>
    isObject(one)
      ? `${String(one.instancePath ?? '')} ${String(one.message ?? JSON.stringify(one))}`.trim()
      : String(one),
  );
}
