import { createHash } from 'node:crypto';
import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';
import type { Context } from '../platform/context.ts';
import { type Layer, MAX_POLICY_BYTES, packAsLayer } from '../policy/layer.ts';
import { packs } from '../policy/packs.generated.ts';

const MAX_LAYERS = 16;
const FETCH_TIMEOUT = 30_000;

/** Reads a pack that is not one of ours, by its path or address. */
export type Reader = (reference: string, place: Place) => Promise<{ uri: string; text: string }>;

/** A pack at an address; null for what is none. */
export async function fetchPack(
  reference: string,
  context: Context,
): Promise<{ uri: string; text: string } | null> {
  if (!/^https:\/\//u.test(reference)) return null;
  const content = await context.http.get(reference, { bytes: MAX_POLICY_BYTES, timeout: FETCH_TIMEOUT });
  return { uri: reference, text: content.toString('utf8') };
}

/** `extends` before the layer itself, depth first, each layer once. */
export async function linearize(main: Layer, read: Reader): Promise<Layer[]> {
  const found = new Map<string, Layer>();
  const visit = async (layer: Layer, above: readonly string[]): Promise<void> => {
    if (above.includes(layer.sha256) || above.length > MAX_LAYERS) {
      throw new SallyportError({
        code: 'SP-POLICY-INVALID',
        message: 'policies extend each other in a circle',
        place: layer.place(['extends']),
        expected: `at most ${MAX_LAYERS} layers, each once`,
      });
    }
    for (const [index, reference] of (layer.file.extends ?? []).entries()) {
      const place = layer.place(['extends', index]);
      await visit(await resolveReference(reference, place, read), [...above, layer.sha256]);
    }
    if (!found.has(layer.sha256)) found.set(layer.sha256, layer);
  };
  await visit(main, []);
  return [...found.values()];
}

async function resolveReference(reference: string, place: Place, read: Reader): Promise<Layer> {
  const match = /^(.+?)(?:@sha256:([0-9a-f]{64}))?$/su.exec(reference);
  const [name, digest] = [match?.[1] ?? reference, match?.[2] ?? null];
  if (Object.hasOwn(packs, name)) return packLayer(name, digest, place);
  if (digest === null) {
    throw new SallyportError({
      code: 'SP-POLICY-REFERENCE',
      message: 'a pack that is not ours is referenced by its digest',
      place,
      expected: `PATH@sha256:HEX or https://…@sha256:HEX, or one of ${Object.keys(packs).join(', ')}`,
      found: reference,
    });
  }
  const { uri, text } = await read(name, place);
  requireDigest(text, digest, reference, place);
  return await readLayer(name, uri, text);
}

/** What reads YAML is loaded where there is some. Throws SP-POLICY-SYNTAX, SP-POLICY-INVALID. */
export async function readLayer(name: string, uri: string, text: string): Promise<Layer> {
  const { parseLayer } = await import('../policy/parse.ts');
  return parseLayer(name, uri, text);
}

/** Throws SP-POLICY-DIGEST. */
export function packLayer(name: string, digest: string | null, place?: Place): Layer {
  const pack = Object.hasOwn(packs, name) ? packs[name] : undefined;
  if (pack === undefined) throw new Error(`no pack ${name}`);
  if (digest !== null && digest !== pack.sha256) throw wrongDigest(pack.sha256, digest, name, place);
  return packAsLayer(name, pack);
}

/** Throws SP-POLICY-DIGEST. */
export function requireDigest(
  text: string,
  expected: string,
  reference: string,
  place: Place | undefined,
): void {
  const found = createHash('sha256').update(text).digest('hex');
  if (found !== expected) throw wrongDigest(found, expected, reference, place);
}

function wrongDigest(
  found: string,
  expected: string,
  reference: string,
  place: Place | undefined,
): SallyportError {
  return new SallyportError({
    code: 'SP-POLICY-DIGEST',
    message: `the pack is not the one that was referenced: ${reference.slice(0, 200)}`,
    place,
    expected: `sha256:${expected}`,
    found: `sha256:${found}`,
  });
}
