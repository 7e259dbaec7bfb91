import type { Bom, Component, Scope } from '../../model/component.ts';
import { interpolate } from './compose/interpolate.ts';
import type { ComposeFile } from './compose/model.ts';
import { textOf } from './compose/yaml.ts';
import { type Base, type Dockerfile, lineage } from './dockerfile/model.ts';
import { familiarName, type ImageReference, imagePurl, parseImage } from './image.ts';
import { folderOf, resolveInTree } from './paths.ts';
import type { SourceText, Span } from './text.ts';
import type { TreeFacts } from './tree-facts.ts';

/**
 * The images that the files name. Roots are what is built or started: the image of each Dockerfile and each compose
 * service. An image depends on the images that its Dockerfile takes from (`runtime` where their files reach the
 * last stage, `development` where they only build); a service on its image or on what it builds, so Dockerfiles are
 * to be added before compose files.
 */
export class ImageBom {
  readonly #components = new Map<string, Component>();
  readonly #edges = new Map<string, Set<string>>();
  readonly #roots = new Set<string>();

  dockerfile(file: Dockerfile): void {
    const { source } = file;
    const root = this.#root(`dockerfile:${source.path}`, folderOf(source.path) || source.path, 'Dockerfile', {
      path: source.path,
    });
    const last = file.stages.at(-1);
    const shipped = new Set(last === undefined ? [] : lineage(last));
    for (const stage of file.stages)
      this.#use(root, source, stage.base, shipped.has(stage) ? 'runtime' : 'development');
    for (const base of file.extraImages) {
      const { keyword, stage } = base.instruction;
      const runtime = keyword !== 'RUN' && stage !== null && shipped.has(stage);
      this.#use(root, source, base, runtime ? 'runtime' : 'development');
    }
  }

  compose({ source, services }: ComposeFile, tree: TreeFacts): void {
    const environment = tree.environment(folderOf(source.path));
    for (const service of services) {
      if (service.partial) continue;
      const place = source.place(service.nameSpan);
      const root = this.#root(`compose:${source.path}#${service.name}`, service.name, 'compose', place);
      if (service.build !== null) {
        const { build } = service;
        const context = resolveInTree(folderOf(source.path), build.context);
        const path = context === null ? null : resolveInTree(context, build.dockerfile ?? 'Dockerfile');
        const built = `dockerfile:${path}`;
        if (path !== null && build.inline === null && this.#components.has(built)) this.#edge(root, built);
        continue;
      }
      const text = textOf(service.image?.value);
      if (service.image === null || text === null) continue;
      const { value, unknown } = interpolate(text, environment);
      this.#image(
        root,
        source,
        service.image.value,
        value,
        unknown.length > 0 ? null : parseImage(value),
        'runtime',
      );
    }
  }

  build(): Bom {
    const edges: [string, string[]][] = [...this.#edges].map(([from, to]) => [from, [...to].sort()]);
    return {
      components: [...this.#components.values()],
      edges: Object.fromEntries(edges),
      roots: [...this.#roots],
    };
  }

  #root(ref: string, name: string, origin: string, place: Component['places'][number]): string {
    this.#components.set(ref, {
      ref,
      type: 'container',
      name,
      licenses: [],
      hashes: [],
      scope: 'runtime',
      direct: null,
      places: [place],
      origin,
    });
    this.#roots.add(ref);
    this.#edges.set(ref, new Set());
    return ref;
  }

  #use(root: string, source: SourceText, base: Base, scope: Scope): void {
    if (base.kind === 'stage' || base.kind === 'scratch') return;
    this.#image(root, source, base, base.expanded.value, base.image, scope);
  }

  #image(
    root: string,
    source: SourceText,
    at: Span,
    text: string,
    image: ImageReference | null,
    scope: Scope,
  ): void {
    const purl = image === null ? undefined : imagePurl(image);
    const ref = purl ?? `image:${text}`;
    const place = source.place({ start: at.start, end: at.end });
    const known = this.#components.get(ref);
    if (known !== undefined) {
      known.places.push(place);
      if (scope === 'runtime') known.scope = 'runtime';
    } else {
      this.#components.set(ref, {
        ref,
        type: 'container',
        name: image === null ? text : familiarName(image),
        version: image?.tag ?? image?.digest ?? undefined,
        purl,
        licenses: [],
        hashes: hashesOf(image),
        scope,
        direct: true,
        places: [place],
        origin: this.#components.get(root)?.origin,
      });
    }
    this.#edge(root, ref);
  }

  #edge(from: string, to: string): void {
    this.#edges.get(from)?.add(to);
  }
}

/** CycloneDX algorithm names. */
function hashesOf(image: ImageReference | null): Component['hashes'] {
  const [algorithm, content] = image?.digest?.split(':', 2) ?? [];
  if (content === undefined) return [];
  if (algorithm === 'sha256') return [{ algorithm: 'SHA-256', content }];
  return algorithm === 'sha512' ? [{ algorithm: 'SHA-512', content }] : [];
}
