import { stringsOf } from '../../json/values.ts';
import { property, type SarifTool, severityOfWord } from './tool.ts';

/**
 * `security-severity` is the CVSS score, or 9.5, 8.0, 5.5, 2.0 for its own severities and 0.0 for UNKNOWN. Its own
 * severity also stands in the rule's tags (and in messages, beside text that comes from the scanned files: not read).
 * UNKNOWN has the level `note`, which would hide it.
 */
export const trivy: SarifTool = {
  name: 'trivy',
  publisher: 'Aqua Security',
  drivers: ['trivy'],
  severity: (result, rule) => {
    const tags = stringsOf(property('tags', result, rule));
    if (tags.includes('UNKNOWN')) return 'medium';
    return severityOfWord(tags.find((tag) => tag === tag.toUpperCase() && severityOfWord(tag) !== undefined));
  },
  fallback: 'medium',
};
