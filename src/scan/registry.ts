import type { Stage } from '../model/stage.ts';
import type { EmbeddedEngine } from './engine.ts';
import type { ProcessEngine } from './process-engine.ts';

/** Engines of our own, by name and stage. Loaded when they are needed. */
const embedded: Record<string, { stage: Stage; load: () => Promise<EmbeddedEngine> }> = {
  'sallyport-configuration': {
    stage: 'configuration',
    load: async () => (await import('./configuration/engine.ts')).configuration as EmbeddedEngine,
  },
  'sallyport-lockfiles': {
    stage: 'dependencies',
    load: async () => (await import('./dependencies/lockfiles.ts')).lockfiles as EmbeddedEngine,
  },
  'sallyport-advisories': {
    stage: 'dependencies',
    load: async () => (await import('./dependencies/advisories.ts')).advisories as EmbeddedEngine,
  },
  'sallyport-secrets': {
    stage: 'secrets',
    load: async () => (await import('./secrets/engine.ts')).secrets as EmbeddedEngine,
  },
};

/** Other projects' engines. */
const processes: Record<string, { stage: Stage; load: () => Promise<ProcessEngine> }> = {
  betterleaks: { stage: 'secrets', load: async () => (await import('./engines/betterleaks.ts')).betterleaks },
  gitleaks: { stage: 'secrets', load: async () => (await import('./engines/gitleaks.ts')).gitleaks },
  grype: { stage: 'dependencies', load: async () => (await import('./engines/grype.ts')).grype },
  hadolint: { stage: 'configuration', load: async () => (await import('./engines/hadolint.ts')).hadolint },
  'npm-audit': {
    stage: 'dependencies',
    load: async () => (await import('./engines/npm-audit.ts')).npmAudit,
  },
  'osv-scanner': {
    stage: 'dependencies',
    load: async () => (await import('./engines/osv-scanner.ts')).osvScanner,
  },
  semgrep: { stage: 'code', load: async () => (await import('./engines/semgrep.ts')).semgrep },
  trivy: { stage: 'dependencies', load: async () => (await import('./engines/trivy.ts')).trivy },
  trufflehog: { stage: 'secrets', load: async () => (await import('./engines/trufflehog.ts')).trufflehog },
};

export async function embeddedEngine(name: string): Promise<EmbeddedEngine | null> {
  return Object.hasOwn(embedded, name) ? ((await embedded[name]?.load()) ?? null) : null;
}

export async function embeddedEngines(stage?: Stage): Promise<EmbeddedEngine[]> {
  return await Promise.all(
    Object.values(embedded)
      .filter((e) => stage === undefined || e.stage === stage)
      .map((e) => e.load()),
  );
}

export async function processEngine(name: string): Promise<ProcessEngine | null> {
  return Object.hasOwn(processes, name) ? ((await processes[name]?.load()) ?? null) : null;
}

export async function processEngines(stage?: Stage): Promise<ProcessEngine[]> {
  return await Promise.all(
    Object.values(processes)
      .filter((e) => stage === undefined || e.stage === stage)
      .map((e) => e.load()),
  );
}

export function engineNames(stage?: Stage): string[] {
  return [...Object.entries(embedded), ...Object.entries(processes)]
    .filter(([, e]) => stage === undefined || e.stage === stage)
    .map(([name]) => name);
}
