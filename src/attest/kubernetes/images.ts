import { type Document, isMap, isScalar, isSeq, parseAllDocuments, type Scalar, visit } from 'yaml';
import { SallyportError } from '../../model/error.ts';

/** An image that a manifest names, and the node that holds its name. */
export interface NamedImage {
  name: string;
  /** `FILE: Deployment/app, containers[0]`. */
  where: string;
  node: Scalar<string>;
}

export interface Manifests {
  images: NamedImage[];
  /** The same documents, with whatever was put into the nodes. */
  render(): string;
}

const LIMITS = { bytes: 16 * 1024 * 1024, documents: 5000, images: 5000, aliases: 100 };
/** Every list of a pod that runs an image. */
const LISTS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * Reads Kubernetes manifests: one file with one or more documents, as kubectl, kustomize and helm print them. Every list
 * of containers counts, wherever it stands, so that custom resources with a pod template in them are seen too. Throws
 * SP-MANIFEST for what cannot be read as a whole: an image that is not seen would not be verified.
 */
export function readManifests(text: string, path: string): Manifests {
  if (Buffer.byteLength(text) > LIMITS.bytes) throw refused(path, `at most ${LIMITS.bytes} bytes`, 'more');
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: true }) as Document.Parsed[];
  if (!Array.isArray(documents) || documents.length > LIMITS.documents)
    throw refused(
      path,
      `1 to ${LIMITS.documents} documents`,
      `${Array.isArray(documents) ? documents.length : 0}`,
    );
  const images: NamedImage[] = [];
  for (const document of documents) {
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw refused(path, 'YAML', (fault.message.split('\n')[0] ?? '').slice(0, 300));
    images.push(...imagesIn(document, path));
    if (images.length > LIMITS.images) throw refused(path, `at most ${LIMITS.images} images`, 'more');
  }
  return {
    images,
    render: () => documents.map((document) => document.toString({ lineWidth: 0 })).join(''),
  };
}

function imagesIn(document: Document.Parsed, path: string): NamedImage[] {
  const [kind, name] = [document.get('kind'), document.getIn(['metadata', 'name'])];
  const place = `${path}: ${String(kind ?? 'document').slice(0, 100)}/${String(name ?? '').slice(0, 253)}`;
  const images: NamedImage[] = [];
  visit(document, {
    // An image under an alias would be written in one place and run in another.
    Alias: () => {
      throw refused(place, 'manifests without YAML aliases', 'an alias');
    },
    Pair: (_key, { key, value }) => {
      const list = isScalar(key) ? String(key.value) : '';
      if (list === 'volumes' && isSeq(value)) {
        for (const [index, item] of value.items.entries()) {
          const reference = isMap(item) ? item.getIn(['image', 'reference'], true) : undefined;
          if (reference !== undefined) images.push(imageAt(reference, `${place}, volumes[${index}]`));
        }
      }
      if (!LISTS.includes(list) || !isSeq(value)) return;
      for (const [index, item] of value.items.entries()) {
        const where = `${place}, ${list}[${index}]`;
        if (!isMap(item)) throw refused(where, 'a container', 'something else');
        const image = item.get('image', true);
        // A container without an image takes it from elsewhere, which is not known here.
        if (image === undefined) throw refused(where, 'the name of an image', 'none');
        images.push(imageAt(image, where));
      }
    },
  });
  return images;
}

function imageAt(node: unknown, where: string): NamedImage {
  if (isScalar(node) && typeof node.value === 'string' && node.value !== '')
    return { name: node.value, where, node: node as Scalar<string> };
  throw refused(where, 'the name of an image', 'something else');
}

function refused(path: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-MANIFEST',
    message: 'the Kubernetes manifests cannot be verified as a whole',
    place: { path },
    expected,
    found,
  });
}
