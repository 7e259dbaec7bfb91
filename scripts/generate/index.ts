import { generatePacks } from './packs.ts';

export interface GeneratedFile {
  /** Relative to the root of the project. */
  path: string;
  content: string;
}

/** Every generated file; a generator is one file and one line here. Packs first: the program itself is made of them. */
export async function generated(root: string): Promise<GeneratedFile[]> {
  return [...generatePacks(root)];
}
