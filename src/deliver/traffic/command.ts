import type { Context } from '../../platform/context.ts';
import { toolEnvironment } from '../../platform/process.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

const MAX_OUTPUT = 64 * 1024;

/** Anything else: two programs of one's own, run without a shell, with PATH and HOME alone. */
export function command(plan: { set: string[]; get: string[]; timeout: number }, context: Context): Traffic {
  const name = `command ${plan.set[0]}`;
  const run = async (argv: readonly string[]): Promise<string> => {
    const [file = '', ...args] = argv;
    const outcome = await context.run({
      file,
      args,
      cwd: context.cwd,
      env: { ...toolEnvironment(context.env) },
      timeout: plan.timeout,
      maxOutput: MAX_OUTPUT,
    });
    if (outcome.code === 0 && outcome.ended === 'exit') return outcome.stdout.toString('utf8');
    throw trafficProblem(
      name,
      'exit code 0',
      `${outcome.ended}, exit code ${outcome.code}: ${outcome.stderr}`,
    );
  };
  return {
    name,
    fenced: false,
    get: async () => {
      const text = (await run(plan.get)).trim();
      const weight = /^\d{1,3}(?:\.\d{1,6})?$/u.test(text) ? Number(text) : Number.NaN;
      if (!(weight >= 0 && weight <= 100)) throw trafficProblem(name, 'a number from 0 to 100', text);
      return weight;
    },
    set: async (weight) => {
      await run(plan.set.map((argument) => argument.replaceAll('{weight}', String(weight))));
    },
  };
}
