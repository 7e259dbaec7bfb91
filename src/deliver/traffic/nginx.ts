import { resolve } from 'node:path';
import type { Context } from '../../platform/context.ts';
import { toolEnvironment } from '../../platform/process.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

const MAX_BYTES = 64 * 1024;
const RELOAD_TIMEOUT = 5_000;

export interface NginxPlan {
  file: string;
  variable: string;
  key: string;
  canary: string;
  baseline: string;
  reload: string[];
}

/**
 * nginx's split_clients (https://nginx.org/en/docs/http/ngx_http_split_clients_module.html): a file of our own that the
 * configuration includes, and a reload. nginx does not tell which configuration is in force, so what is read back is
 * the file; the observed share of the traffic shows the rest. Where the reload fails, the old file is put back.
 */
export function nginx(plan: NginxPlan, context: Context): Traffic {
  const name = `nginx split_clients $${plan.variable}`;
  const file = resolve(context.cwd, plan.file);
  const read = async () => (await context.files.read(file, MAX_BYTES)).toString('utf8');
  const reload = async () => {
    const [program = '', ...args] = plan.reload;
    const env = { ...toolEnvironment(context.env) };
    const outcome = await context.run({
      file: program,
      args,
      cwd: context.cwd,
      env,
      timeout: RELOAD_TIMEOUT,
      maxOutput: MAX_BYTES,
    });
    return outcome.code === 0 ? null : `${outcome.ended} ${outcome.code} ${outcome.stderr}`;
  };
  return {
    name,
    fenced: false,
    get: async () => {
      const text = await read();
      for (let weight = 0; weight <= 100; weight += 1) if (text === splitClients(plan, weight)) return weight;
      throw trafficProblem(name, 'the file as Sallyport writes it', text);
    },
    set: async (weight) => {
      const before = (await context.files.exists(file)) ? await read() : null;
      await context.files.write(file, [splitClients(plan, weight)]);
      const failed = await reload();
      if (failed === null) return;
      if (before !== null) await context.files.write(file, [before]);
      throw trafficProblem(name, 'a reload that ends with 0', failed);
    },
  };
}

/** The whole content of the file. */
function splitClients(plan: NginxPlan, weight: number): string {
  const lines = [
    ...(weight > 0 && weight < 100 ? [`    ${weight}% ${plan.canary};`] : []),
    `    * ${weight === 100 ? plan.canary : plan.baseline};`,
  ];
  return `# Written by sallyport canary.\nsplit_clients "${plan.key}" $${plan.variable} {\n${lines.join('\n')}\n}\n`;
}
