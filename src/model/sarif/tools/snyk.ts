import { isObject, objectsOf } from '../../json/values.ts';
import type { SarifTool } from './tool.ts';

/** Levels stand for high (and critical), medium, low. Snyk Code lists the files that it looked at. */
export const snyk: SarifTool = {
  name: 'snyk',
  publisher: 'Snyk',
  drivers: ['snykcode', 'snyk code', 'snyk open source', 'snyk container', 'snyk iac'],
  fallback: 'medium',
  files: (run) => {
    const properties = run.properties;
    if (!isObject(properties) || !Array.isArray(properties.coverage)) return undefined;
    return objectsOf(properties.coverage)
      .filter((entry) => entry.isSupported === true)
      .map((entry) => (typeof entry.files === 'number' && entry.files > 0 ? entry.files : 0))
      .reduce((sum, files) => sum + files, 0);
  },
};
