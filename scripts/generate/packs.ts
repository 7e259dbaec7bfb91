import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KeyPath } from '../../src/model/yaml.ts';
import { type Pack, pathKey } from '../../src/policy/layer.ts';
import { parseLayer } from '../../src/policy/parse.ts';
import type { GeneratedFile } from './index.ts';

const CONTROLS = 'controls.yml';
const controlMap = z.record(
  z.string(),
  z.strictObject({ title: z.string(), controls: z.record(z.string(), z.string()) }),
);

/** The packs as they were read and checked here, inside the program: a run without a policy file reads no YAML. */
export function generatePacks(root: string): GeneratedFile[] {
  const folder = join(root, 'action-policies');
  const packs = Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.yml') && name !== CONTROLS)
      .sort()
      .map((name) => [name.replace(/\.yml$/u, ''), packOf(name, readFileSync(join(folder, name), 'utf8'))]),
  );
  const controls = controlMap.parse(parse(readFileSync(join(folder, CONTROLS), 'utf8')));
  return [
    {
      path: 'src/policy/packs.generated.ts',
      content: `// Written by \`npm run generate\` from action-policies/. Do not edit.

import type { Pack } from './layer.ts';

/** Name of a pack to what it says. */
export const packs: Readonly<Record<string, Pack>> = ${JSON.stringify(packs, null, 2)};

export interface Standard {
  title: string;
  /** Control id to what it asks for. */
  controls: Readonly<Record<string, string>>;
}

/** Standard to its controls, as rules name them: \`STANDARD:CONTROL\`. */
export const standards: Readonly<Record<string, Standard>> = ${JSON.stringify(controls, null, 2)};
`,
    },
  ];
}

/** Throws SP-POLICY-SYNTAX, SP-POLICY-INVALID, and for a value that JSON does not keep. */
function packOf(name: string, text: string): Pack {
  const { sha256, file, place } = parseLayer(name, name, text);
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(file)), file))
    throw new Error(`${name} has a value that JSON does not keep`);
  const places = Object.fromEntries(
    pathsIn(file).map((path) => {
      const { line, column } = place(path);
      return [pathKey(path), [line ?? 1, column ?? 1] as const];
    }),
  );
  return { sha256, file, places };
}

function pathsIn(value: unknown, path: KeyPath = []): KeyPath[] {
  if (value === null || typeof value !== 'object') return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...path, key], ...pathsIn(inner, [...path, key])]);
}
