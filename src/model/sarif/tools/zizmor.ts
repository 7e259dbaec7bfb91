import { property, type SarifTool, severityOfWord } from './tool.ts';

/** The exact severity is a property; the level folds High and Medium, and Low and Informational. */
export const zizmor: SarifTool = {
  name: 'zizmor',
  publisher: 'zizmor',
  drivers: ['zizmor'],
  severity: (result, rule) => severityOfWord(property('zizmor/severity', result, rule)),
  fallback: 'medium',
};
