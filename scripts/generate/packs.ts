import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { GeneratedFile } from './index.ts';

const CONTROLS = 'controls.yml';
const controlMap = z.record(
  z.string(),
  z.strictObject({ title: z.string(), controls: z.record(z.string(), z.string()) }),
);

/** The packs as text inside the program: what is shipped is what was reviewed, and its digest is known. */
export function generatePacks(root: string): GeneratedFile[] {
  const folder = join(root, 'action-policies');
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yml') && name !== CONTROLS)
    .sort();
  const packs = Object.fromEntries(
    names.map((name) => [name.replace(/\.yml$/u, ''), readFileSync(join(folder, name), 'utf8')]),
  );
  const controls = controlMap.parse(parse(readFileSync(join(folder, CONTROLS), 'utf8')));
  return [
    {
      path: 'src/policy/packs.generated.ts',
      content: `// Written by \`npm run generate\` from action-policies/. Do not edit.

/** Name of a pack to its text. */
export const packs: Readonly<Record<string, string>> = ${JSON.stringify(packs, null, 2)};

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
