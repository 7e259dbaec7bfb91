import { SallyportError } from '../model/error.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';

interface Asked {
  stage: Stage;
  path: string;
  base?: string | undefined;
  staged: boolean;
  verify: boolean;
  offline: boolean;
}

/**
 * What was asked of the stage `secrets` alone, as options of its engine. Null: nothing is staged. Throws SP-USAGE,
 * SP-SECRETS-FORK.
 */
export async function secretsOptions(
  { stage, path, base, staged, verify, offline }: Asked,
  context: Context,
): Promise<Record<string, unknown> | null> {
  const verifying = verify ? { verify } : {};
  if (verify) {
    if (stage !== 'secrets') throw wrong('--verify is for secrets', stage);
    if (offline) throw wrong('--verify asks vendors over the network, and --offline forbids it', '--offline');
    const { refuseForks } = await import('../gate/fork.ts');
    await refuseForks(context);
  }
  if (!staged) return verifying;
  if (stage !== 'secrets') throw wrong('--staged is for secrets', stage);
  if (base !== undefined) throw wrong('--staged looks at the next commit alone: it has no --base', base);
  const { stagedOptions } = await import('../gate/staged.ts');
  const options = await stagedOptions(path, context);
  return options === null ? null : { ...options, ...verifying };
}

function wrong(message: string, found: string): SallyportError {
  return new SallyportError({ code: 'SP-USAGE', message, found, next: 'sallyport help scan' });
}
