import { folderName, type LockSource, within } from '../format.ts';
import { type Pom, type PomDependency, parsePom, pomText } from './pom-xml.ts';

const MAX_PARENTS = 30;
const MAX_BOMS = 100;
const MAX_ROUNDS = 20;
const MAX_LENGTH = 1_000;

/** Every pom.xml of the tree; those that cannot be read are left to their own turn. */
export interface Poms {
  byPath: Map<string, Pom>;
  /** `group:artifact:version` and `group:artifact`, properties put in. */
  byName: Map<string, Pom>;
}

/** Reads all pom.xml files of the tree, once. */
export async function pomsOf(source: LockSource): Promise<Poms> {
  const known = source.shared.get('maven') as Promise<Poms> | undefined;
  if (known !== undefined) return await known;
  const reading = readAll(source);
  source.shared.set('maven', reading);
  return await reading;
}

async function readAll(source: LockSource): Promise<Poms> {
  const poms: Poms = { byPath: new Map(), byName: new Map() };
  for (const path of source.paths()) {
    if (path !== 'pom.xml' && !path.endsWith('/pom.xml')) continue;
    try {
      poms.byPath.set(path, parsePom(pomText(await source.read(path), path), path));
    } catch {
      // The file is read again for itself, and its error is reported there.
    }
  }
  for (const pom of poms.byPath.values()) {
    const { groupId, version } = new Effective(pom, poms).identity();
    if (!poms.byName.has(`${groupId}:${pom.artifactId}`))
      poms.byName.set(`${groupId}:${pom.artifactId}`, pom);
    poms.byName.set(`${groupId}:${pom.artifactId}:${version}`, pom);
  }
  return poms;
}

/** A pom with what it inherits from parents and BOMs of the tree. */
export class Effective {
  readonly #chain: Pom[] = [];
  readonly #poms: Poms;
  readonly #importedBy: readonly Pom[];
  readonly #properties = new Map<string, string>();
  /** The first parent that is not in the tree, `group:artifact:version`. */
  readonly missingParent: string | undefined;
  #managed: Map<string, PomDependency> | undefined;
  /** BOMs that are imported and not in the tree. */
  readonly missingBoms: string[] = [];

  /** `importedBy`: the poms on the way here, since BOMs can import each other in a circle. */
  constructor(pom: Pom, poms: Poms, importedBy: readonly Pom[] = []) {
    this.#poms = poms;
    this.#importedBy = importedBy;
    let missing: string | undefined;
    for (let at: Pom | undefined = pom; at !== undefined && this.#chain.length < MAX_PARENTS; ) {
      if (this.#chain.includes(at)) break;
      this.#chain.push(at);
      const above: Pom | undefined = parentOf(at, poms);
      if (above === undefined && at.parent !== undefined) {
        const { groupId, artifactId, version } = at.parent;
        missing = `${groupId}:${artifactId}:${version}`;
      }
      at = above;
    }
    this.missingParent = missing;
    for (const one of this.#chain.toReversed())
      for (const [name, value] of one.properties) this.#properties.set(name, value);
    const { groupId, version } = this.identity();
    const parent = pom.parent;
    for (const prefix of ['project.', 'pom.', '']) {
      this.#setDefault(`${prefix}groupId`, groupId);
      this.#setDefault(`${prefix}version`, version);
      this.#setDefault(`${prefix}artifactId`, pom.artifactId);
      if (parent === undefined) continue;
      this.#setDefault(`${prefix}parent.version`, parent.version);
      this.#setDefault(`${prefix}parent.groupId`, parent.groupId);
    }
  }

  /** What the project itself is called; parts that are not told are empty. */
  identity(): { groupId: string; version: string } {
    const told = (pick: (pom: Pom) => string | undefined): string => {
      for (const pom of this.#chain) {
        const found = pick(pom);
        if (found !== undefined) return this.put(found);
      }
      return '';
    };
    return {
      groupId: told((pom) => pom.groupId ?? pom.parent?.groupId),
      version: told((pom) => pom.version ?? pom.parent?.version),
    };
  }

  /** Puts properties in; what is not known stays as `${name}`. */
  put(text: string): string {
    let now = text;
    for (let round = 0; round < MAX_ROUNDS && now.includes('${') && now.length <= MAX_LENGTH; round++) {
      const next = now.replace(
        /\$\{([^{}]*)\}/gu,
        (whole, name: string) => this.#properties.get(name) ?? whole,
      );
      if (next === now) break;
      now = next;
    }
    return now.slice(0, MAX_LENGTH);
  }

  /** All dependencies, own and inherited, as written. */
  dependencies(): { dependency: PomDependency; pom: Pom }[] {
    const found = new Map<string, { dependency: PomDependency; pom: Pom }>();
    for (const pom of this.#chain) {
      for (const dependency of pom.dependencies) {
        const key = this.key(dependency);
        if (!found.has(key)) found.set(key, { dependency, pom });
      }
    }
    return [...found.values()];
  }

  /** What dependencyManagement says of a dependency: of the project, its parents, then of imported BOMs. */
  managed(dependency: PomDependency): PomDependency | undefined {
    this.#managed ??= this.#allManaged();
    return this.#managed.get(this.key(dependency));
  }

  key(dependency: PomDependency): string {
    const { groupId, artifactId, type, classifier } = dependency;
    return [groupId, artifactId, type ?? 'jar', classifier ?? ''].map((part) => this.put(part)).join(':');
  }

  #allManaged(): Map<string, PomDependency> {
    const found = new Map<string, PomDependency>();
    const boms: PomDependency[] = [];
    for (const pom of this.#chain) {
      for (const one of pom.managed) {
        if (one.scope === 'import') boms.push(one);
        else if (!found.has(this.key(one)))
          found.set(this.key(one), {
            ...one,
            version: one.version === undefined ? undefined : this.put(one.version),
          });
      }
    }
    for (const bom of boms.slice(0, MAX_BOMS)) {
      const name = [bom.groupId, bom.artifactId, bom.version ?? ''].map((part) => this.put(part)).join(':');
      const pom = this.#poms.byName.get(name);
      if (pom === undefined || this.#chain.includes(pom) || this.#importedBy.includes(pom)) {
        if (pom === undefined) this.missingBoms.push(name);
        continue;
      }
      const imported = new Effective(pom, this.#poms, [...this.#importedBy, ...this.#chain]);
      for (const [key, one] of imported.#allManaged()) if (!found.has(key)) found.set(key, one);
      this.missingBoms.push(...imported.missingBoms);
    }
    return found;
  }

  #setDefault(name: string, value: string): void {
    if (value !== '' && !this.#properties.has(name)) this.#properties.set(name, value);
  }
}

/** Maven's way: the relative path if it holds the right project, else by name. */
function parentOf(pom: Pom, poms: Poms): Pom | undefined {
  if (pom.parent === undefined) return undefined;
  const { groupId, artifactId, version, relativePath } = pom.parent;
  if (relativePath !== '') {
    const at = within(folderName(pom.path), relativePath ?? '../pom.xml');
    const found = at === null ? undefined : (poms.byPath.get(at) ?? poms.byPath.get(`${at}/pom.xml`));
    if (found?.artifactId === artifactId && found !== pom) return found;
  }
  return poms.byName.get(`${groupId}:${artifactId}:${version}`);
}
