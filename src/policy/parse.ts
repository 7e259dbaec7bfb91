import type { Place } from '../model/location.ts';
import { type KeyPath, readYaml } from '../model/yaml.ts';
import { type PolicyFile, policyFile } from './schema.ts';

export const MAX_POLICY_BYTES = 1024 * 1024;

/** One policy file as it was read, able to say where each of its parts stands. */
export interface Layer {
  name: string;
  uri: string;
  sha256: string;
  file: PolicyFile;
  /** A pack that comes with this program: what it leaves unset is open. */
  builtIn: boolean;
  place(path: KeyPath): Place;
}

/** Throws SP-POLICY-SYNTAX or SP-POLICY-INVALID with file, line, column and what was expected. */
export function parseLayer(name: string, uri: string, text: string, builtIn = false): Layer {
  const { value, sha256, place } = readYaml(uri, text, {
    what: 'the policy file',
    schema: policyFile,
    codes: { syntax: 'SP-POLICY-SYNTAX', invalid: 'SP-POLICY-INVALID' },
    reference: 'docs/reference/policy.md',
    limits: { bytes: MAX_POLICY_BYTES, depth: 32, aliases: 100 },
  });
  return { name, uri, sha256, file: value, builtIn, place };
}
