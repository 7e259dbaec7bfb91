import { isMainThread } from 'node:worker_threads';
import { describeProblem, problemOf } from './model/error.ts';
import { VERSION } from './model/version.ts';

/** No way out of this program is a pass by accident: 2 stands until a command has said otherwise. */
process.exitCode = 2;

if (isMainThread) {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown) => {
      process.stderr.write(`${describeProblem(problemOf(thrown))}\n`);
      process.exit(2);
    });
  }
  // A reader that closed the pipe (`| head`) is no failure of ours, and the verdict stays what it is.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
} else {
  void import('./scan/worker.ts').then(async (worker) => await worker.serve());
}

async function main(argv: readonly string[]): Promise<0 | 1 | 2> {
  const first = argv[0];
  if (first === '--version' || first === '-V' || first === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const { catalogue, isGroup, matchCommand, nearest } = await import('./commands/catalogue.ts');
  const asksHelp = first === 'help' || first === '--help' || first === '-h' || first === undefined;
  const words = first === 'help' ? argv.slice(1) : argv;
  const match = matchCommand(words);
  if (match === null) {
    const group = words[0] !== undefined && isGroup(words[0]) ? words[0] : undefined;
    const unknown = words.find((word) => !word.startsWith('-'));
    if (asksHelp && (words.length === 0 || first !== 'help' || group !== undefined)) {
      process.stdout.write(await catalogue(group));
      return first === undefined ? 2 : 0;
    }
    if (group !== undefined) {
      process.stdout.write(await catalogue(group));
      return words.some((word) => word === '--help' || word === '-h') ? 0 : 2;
    }
    const { commands } = await import('./commands/registry.ts');
    const near = nearest(unknown ?? '', Object.keys(commands));
    process.stderr.write(
      `SP-USAGE: no command '${unknown ?? first}'${near === null ? '' : `; did you mean '${near}'?`}\n  next:     sallyport help\n`,
    );
    return 2;
  }
  return await runCommand(match.name, first === 'help' ? ['--help'] : words.slice(match.words));
}

async function runCommand(name: string, argv: readonly string[]): Promise<0 | 1 | 2> {
  const [{ loadCommand }, { parseFlags }, { invoke }, { systemContext }] = await Promise.all([
    import('./commands/registry.ts'),
    import('./commands/flags.ts'),
    import('./commands/invoke.ts'),
    import('./platform/system.ts'),
  ]);
  const command = await loadCommand(name);
  if (command === null) throw new Error(`command ${name} is not in the registry`);
  const parsed = parseFlags(command, argv, process.env);
  if (parsed.kind === 'said') {
    (parsed.exit === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.exit;
  }
  const verbosity = parsed.raw.quiet === true ? 'quiet' : parsed.raw.verbose === true ? 'verbose' : 'normal';
  const context = systemContext('cli', verbosity);
  for (const variable of parsed.ignored) {
    context.log.warn(`${variable} is not read here; give the option on the command line`);
  }
  return (await invoke(command, parsed.raw, context)).exit;
}
