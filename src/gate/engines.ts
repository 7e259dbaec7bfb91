import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemOf } from '../model/error.ts';
import type { Stage } from '../model/stage.ts';
import { VERSION } from '../model/version.ts';
import type { Context } from '../platform/context.ts';
import { toolEnvironment } from '../platform/process.ts';
import { identify } from '../scan/executable.ts';
import { embeddedEngines, processEngines } from '../scan/registry.ts';

export interface EngineState {
  name: string;
  stage: Stage;
  publisher: string;
  summary: string;
  /** `embedded`, `installed`, or why it cannot be used. */
  state: string;
  version: string | null;
  /** How many rules it has; null where its rules come from elsewhere. */
  rules: number | null;
  /** Digest of the executable. */
  sha256: string | null;
}

/** Every engine that can be asked for by name, as it is on this machine. */
export async function inspectEngines(context: Context): Promise<EngineState[]> {
  const own = (await embeddedEngines()).map(
    (engine): EngineState => ({
      name: engine.name,
      stage: engine.stage,
      publisher: 'sallyport',
      summary: engine.summary,
      state: 'embedded',
      version: VERSION,
      rules: engine.rules.length,
      sha256: null,
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    const world = { run: context.run, tools: toolEnvironment(context.env), lock: undefined };
    const others = await Promise.all(
      (await processEngines()).map(async (engine): Promise<EngineState> => {
        const { name, stage, publisher, summary } = engine;
        try {
          const { version, digest } = await identify(engine, world, folder);
          return {
            name,
            stage,
            publisher,
            summary,
            state: 'installed',
            version,
            rules: null,
            sha256: digest,
          };
        } catch (thrown) {
          const { code, message } = problemOf(thrown);
          const state = code === 'SP-ENGINE-MISSING' ? 'not installed' : message;
          return { name, stage, publisher, summary, state, version: null, rules: null, sha256: null };
        }
      }),
    );
    return [...own, ...others];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
