import type { Command } from './command.ts';

/** Every command, by the words that call it. Loaded when it is called: what is not used is not paid for. */
export const commands: Record<string, () => Promise<{ default: unknown }>> = {
  gate: async () => await import('./gate.ts'),
  scan: async () => await import('./scan.ts'),
  baseline: async () => await import('./baseline.ts'),
  sign: async () => await import('./sign.ts'),
  attest: async () => await import('./attest.ts'),
  verify: async () => await import('./verify.ts'),
  'trust deny': async () => await import('./trust-deny.ts'),
  'trust render': async () => await import('./trust-render.ts'),
  'trust break-glass': async () => await import('./trust-break-glass.ts'),
  'policy check': async () => await import('./policy-check.ts'),
  'policy explain': async () => await import('./policy-explain.ts'),
  'policy controls': async () => await import('./policy-controls.ts'),
  'policy vex': async () => await import('./policy-vex.ts'),
  'sbom generate': async () => await import('./sbom-generate.ts'),
  'sbom check': async () => await import('./sbom-check.ts'),
  'sbom convert': async () => await import('./sbom-convert.ts'),
  'sbom diff': async () => await import('./sbom-diff.ts'),
  'sbom why': async () => await import('./sbom-why.ts'),
  'advisories import': async () => await import('./advisories-import.ts'),
  'advisories update': async () => await import('./advisories-update.ts'),
  'advisories info': async () => await import('./advisories-info.ts'),
  init: async () => await import('./init.ts'),
  demo: async () => await import('./demo.ts'),
  engines: async () => await import('./engines.ts'),
  'canary run': async () => await import('./canary-run.ts'),
  'canary resume': async () => await import('./canary-resume.ts'),
  'canary rollback': async () => await import('./canary-rollback.ts'),
  'canary reconcile': async () => await import('./canary-reconcile.ts'),
  'canary simulate': async () => await import('./canary-simulate.ts'),
};

/** Throws for a name that is not in the registry: who calls has looked there. */
export async function loadCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) throw new Error(`command ${name} is not in the registry`);
  return (await load()).default as Command;
}
