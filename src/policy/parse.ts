import { readYaml } from '../model/yaml.ts';
import { type Layer, MAX_POLICY_BYTES } from './layer.ts';
import { policyFile } from './schema.ts';

/** Throws SP-POLICY-SYNTAX or SP-POLICY-INVALID with file, line, column and what was expected. */
export function parseLayer(name: string, uri: string, text: string): Layer {
  const { value, sha256, place } = readYaml(uri, text, {
    what: 'the policy file',
    schema: policyFile,
    codes: { syntax: 'SP-POLICY-SYNTAX', invalid: 'SP-POLICY-INVALID' },
    reference: 'docs/reference/policy.md',
    limits: { bytes: MAX_POLICY_BYTES, depth: 32, aliases: 100 },
  });
  return { name, uri, sha256, file: value, builtIn: false, place };
}
