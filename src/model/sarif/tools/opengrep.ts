import { semgrep } from './semgrep.ts';
import type { SarifTool } from './tool.ts';

/** Writes as semgrep does, whose fork it is. */
export const opengrep: SarifTool = {
  ...semgrep,
  name: 'opengrep',
  publisher: 'Opengrep',
  drivers: ['opengrep', 'opengrep oss'],
};
