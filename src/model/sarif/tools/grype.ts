import { type SarifTool, severityLine } from './tool.ts';

/** Its severity stands in the rule's help text; levels are `error` from High on. */
export const grype: SarifTool = {
  name: 'grype',
  publisher: 'Anchore',
  drivers: ['grype', 'anchore container vulnerability report (t0)'],
  severity: (_, rule) => severityLine(rule?.help),
  fallback: 'medium',
};
