import { isMainThread } from 'node:worker_threads';
import { failClosed } from './fail-closed.ts';
import { VERSION } from './model/version.ts';
import { serveThread } from './thread.ts';

/** The command line. Also what a worker thread of it starts with. */
export async function cli(argv: readonly string[]): Promise<void> {
  failClosed();
  process.exitCode = isMainThread ? await main(argv) : await serveThread();
}

async function main(argv: readonly string[]): Promise<0 | 1 | 2> {
  const first = argv[0];
  if (first === '--version' || first === '-V' || first === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const { catalogue, isGroup, matchCommand, nearest } = await import('./commands/catalogue.ts');
  const wantsHelp = first === 'help' || argv.includes('--help') || argv.includes('-h');
  const words = first === 'help' ? argv.slice(1) : argv;
  const match = matchCommand(words);
  if (match !== null)
    return await runCommand(match.name, first === 'help' ? ['--help'] : words.slice(match.words));
  const word = words.find((candidate) => !candidate.startsWith('-'));
  if (word === undefined || isGroup(word)) {
    process.stdout.write(await catalogue(word));
    return wantsHelp ? 0 : 2;
  }
  const { commands } = await import('./commands/registry.ts');
  const near = nearest(word, Object.keys(commands));
  const { visible } = await import('./platform/log.ts');
  process.stderr.write(
    `SP-USAGE: no command '${visible(word)}'${near === null ? '' : `; did you mean '${near}'?`}\n  next:     sallyport help\n`,
  );
  return 2;
}

async function runCommand(name: string, argv: readonly string[]): Promise<0 | 1 | 2> {
  const { readQuickly } = await import('./commands/quick.ts');
  const quick = await readQuickly(name, argv, process.env);
  if (quick === null) return await runDeclared(name, argv);
  const [{ conclude, runWith }, { systemContext }] = await Promise.all([
    import('./commands/conclude.ts'),
    import('./platform/system.ts'),
  ]);
  const context = systemContext('cli', verbosityOf(quick.inputs));
  return (await conclude(async () => await runWith(quick.run, quick.inputs, context), context)).exit;
}

/** By the command's own declaration, which can also explain itself. */
async function runDeclared(name: string, argv: readonly string[]): Promise<0 | 1 | 2> {
  const [{ loadCommand }, { parseFlags }, { invoke }, { systemContext }] = await Promise.all([
    import('./commands/registry.ts'),
    import('./commands/flags.ts'),
    import('./commands/invoke.ts'),
    import('./platform/system.ts'),
  ]);
  const command = await loadCommand(name);
  const parsed = parseFlags(command, argv, process.env);
  if (parsed.kind === 'said') {
    (parsed.exit === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.exit;
  }
  const context = systemContext('cli', verbosityOf(parsed.raw));
  for (const variable of parsed.ignored) {
    context.log.warn(`${variable} is not read here; give the option on the command line`);
  }
  return (await invoke(command, parsed.raw, context)).exit;
}

function verbosityOf({ quiet, verbose }: Record<string, unknown>): 'quiet' | 'normal' | 'verbose' {
  return quiet === true ? 'quiet' : verbose === true ? 'verbose' : 'normal';
}
