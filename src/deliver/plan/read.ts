import { readYaml, type YamlFile } from '../../model/yaml.ts';
import { type CanaryPlan, canaryFile } from './schema.ts';

export const MAX_PLAN_BYTES = 256 * 1024;

/** `sha256` of the file's text: a state that was begun under another plan is not taken up. */
export interface LoadedPlan extends Omit<YamlFile<CanaryPlan>, 'value'> {
  plan: CanaryPlan;
}

/** Throws SP-CANARY-SYNTAX or SP-CANARY-PLAN with file, line and column. Nothing is touched before this has passed. */
export function readPlan(uri: string, text: string): LoadedPlan {
  const { value, ...file } = readYaml(uri, text, {
    what: 'the plan',
    schema: canaryFile,
    codes: { syntax: 'SP-CANARY-SYNTAX', invalid: 'SP-CANARY-PLAN' },
    reference: 'docs/reference/canary.md',
    limits: { bytes: MAX_PLAN_BYTES, depth: 16, aliases: 0 },
  });
  return { ...file, plan: value };
}
