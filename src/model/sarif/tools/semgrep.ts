import { readText } from '../message.ts';
import type { SarifTool } from './tool.ts';

/** Rule severities CRITICAL, HIGH and ERROR become `error`, MEDIUM and WARNING `warning`, LOW and INFO `note`. */
export const semgrep: SarifTool = {
  name: 'semgrep',
  publisher: 'Semgrep, Inc.',
  drivers: ['semgrep', 'semgrep oss', 'semgrep pro', 'semgrep ce'],
  fallback: 'medium',
  // `shortDescription` is only "Semgrep Finding: <id>".
  summary: (rule) => readText(rule.fullDescription),
};
