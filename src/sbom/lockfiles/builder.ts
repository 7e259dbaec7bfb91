import type { Component, Scope } from '../../model/component.ts';
import { type Problem, SallyportError } from '../../model/error.ts';
import { grouped } from '../../model/grouped.ts';
import { put } from '../../model/json/values.ts';
import type { Place } from '../../model/location.ts';
import { formatPurl, type Purl } from '../../versions/purl.ts';
import { folderName, type Locked, type LockFinding } from './format.ts';
import { LOCK_LIMITS, shown, tooMany } from './limits.ts';
import { addTo, combined, scopesFrom } from './scopes.ts';

/** One locked entry, as a format states it. */
export interface Entry {
  purl: Purl;
  place?: Place | undefined;
  licenses?: string[] | undefined;
  hashes?: Component['hashes'] | undefined;
  /** Where it is fetched from: an address, also `git+ssh://...`. */
  source?: string | undefined;
  /** Fetched from somewhere, in a format that keeps digests: without a hash it is a finding. */
  pinned?: boolean | undefined;
  /** What the lockfile itself says of the scope; otherwise it follows from the graph. */
  scope?: Scope | undefined;
  /** What the lockfile itself says; otherwise it follows from the graph. */
  direct?: boolean | undefined;
  /** Why there is no version, or why nothing below it is known. */
  unresolved?: string | undefined;
  installScripts?: boolean | undefined;
  deprecated?: boolean | undefined;
  /** When it was released, RFC 3339 in UTC. */
  released?: string | undefined;
}

/** The ref of a service: its purl and its folder, which tells two of one name apart. */
export function rootRef(purl: Purl, folder: string): string {
  return `${formatPurl(purl)}${folder === '' ? '' : `#${folder}`}`;
}

/** The entries of one file for which digests are asked. */
interface Digests {
  held: boolean;
  without: { ref: string; place: Place | undefined }[];
}

/** What most entries need: shared, for there may be a hundred thousand of them. */
const NOTHING = new Map<string, Scope>();

/** Collects what one file locks: one component a purl, the graph, findings; bounded. */
export class LockBuilder {
  readonly path: string;
  readonly origin: string;
  readonly problems: Problem[] = [];
  readonly findings: LockFinding[] = [];
  readonly #components = new Map<string, Component>();
  readonly #edges = new Map<string, Map<string, Scope>>();
  readonly #asked = new Map<string, Map<string, string>>();
  readonly #roots: string[] = [];
  readonly #said = new Map<string, { scope?: Scope | undefined; direct?: boolean | undefined }>();
  readonly #digests = new Map<string, Digests>();
  #edgeCount = 0;

  constructor(path: string, origin: string) {
    this.path = path;
    this.origin = origin;
  }

  /** Adds a service that this file is about. `folder` tells two of one name apart. */
  root(
    name: string | undefined,
    entry: Omit<Entry, 'purl'> & { purl?: Purl | undefined },
    folder?: string,
  ): string {
    const at = folder ?? folderName(this.path);
    const purl = entry.purl ?? { type: 'generic', name: name ?? (at.split('/').pop() || 'root') };
    const ref = this.#add({ ...entry, purl }, at === '' ? '' : `#${at}`, 'application');
    if (ref !== null && !this.#roots.includes(ref)) this.#roots.push(ref);
    return ref ?? '';
  }

  /** Adds an entry, or more facts to the one of the same purl. Null where its name can be no package; then it is a problem. */
  component(entry: Entry): string | null {
    const ref = this.#add(entry, '', 'library');
    if (ref === null) return null;
    if (entry.pinned === true) this.#countDigest(entry, ref);
    if (entry.unresolved !== undefined) {
      this.finding('lock-entry-unresolved', `${ref}: ${entry.unresolved}`, entry.place, ref);
    }
    return ref;
  }

  /** `from` needs `to`. Without a target only: what `from` needs is known. */
  needs(from: string | null, to?: string | null, scope: Scope = 'runtime', range?: string): void {
    if (from === null || from === '') return;
    let targets = this.#edges.get(from);
    if (to === undefined || to === null || to === '' || to === from) {
      if (targets === undefined) this.#edges.set(from, NOTHING);
      return;
    }
    if (targets === undefined || targets === NOTHING) {
      targets = new Map();
      this.#edges.set(from, targets);
    }
    const before = targets.get(to);
    if (before === undefined && ++this.#edgeCount > LOCK_LIMITS.edges)
      throw tooMany({ path: this.path }, 'dependencies between entries', LOCK_LIMITS.edges);
    targets.set(to, before === undefined ? scope : combined(before, scope));
    if (range === undefined) return;
    const asked = this.#asked.get(from) ?? new Map<string, string>();
    this.#asked.set(from, asked.set(to, range));
  }

  finding(rule: LockFinding['rule'], message: string, place: Place | undefined, ref?: string): void {
    const component = ref === undefined ? undefined : this.#components.get(ref)?.purl;
    this.findings.push({
      rule,
      message,
      place: place ?? { path: this.path },
      context: ref ?? message,
      ...(component === undefined ? {} : { component }),
    });
  }

  /** Something that was not understood; reading goes on, and the look is incomplete. */
  problem(message: string, place: Place | undefined, expected: string, found?: string): void {
    // A hostile file must not fill the report.
    if (this.problems.length >= 100) return;
    this.problems.push({
      code: 'SP-LOCK-ENTRY',
      message,
      expected,
      ...(found === undefined ? {} : { found: shown(found) }),
      place: place ?? { path: this.path },
      next: 'make the lockfile again with its own tool, and commit it',
    });
  }

  /** Everything that was added, with scope and directness from the graph where the file does not say them. */
  finish(): Locked {
    const reached = scopesFrom(this.#roots, this.#edges);
    const direct = new Set(this.#roots.flatMap((root) => [...(this.#edges.get(root)?.keys() ?? [])]));
    const graphTold = this.#roots.some((root) => this.#edges.has(root));
    const roots = new Set(this.#roots);
    const components = [...this.#components.values()];
    for (const component of components) {
      const said = this.#said.get(component.ref);
      if (roots.has(component.ref)) {
        component.scope = 'runtime';
        component.direct = direct.has(component.ref);
        continue;
      }
      component.scope = said?.scope ?? reached.get(component.ref) ?? 'unknown';
      component.direct = said?.direct ?? (graphTold ? direct.has(component.ref) : null);
    }
    const edges: Record<string, string[]> = {};
    for (const [from, targets] of this.#edges)
      put(edges, from, targets === NOTHING ? [] : [...targets.keys()]);
    this.#judgeDigests();
    return {
      components,
      edges,
      roots: this.#roots,
      problems: this.problems,
      findings: this.findings,
      ...(this.#asked.size === 0 ? {} : { asked: this.#asked }),
    };
  }

  #countDigest({ place, hashes }: Entry, ref: string): void {
    const path = place?.path ?? this.path;
    const digests = this.#digests.get(path) ?? { held: false, without: [] };
    this.#digests.set(path, digests);
    if ((hashes?.length ?? 0) > 0) digests.held = true;
    else digests.without.push({ ref, place });
  }

  /** A file that was made without digests is one thing to mend, as long as it may be; else it is each entry that lacks its own. */
  #judgeDigests(): void {
    for (const [path, { held, without }] of this.#digests) {
      const [first] = without;
      if (held || first === undefined || without.length === 1) {
        for (const { ref, place } of without)
          this.finding('lock-entry-without-integrity', `${ref} is locked without a digest`, place, ref);
        continue;
      }
      this.findings.push({
        rule: 'lockfile-without-integrity',
        message: `none of its ${grouped(without.length)} entries has a digest, from ${first.ref} on`,
        place: first.place ?? { path },
        context: 'no entry has a digest',
      });
    }
  }

  #add(entry: Entry, suffix: string, type: Component['type']): string | null {
    let purl: string;
    try {
      purl = formatPurl(entry.purl);
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      const { type: kind, namespace, name, version } = entry.purl;
      const text = [kind, namespace, name, version].filter((part) => part !== undefined).join(' ');
      this.problem(
        'an entry has a name or version that no package can have',
        entry.place,
        'a package of a registry',
        text,
      );
      return null;
    }
    const ref = `${purl}${suffix}`;
    const before = this.#components.get(ref);
    if (before !== undefined) {
      addTo(before, entry);
    } else {
      if (this.#components.size >= LOCK_LIMITS.entries)
        throw tooMany(entry.place ?? { path: this.path }, 'entries', LOCK_LIMITS.entries);
      this.#components.set(ref, this.#made(entry, ref, purl, type));
    }
    const said = this.#said.get(ref);
    if (entry.scope !== undefined || entry.direct !== undefined) {
      const scope =
        said?.scope !== undefined && entry.scope !== undefined
          ? combined(said.scope, entry.scope)
          : (entry.scope ?? said?.scope);
      const direct = entry.direct === true || said?.direct === true ? true : (entry.direct ?? said?.direct);
      this.#said.set(ref, { scope, direct });
    }
    return ref;
  }

  #made(entry: Entry, ref: string, purl: string, type: Component['type']): Component {
    const { purl: parts, place, source, unresolved, installScripts, deprecated, released } = entry;
    const component: Component = {
      ref,
      type,
      name: parts.name,
      purl,
      licenses: entry.licenses ?? [],
      hashes: entry.hashes ?? [],
      scope: 'unknown',
      direct: null,
      places: place === undefined ? [] : [place],
      origin: this.origin,
    };
    // One by one: there may be a hundred thousand, and joining objects takes its time.
    if (parts.namespace !== undefined && parts.namespace !== '') component.group = parts.namespace;
    if (parts.version !== undefined && parts.version !== '') component.version = parts.version;
    if (unresolved !== undefined) component.unresolved = unresolved;
    if (installScripts !== undefined) component.installScripts = installScripts;
    if (deprecated !== undefined) component.deprecated = deprecated;
    if (released !== undefined) component.released = released;
    if (source !== undefined)
      component.rest = {
        externalReferences: [{ type: isSourceCode(source) ? 'vcs' : 'distribution', url: source }],
      };
    return component;
  }
}

function isSourceCode(address: string): boolean {
  return address.startsWith('git') || address.startsWith('hg+') || address.startsWith('svn+');
}
