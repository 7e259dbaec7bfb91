import type { Command } from './command.ts';

/** Every command, by the words that call it. Loaded when it is called: what is not used is not paid for. */
export const commands: Record<string, () => Promise<{ default: unknown }>> = {
  gate: async () => await import('./gate.ts'),
};

export async function loadCommand(name: string): Promise<Command | null> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return load === undefined ? null : ((await load()).default as Command);
}
