import type { SarifTool } from './tool.ts';

/** Says nothing about severity. A secret in a repository counts as known to others. */
export const gitleaks: SarifTool = {
  name: 'gitleaks',
  publisher: 'Gitleaks',
  drivers: ['gitleaks'],
  fallback: 'high',
};

/** The maintained successor: the same form. */
export const betterleaks: SarifTool = {
  name: 'betterleaks',
  publisher: 'Betterleaks',
  drivers: ['betterleaks'],
  fallback: 'high',
};
