import type { Scope } from '../../model/component.ts';
import { isObject, stringsOf } from '../../model/json/values.ts';
import type { LockBuilder } from './builder.ts';
import type { LockSource } from './format.ts';
import { normalized, parseRequirement, pypiPurl, scopeOfGroup } from './python-names.ts';
import { readToml } from './read-toml.ts';
import { textOf } from './text.ts';
import { objectEntries, own, ownObject, ownText } from './values.ts';

/** What a pyproject.toml says of its service. */
export interface PyProject {
  path: string;
  name?: string | undefined;
  version?: string | undefined;
  licenses: string[];
  /** Normalized names. */
  needs: { name: string; scope: Scope }[];
}

/** The pyproject.toml in a folder (PEP 621, PEP 735, Poetry's and PDM's own tables); null where there is none. */
export async function pyprojectIn(source: LockSource, folder: string): Promise<PyProject | null> {
  const path = folder === '' ? 'pyproject.toml' : `${folder}/pyproject.toml`;
  if (!source.exists(path)) return null;
  const document = readToml(textOf(await source.read(path), path), path);
  const project = ownObject(document, 'project');
  const tool = ownObject(document, 'tool');
  const poetry = ownObject(tool, 'poetry');
  const needs: PyProject['needs'] = [];
  const add = (texts: unknown, scope: Scope): void => {
    for (const text of stringsOf(texts)) {
      const requirement = parseRequirement(text.trim());
      if (requirement !== null) needs.push({ name: normalized(requirement.name), scope });
    }
  };
  add(own(project, 'dependencies'), 'runtime');
  for (const texts of Object.values(ownObject(project, 'optional-dependencies'))) add(texts, 'optional');
  for (const groups of [
    ownObject(document, 'dependency-groups'),
    ownObject(ownObject(tool, 'pdm'), 'dev-dependencies'),
  ])
    for (const [group, texts] of Object.entries(groups)) add(texts, scopeOfGroup(group));
  const addTable = (table: unknown, scope: Scope): void => {
    if (!isObject(table)) return;
    for (const [name, stated] of Object.entries(table)) {
      if (name === 'python') continue;
      needs.push({ name: normalized(name), scope: own(stated, 'optional') === true ? 'optional' : scope });
    }
  };
  addTable(own(poetry, 'dependencies'), 'runtime');
  addTable(own(poetry, 'dev-dependencies'), 'development');
  for (const [group, table] of objectEntries(own(poetry, 'group')))
    addTable(own(table, 'dependencies'), scopeOfGroup(group));
  const licence =
    ownText(project, 'license') ??
    ownText(ownObject(project, 'license'), 'text') ??
    ownText(poetry, 'license');
  return {
    path,
    name: ownText(project, 'name') ?? ownText(poetry, 'name'),
    version: ownText(project, 'version') ?? ownText(poetry, 'version'),
    licenses: licence === undefined || licence.length > 200 ? [] : [licence],
    needs,
  };
}

/** Adds the service of a pyproject.toml, or a nameless one where there is none. */
export function pythonRoot(builder: LockBuilder, project: PyProject | null): string {
  const place = { path: project?.path ?? builder.path, line: 1 };
  const purl = project?.name === undefined ? undefined : pypiPurl(project.name, project.version);
  return builder.root(project?.name, { purl, place, licenses: project?.licenses ?? [] });
}

/** Locked packages by normalized name: several where markers choose between versions. */
export class PythonIndex {
  readonly #byName = new Map<string, { ref: string; version: string | undefined }[]>();

  add(name: string, version: string | undefined, ref: string | null): void {
    if (ref === null) return;
    const key = normalized(name);
    const found = this.#byName.get(key);
    if (found === undefined) this.#byName.set(key, [{ ref, version }]);
    else if (!found.some((one) => one.ref === ref)) found.push({ ref, version });
  }

  /** All refs of that name; of the version alone, where it is told. */
  find(name: string, version?: string): string[] {
    const found = this.#byName.get(normalized(name)) ?? [];
    const exact = version === undefined ? [] : found.filter((one) => one.version === version);
    return (exact.length > 0 ? exact : found).map((one) => one.ref);
  }
}
