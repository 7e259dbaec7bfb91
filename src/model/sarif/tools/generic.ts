import { SEVERITY } from '../schema.ts';
import { property, type SarifTool, severityOfWord } from './tool.ts';

/** Any other tool: SARIF's own notions, and our property for the exact severity. */
export const generic: SarifTool = {
  name: '',
  publisher: 'unknown',
  drivers: [],
  severity: (result, rule) => severityOfWord(property(SEVERITY, result, rule)),
  // SARIF 2.1.0, section 3.27.10: a level that nothing states is `warning`.
  fallback: 'medium',
};
