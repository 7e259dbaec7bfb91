import leven from 'leven';
import { VERSION } from '../model/version.ts';
import { commands, loadCommand } from './registry.ts';

/** The command that the first words of `argv` name, and how many words that took. */
export function matchCommand(argv: readonly string[]): { name: string; words: number } | null {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(' ');
    if (argv.length >= words && Object.hasOwn(commands, name)) return { name, words };
  }
  return null;
}

/** Every command with its summary; with `group`, only its subcommands. */
export async function catalogue(group?: string): Promise<string> {
  const names = Object.keys(commands).filter((name) => group === undefined || name.startsWith(`${group} `));
  const lines = await Promise.all(
    names.map(async (name) => `  ${name.padEnd(18)}${(await loadCommand(name)).summary}`),
  );
  return [
    `sallyport ${VERSION}: one gate from commit to canary`,
    '',
    'Usage: sallyport COMMAND [OPTIONS]',
    '',
    ...lines,
    '',
    'sallyport help COMMAND tells more of one; exit codes: 0 passed, 1 the policy said no, 2 no verdict.',
    '',
  ].join('\n');
}

export function isGroup(word: string): boolean {
  return Object.keys(commands).some((name) => name.startsWith(`${word} `));
}

/** The known name nearest to what was typed, if it is near. */
export function nearest(typed: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, distance: leven(typed, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(best.name.length / 3))
    ? best.name
    : null;
}
