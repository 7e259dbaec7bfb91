import type { SarifTool } from './tool.ts';

/**
 * The level is always `warning`, which says nothing; `security-severity` is there where the advisory has a score. A
 * known vulnerability of unknown severity counts as high until somebody has looked.
 */
export const osvScanner: SarifTool = {
  name: 'osv-scanner',
  publisher: 'Google',
  drivers: ['osv-scanner'],
  severity: () => 'high',
  fallback: 'high',
};
