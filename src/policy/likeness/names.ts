import type { CompiledPolicy } from '../compile.ts';
import { Likeness } from './likeness.ts';

/** By purl type. A new kind is a file that scripts/popular-names.ts writes and a line here. */
const lists: Readonly<Record<string, () => Promise<{ names: string }>>> = {
  gem: async () => await import('./names/gem.generated.ts'),
  golang: async () => await import('./names/golang.generated.ts'),
  npm: async () => await import('./names/npm.generated.ts'),
  pypi: async () => await import('./names/pypi.generated.ts'),
};

let loading: Promise<Likeness> | undefined;

/** What the policy's conditions need to know about names; null where none of them asks. */
export async function likenessFor({ asksForLikeness }: CompiledPolicy): Promise<Likeness | null> {
  if (!asksForLikeness) return null;
  loading ??= load();
  return await loading;
}

async function load(): Promise<Likeness> {
  const loaded = Object.entries(lists).map(
    async ([type, list]) => [type, (await list()).names.split(' ')] as const,
  );
  return new Likeness(new Map(await Promise.all(loaded)));
}
