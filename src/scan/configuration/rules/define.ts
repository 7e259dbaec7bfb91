import type { Rule } from '../../../model/finding.ts';
import type { Severity } from '../../../model/severity.ts';

const HADOLINT = 'https://github.com/hadolint/hadolint/wiki/';

/** What every rule of this engine states. */
interface RuleText {
  id: string;
  name: string;
  summary: string;
  why: string;
  help: string;
  severity: Severity;
  /** Without the ones that every rule carries. CWE ids as `CWE-250`, benchmark items as `CIS-Docker-4.1`. */
  tags: string[];
  helpUri?: string;
}

/** The rule as the report states it. A rule with a hadolint code points to hadolint's own page on it. */
export function define(text: RuleText): Rule {
  const hadolint = /^DL[0-9]{4}$/u.test(text.id);
  const { helpUri = hadolint ? HADOLINT + text.id : undefined, tags, ...rest } = text;
  return {
    ...rest,
    ...(helpUri === undefined ? {} : { helpUri }),
    tags: ['configuration', ...(hadolint ? ['hadolint'] : []), ...tags],
  };
}
