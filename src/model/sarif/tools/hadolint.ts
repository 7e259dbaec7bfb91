import type { SarifTool } from './tool.ts';

/** Levels error, warning, and note for info and style. No rules are listed. */
export const hadolint: SarifTool = {
  name: 'hadolint',
  publisher: 'Hadolint',
  drivers: ['hadolint'],
  fallback: 'medium',
};
