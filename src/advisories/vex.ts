import { SallyportError } from '../model/error.ts';
import { parseJson } from '../model/json/parse.ts';
import { isObject, type Json, objectsOf, stringsOf, textOf } from '../model/json/values.ts';
import { excuses, justifications, type VexStatement, type VexStatus } from '../model/vex.ts';

export const VEX_LIMITS = { bytes: 32 * 1024 * 1024, depth: 64, string: 1024 * 1024 } as const;
const MAX_STATEMENTS = 100_000;

/**
 * The statements of a VEX document about components: OpenVEX (https://github.com/openvex/spec, 0.0.1 to 0.2.0) or
 * CycloneDX with `vulnerabilities` (1.4 to 1.7). `not_affected` counts with its justification or impact only. Throws
 * SP-VEX and SP-JSON-*.
 */
export function readVex(bytes: Uint8Array, path: string): VexStatement[] {
  const value = parseJson(bytes, path, VEX_LIMITS);
  if (!isObject(value)) throw refuse(path, 'an object');
  if (value.bomFormat === 'CycloneDX') return cycloneDx(value, path);
  if (textOf(value['@context'])?.includes('openvex') === true) return openVex(value, path);
  throw refuse(path, 'an OpenVEX document, or CycloneDX with vulnerabilities');
}

const STATUSES: readonly VexStatus[] = ['not_affected', 'fixed', 'affected', 'under_investigation'];

function openVex(document: Json, path: string): VexStatement[] {
  const author = textOf(document.author);
  if (author === undefined) throw refuse(path, 'an author: who says it must be known');
  const statements = listOf(document.statements, path, 'statements');
  return statements.flatMap((statement, index): VexStatement[] => {
    const status = STATUSES.find((one) => one === statement.status);
    if (status === undefined) throw refuse(path, `a status of OpenVEX in statement ${index + 1}`);
    const named = statement.vulnerability;
    const name = typeof named === 'string' ? named : isObject(named) ? textOf(named.name) : undefined;
    const components = productsOf(statement);
    if (name === undefined) throw refuse(path, `the name of a vulnerability in statement ${index + 1}`);
    if (components.length === 0) {
      if (!excuses(status)) return [];
      throw refuse(path, `a product with a purl in statement ${index + 1}`);
    }
    const justification = justifications.find((one) => one === statement.justification);
    const impact = textOf(statement.impact_statement);
    if (status === 'not_affected' && justification === undefined && impact === undefined)
      throw refuse(
        path,
        `a justification or an impact_statement in statement ${index + 1}: not_affected needs one`,
      );
    return [
      {
        vulnerability: name,
        aliases: isObject(named) ? stringsOf(named.aliases) : [],
        status,
        components,
        author,
        said: textOf(statement.timestamp) ?? textOf(document.timestamp) ?? null,
        because: [justification, impact].filter((part) => part !== undefined).join(': ') || status,
        path,
      },
    ];
  });
}

/** Of a product with subcomponents the statement is about these: the vulnerability is theirs. */
function productsOf(statement: Json): string[] {
  const purlOf = (one: unknown): string[] => {
    if (typeof one === 'string') return one.startsWith('pkg:') ? [one] : [];
    if (!isObject(one)) return [];
    const identifiers = isObject(one.identifiers) ? one.identifiers : {};
    return [textOf(identifiers.purl), textOf(one['@id'])]
      .filter((id) => id?.startsWith('pkg:') === true)
      .slice(0, 1) as string[];
  };
  const products = Array.isArray(statement.products) ? (statement.products as unknown[]) : [];
  return products.flatMap((product) => {
    const inside =
      isObject(product) && Array.isArray(product.subcomponents) ? (product.subcomponents as unknown[]) : [];
    return inside.length > 0 ? inside.flatMap(purlOf) : purlOf(product);
  });
}

/** CycloneDX says in `analysis` what OpenVEX says in `status`; its components are named by bom-ref. */
function cycloneDx(document: Json, path: string): VexStatement[] {
  const purls = new Map<string, string>();
  const take = (components: readonly Json[], depth: number): void => {
    for (const component of components) {
      const [ref, purl] = [textOf(component['bom-ref']), textOf(component.purl)];
      if (ref !== undefined && purl !== undefined) purls.set(ref, purl);
      if (depth < VEX_LIMITS.depth) take(objectsOf(component.components), depth + 1);
    }
  };
  const metadata = isObject(document.metadata) ? document.metadata : {};
  take(objectsOf(document.components), 0);
  const author =
    textOf(objectsOf(metadata.authors)[0]?.name) ??
    (isObject(metadata.manufacturer) ? textOf(metadata.manufacturer.name) : undefined) ??
    (isObject(metadata.supplier) ? textOf(metadata.supplier.name) : undefined);
  return listOf(document.vulnerabilities, path, 'vulnerabilities').flatMap((one, index): VexStatement[] => {
    const analysis = isObject(one.analysis) ? one.analysis : {};
    const states: Record<string, VexStatement['status']> = {
      not_affected: 'not_affected',
      false_positive: 'not_affected',
      resolved: 'fixed',
      resolved_with_pedigree: 'fixed',
      exploitable: 'affected',
      in_triage: 'under_investigation',
    };
    const state = textOf(analysis.state) ?? '';
    const status = Object.hasOwn(states, state) ? states[state] : undefined;
    const id = textOf(one.id);
    if (status === undefined) return [];
    if (author === undefined && excuses(status))
      throw refuse(path, 'metadata.authors: who says it must be known');
    if (id === undefined) throw refuse(path, `an id in vulnerability ${index + 1}`);
    const because = [textOf(analysis.justification), textOf(analysis.detail)].filter(
      (part) => part !== undefined,
    );
    if (status === 'not_affected' && because.length === 0)
      throw refuse(
        path,
        `analysis.justification or detail in vulnerability ${index + 1}: not_affected needs one`,
      );
    const components = objectsOf(one.affects).flatMap(({ ref }) => {
      const text = textOf(ref) ?? '';
      // A BOM-Link names a component of another document: its ref is what follows the fragment (CycloneDX BOM-Link).
      const inside = text.startsWith('urn:cdx:') ? decode(text.slice(text.indexOf('#') + 1)) : text;
      return purls.get(inside) ?? (inside.startsWith('pkg:') ? inside : []);
    });
    if (components.length === 0 && !excuses(status)) return [];
    if (components.length === 0)
      throw refuse(path, `affects with a component that has a purl in vulnerability ${index + 1}`);
    return [
      {
        vulnerability: id,
        aliases: objectsOf(one.references).flatMap((reference) => textOf(reference.id) ?? []),
        status,
        components,
        author: author ?? 'nobody named',
        said: textOf(analysis.lastUpdated) ?? textOf(metadata.timestamp) ?? null,
        because: because.join(': ') || state,
        path,
      },
    ];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // No encoding at all: as it stands.
    return text;
  }
}

function listOf(value: unknown, path: string, name: string): Json[] {
  if (!Array.isArray(value)) throw refuse(path, `${name} as a list`);
  if (value.length > MAX_STATEMENTS) throw refuse(path, `at most ${MAX_STATEMENTS} ${name}`);
  return objectsOf(value);
}

function refuse(path: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-VEX',
    message: 'this VEX document cannot be used',
    place: { path },
    expected,
    next: 'correct it: a statement that is not understood must not let anything pass',
  });
}
