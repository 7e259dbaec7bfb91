import type { SarifTool } from './tool.ts';

/** Without its platform it knows no severities and writes `error` for every failed check. */
export const checkov: SarifTool = {
  name: 'checkov',
  publisher: 'Palo Alto Networks',
  drivers: ['checkov', 'prisma cloud', 'bridgecrew'],
  fallback: 'medium',
};
