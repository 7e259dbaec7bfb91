import type { Scope } from '../../../model/component.ts';
import { type Json, objectsOf } from '../../../model/json/values.ts';
import { LockBuilder } from '../builder.ts';
import type { Locked, LockFormat, LockSource } from '../format.ts';
import { malformed } from '../limits.ts';
import { readJsonObject } from '../read-json.ts';
import { own, ownText } from '../values.ts';
import { pomsOf } from './effective.ts';
import { mavenPurl, moduleRef } from './pom.ts';

/** What `mvn dependency:tree -DoutputType=json -DoutputFile=dependency-tree.json` writes. */
export const dependencyTree: LockFormat = {
  name: 'dependency-tree.json',
  summary: 'Maven: output of `mvn dependency:tree -DoutputType=json` in dependency-tree.json',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const document = readJsonObject(bytes, path);
  const builder = new LockBuilder(path, 'dependency-tree.json');
  const named = partsOf(document);
  if (named === null)
    throw malformed({ path, line: 1 }, 'this is no dependency tree', 'groupId, artifactId and version');
  const root = builder.root(named.artifactId, {
    purl: purlOf({ ...named, type: undefined }),
    place: { path, line: 1 },
  });
  const poms = await pomsOf(source);
  const waiting: { node: Json; ref: string | null }[] = [{ node: document, ref: root }];
  for (const { node, ref } of waiting) {
    builder.needs(ref);
    for (const child of objectsOf(own(node, 'children'))) {
      const parts = partsOf(child);
      if (parts === null) {
        builder.problem('an entry has no name', { path }, 'groupId, artifactId and version');
        continue;
      }
      const module = moduleRef(poms, parts.groupId, parts.artifactId, parts.version);
      const target =
        module ?? builder.component({ purl: purlOf(parts), place: { path }, scope: scopeOf(child) });
      builder.needs(ref, target, scopeOf(child));
      waiting.push({ node: child, ref: target });
    }
  }
  return builder.finish();
}

type Parts = {
  groupId: string;
  artifactId: string;
  version: string;
  type: string | undefined;
  classifier: string | undefined;
};

function partsOf(node: Json): Parts | null {
  const [groupId, artifactId, version] = [
    ownText(node, 'groupId'),
    ownText(node, 'artifactId'),
    ownText(node, 'version'),
  ];
  if (groupId === undefined || artifactId === undefined || version === undefined) return null;
  return {
    groupId,
    artifactId,
    version,
    type: ownText(node, 'type'),
    classifier: ownText(node, 'classifier'),
  };
}

function purlOf({ groupId, artifactId, version, type, classifier }: Parts): ReturnType<typeof mavenPurl> {
  return mavenPurl(groupId, artifactId, version, type, classifier);
}

function scopeOf(node: Json): Scope {
  const scope = ownText(node, 'scope');
  if (scope === 'test') return 'test';
  if (scope === 'provided') return 'development';
  return own(node, 'optional') === 'true' || own(node, 'optional') === true ? 'optional' : 'runtime';
}
