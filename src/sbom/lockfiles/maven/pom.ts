import type { Scope } from '../../../model/component.ts';
import type { Purl } from '../../../versions/purl.ts';
import { LockBuilder, rootRef } from '../builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from '../format.ts';
import { Effective, type Poms, pomsOf } from './effective.ts';
import { type PomDependency, parsePom, pomText } from './pom-xml.ts';

/**
 * pom.xml with parents, properties, dependencyManagement and BOMs as far as they lie in the tree. What an artefact of
 * a repository needs itself is not told here: dependency-tree.json or a bill of materials of the build tells it.
 */
export const pomFormat: LockFormat = {
  name: 'pom.xml',
  summary: 'Maven: pom.xml with parents and BOMs of the tree',
  read,
};

const SCOPES: Readonly<Record<string, Scope>> = { test: 'test', provided: 'development', system: 'runtime' };

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const builder = new LockBuilder(path, 'pom.xml');
  const pom = parsePom(pomText(source.bytes, path), path);
  const poms = await pomsOf(source);
  const effective = new Effective(pom, poms);
  const root = builder.root(pom.artifactId, {
    purl: projectPurl(effective, pom.artifactId),
    place: { path, line: 1 },
    licenses: pom.licenses,
  });
  builder.needs(root);
  for (const { dependency, pom: from } of effective.dependencies()) {
    const target = add(builder, dependency, { path: from.path, line: dependency.line }, effective, poms);
    const managed = effective.managed(dependency);
    const stated = effective.put(dependency.scope ?? managed?.scope ?? 'compile');
    const scope: Scope = Object.hasOwn(SCOPES, stated) ? (SCOPES[stated] ?? 'runtime') : 'runtime';
    const optional = dependency.optional || dependency.profile;
    builder.needs(root, target, optional && scope === 'runtime' ? 'optional' : scope);
  }
  return builder.finish();
}

export function mavenPurl(
  groupId: string,
  artifactId: string,
  version?: string,
  type?: string,
  classifier?: string,
): Purl {
  return {
    type: 'maven',
    namespace: groupId,
    name: artifactId,
    version,
    qualifiers: {
      ...(classifier === undefined || classifier === '' ? {} : { classifier }),
      ...(type === undefined || type === '' || type === 'jar' ? {} : { type }),
    },
  };
}

/** A project without a group cannot be named as a package of Maven. */
function projectPurl(effective: Effective, artifactId: string): Purl | undefined {
  const { groupId, version } = effective.identity();
  if (groupId === '' || groupId.includes('${')) return undefined;
  return mavenPurl(groupId, artifactId, version === '' || version.includes('${') ? undefined : version);
}

/** The ref of a project that lies in the tree itself; undefined for all others. */
export function moduleRef(
  poms: Poms,
  groupId: string,
  artifactId: string,
  version: string,
): string | undefined {
  const pom = poms.byName.get(`${groupId}:${artifactId}:${version}`);
  const purl = pom === undefined ? undefined : projectPurl(new Effective(pom, poms), artifactId);
  return pom === undefined || purl === undefined ? undefined : rootRef(purl, folderName(pom.path));
}

function add(
  builder: LockBuilder,
  dependency: PomDependency,
  place: { path: string; line: number },
  effective: Effective,
  poms: Poms,
): string | null {
  const [groupId, artifactId] = [effective.put(dependency.groupId), effective.put(dependency.artifactId)];
  const stated = dependency.version ?? effective.managed(dependency)?.version;
  const version = stated === undefined ? undefined : effective.put(stated);
  const local = moduleRef(poms, groupId, artifactId, version ?? '');
  if (local !== undefined) return local;
  const reason = whyUnresolved(version, effective);
  return builder.component({
    purl: mavenPurl(
      groupId,
      artifactId,
      reason === undefined ? version : undefined,
      dependency.type === undefined ? undefined : effective.put(dependency.type),
      dependency.classifier === undefined ? undefined : effective.put(dependency.classifier),
    ),
    place,
    ...(reason === undefined ? {} : { unresolved: reason }),
  });
}

/** Why no single version is told; undefined where one is. */
function whyUnresolved(version: string | undefined, effective: Effective): string | undefined {
  if (version === undefined) {
    const missing = [
      ...(effective.missingParent === undefined ? [] : [effective.missingParent]),
      ...effective.missingBoms.slice(0, 5),
    ];
    return missing.length === 0
      ? 'no version is declared'
      : `its version is managed by ${missing.join(', ')}, which is not in the tree`;
  }
  if (version.includes('${')) return `its version is ${version}, and the property is not in the tree`;
  if (/^[[(]/u.test(version)) return `its version is the range ${version}`;
  return version === 'LATEST' || version === 'RELEASE' ? `its version is ${version}` : undefined;
}
