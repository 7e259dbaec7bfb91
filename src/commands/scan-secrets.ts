import { SallyportError } from '../model/error.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';

interface Asked {
  stage: Stage;
  path: string;
  base?: string | undefined;
  staged: boolean;
}

/** What was asked of the stage `secrets` alone, as options of its engine. Null: nothing is staged. Throws SP-USAGE. */
export async function secretsOptions(
  { stage, path, base, staged }: Asked,
  context: Context,
): Promise<Record<string, unknown> | null> {
  if (!staged) return {};
  if (stage !== 'secrets') throw wrong('--staged is for secrets', stage);
  if (base !== undefined) throw wrong('--staged looks at the next commit alone: it has no --base', base);
  const { stagedOptions } = await import('../gate/staged.ts');
  return await stagedOptions(path, context);
}

function wrong(message: string, found: string): SallyportError {
  return new SallyportError({ code: 'SP-USAGE', message, found, next: 'sallyport help scan' });
}
