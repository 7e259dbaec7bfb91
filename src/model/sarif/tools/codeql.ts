import { property, type SarifTool } from './tool.ts';

/** Security queries have `security-severity`; the others `problem.severity`. */
export const codeql: SarifTool = {
  name: 'codeql',
  publisher: 'GitHub',
  drivers: ['codeql'],
  severity: (result, rule) => {
    switch (property('problem.severity', result, rule)) {
      case 'error':
        return 'high';
      case 'warning':
        return 'medium';
      case 'recommendation':
        return 'low';
      default:
        return undefined;
    }
  },
  fallback: 'medium',
};
