import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { LockBuilder } from './builder.ts';
import { fileName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { openYaml } from './read-yaml.ts';
import { textOf } from './text.ts';

/** Actions and reusable workflows that workflows use. A commit is the only name that cannot be moved. */
export const githubActions: LockFormat = {
  name: 'github-actions',
  summary: 'GitHub Actions: `uses` of workflows and of composite actions',
  read,
};

export interface Use {
  text: string;
  line: number;
}

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const builder = new LockBuilder(path, 'github-actions');
  const uses = usesIn(textOf(source.bytes, path), path);
  const root = builder.root(fileName(path), { place: { path, line: 1 } }, path);
  builder.needs(root);
  for (const { text, line } of uses) {
    const place = { path, line };
    if (text.startsWith('./') || text.startsWith('$/')) continue;
    const ref = text.startsWith('docker://')
      ? image(builder, text.slice(9), place)
      : action(builder, text, place);
    builder.needs(root, ref, 'development');
  }
  return builder.finish();
}

function action(builder: LockBuilder, text: string, place: { path: string; line: number }): string | null {
  const at = text.indexOf('@');
  const [owner = '', name = '', ...below] = (at === -1 ? text : text.slice(0, at)).split('/');
  const version = at === -1 ? undefined : text.slice(at + 1);
  if (owner === '' || name === '' || version === undefined || version === '' || text.includes('${{')) {
    builder.problem('this is no action that can be named', place, 'OWNER/REPOSITORY[/PATH]@REF', text);
    return null;
  }
  const ref = builder.component({
    purl: {
      type: 'githubactions',
      namespace: owner,
      name,
      version,
      ...(below.length === 0 ? {} : { subpath: below.join('/') }),
    },
    place,
    source: `git+https://github.com/${owner}/${name}@${version}`,
  });
  if (!/^[0-9a-f]{40}$/u.test(version))
    builder.finding('action-not-pinned', `${text} is not pinned to a commit`, place, ref ?? undefined);
  return ref;
}

function image(builder: LockBuilder, text: string, place: { path: string; line: number }): string | null {
  const [tagged = '', digest] = text.split('@', 2);
  const colon = tagged.lastIndexOf(':');
  const isTag = colon > tagged.lastIndexOf('/');
  const name = isTag ? tagged.slice(0, colon) : tagged;
  const slash = name.lastIndexOf('/');
  const ref = builder.component({
    purl: {
      type: 'docker',
      ...(slash === -1 ? {} : { namespace: name.slice(0, slash) }),
      name: name.slice(slash + 1),
      version: digest ?? (isTag ? tagged.slice(colon + 1) : undefined),
    },
    place,
  });
  if (digest === undefined)
    builder.finding(
      'action-not-pinned',
      `docker://${text} is not pinned to a digest`,
      place,
      ref ?? undefined,
    );
  return ref;
}

/** Every `uses` of a job or step; a line of a script that looks like one is not. Throws SP-LOCK-*. */
export function usesIn(text: string, path: string): Use[] {
  const { contents, counter } = openYaml(text, path, (document, lines) => ({
    contents: document.contents as unknown,
    counter: lines,
  }));
  const uses: Use[] = [];
  const take = (node: YAMLMap): void => {
    const value = node.get('uses', true) as Node | undefined;
    if (isScalar(value) && typeof value.value === 'string')
      uses.push({ text: value.value.trim(), line: counter.linePos(value.range?.[0] ?? 0).line });
  };
  const takeSteps = (node: unknown): void => {
    if (isSeq(node)) for (const step of node.items) if (isMap(step)) take(step);
  };
  if (!isMap(contents)) return uses;
  const jobs: unknown = contents.get('jobs', true);
  for (const pair of isMap(jobs) ? jobs.items : []) {
    if (!isMap(pair.value)) continue;
    take(pair.value);
    takeSteps(pair.value.get('steps', true));
  }
  const runs: unknown = contents.get('runs', true);
  if (isMap(runs)) takeSteps(runs.get('steps', true));
  return uses;
}
