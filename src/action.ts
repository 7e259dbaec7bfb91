import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Command, CommandResult } from './commands/command.ts';
import { failClosed } from './fail-closed.ts';
import { SallyportError } from './model/error.ts';
import { problemText } from './platform/log.ts';
import { serveThread } from './thread.ts';

/**
 * A step of a workflow: the command behind an action, with its inputs from the runner. Everything it prints may hold
 * text of the repository, so workflow commands are off until it is done
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
 */
export async function action(name: string): Promise<void> {
  failClosed();
  process.exitCode = isMainThread ? await step(name) : await serveThread();
}

async function step(name: string): Promise<0 | 1 | 2> {
  const token = randomBytes(16).toString('hex');
  process.stdout.write(`::stop-commands::${token}\n`);
  const result = await run(name);
  process.stdout.write(`::${token}::\n`);
  for (const annotation of result.annotations ?? []) process.stdout.write(annotation);
  for (const [key, value] of Object.entries(result.outputs ?? {}))
    append('GITHUB_OUTPUT', fileCommand(key, value));
  for (const chunk of result.summary ?? []) append('GITHUB_STEP_SUMMARY', chunk);
  return result.exit;
}

async function run(name: string): Promise<CommandResult> {
  const [{ loadCommand }, { invoke }, { systemContext }] = await Promise.all([
    import('./commands/registry.ts'),
    import('./commands/invoke.ts'),
    import('./platform/system.ts'),
  ]);
  const context = systemContext('action', process.env.RUNNER_DEBUG === '1' ? 'verbose' : 'normal');
  try {
    const command = await loadCommand(name);
    return await invoke(command, await readInputs(command, process.env), context);
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    context.log.error(problemText(thrown.problem));
    return { exit: 2, outputs: { decision: 'error' } };
  }
}

/** The runner passes each input as `INPUT_NAME`, unknown ones too; an empty one was not given. */
async function readInputs(command: Command, env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const [{ fieldsOf }, { fromText }, { nearest }] = await Promise.all([
    import('./commands/inputs.ts'),
    import('./commands/flags.ts'),
    import('./commands/catalogue.ts'),
  ]);
  const fields = fieldsOf(command).filter((field) => field.only !== 'cli');
  const raw: Record<string, unknown> = {};
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || value === undefined || value.trim() === '') continue;
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const field = fields.find((candidate) => candidate.name === name);
    if (field !== undefined) {
      raw[field.key] = fromText(field, value.trim());
      continue;
    }
    const near = nearest(
      name,
      fields.map((candidate) => candidate.name),
    );
    throw new SallyportError({
      code: 'SP-USAGE',
      message: `the action ${command.name} has no input ${name}`,
      expected:
        near === null ? fields.map((candidate) => candidate.name).join(', ') : `did you mean ${near}?`,
    });
  }
  return raw;
}

function append(variable: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY', text: string): void {
  const file = process.env[variable];
  if (file !== undefined && file !== '') appendFileSync(file, text);
}

/** The heredoc form of a file command: the delimiter cannot be guessed by whoever wrote the value. */
function fileCommand(key: string, value: string): string {
  const delimiter = `sallyport_${randomUUID()}`;
  return `${key}<<${delimiter}\n${value}\n${delimiter}\n`;
}
