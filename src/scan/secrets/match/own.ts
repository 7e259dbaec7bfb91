import { packStarts } from '../pack/starts.generated.ts';
import { ownPack } from '../rules/pack.ts';
import { type CompiledRules, compileRules } from './compile.ts';
import type { Starts } from './starts.ts';

/** Our own rules ready to run, without parsing their patterns. */
export function compileOwnPack(): CompiledRules {
  return compileRules(ownPack(), JSON.parse(packStarts) as Starts);
}
