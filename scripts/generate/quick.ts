import { quickFieldsOf } from '../../src/commands/inputs.ts';
import { quickCommands } from '../../src/commands/quick.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import type { GeneratedFile } from './index.ts';

/** What a command line is read by without the command's declaration. */
export async function generateQuick(): Promise<GeneratedFile[]> {
  const fields = await Promise.all(
    quickCommands.map(async (name) => [name, quickFieldsOf(await loadCommand(name))] as const),
  );
  return [
    {
      path: 'src/commands/quick.generated.ts',
      content: `// Written by \`npm run generate\` from the declarations of the commands. Do not edit.

import type { QuickField } from './inputs.ts';

/** Name of a command to its inputs. */
export const quickFields: Readonly<Record<string, readonly QuickField[]>> = ${JSON.stringify(Object.fromEntries(fields), null, 2)};
`,
    },
  ];
}
