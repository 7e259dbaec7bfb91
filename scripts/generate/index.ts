import { generateActions } from './actions.ts';
import { generatePacks } from './packs.ts';
import { generateQuick } from './quick.ts';
import { generateReference } from './reference.ts';
import { generateSchemas } from './schemas.ts';
import { generateSecretStarts } from './secrets.ts';
import { generateVersion } from './version.ts';

export interface GeneratedFile {
  /** Relative to the root of the project. */
  path: string;
  content: string;
}

/** Every generated file; a generator is one file and one line here. */
export async function generated(root: string): Promise<GeneratedFile[]> {
  return [
    ...generateVersion(root),
    ...generatePacks(root),
    ...generateSchemas(),
    ...(await generateQuick()),
    ...generateSecretStarts(),
    ...(await generateActions()),
    ...(await generateReference(root)),
  ];
}
