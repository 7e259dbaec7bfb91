import { checkov } from './checkov.ts';
import { codeql } from './codeql.ts';
import { generic } from './generic.ts';
import { betterleaks, gitleaks } from './gitleaks.ts';
import { grype } from './grype.ts';
import { hadolint } from './hadolint.ts';
import { opengrep } from './opengrep.ts';
import { osvScanner } from './osv-scanner.ts';
import { semgrep } from './semgrep.ts';
import { snyk } from './snyk.ts';
import type { SarifTool } from './tool.ts';
import { trivy } from './trivy.ts';
import { zizmor } from './zizmor.ts';

/** One line a tool. */
export const sarifTools: readonly SarifTool[] = [
  semgrep,
  opengrep,
  codeql,
  gitleaks,
  betterleaks,
  trivy,
  checkov,
  zizmor,
  hadolint,
  osvScanner,
  grype,
  snyk,
];

const byDriver = new Map(sarifTools.flatMap((tool) => tool.drivers.map((name) => [name, tool] as const)));

/** The tool with this `tool.driver.name`; the standard's own rules for one that is not listed. */
export function sarifTool(driverName: string): SarifTool {
  return byDriver.get(driverName.trim().toLowerCase()) ?? generic;
}
