import { stringify } from 'yaml';
import { fieldsOf, type InputField } from '../../src/commands/inputs.ts';
import { commands, loadCommand } from '../../src/commands/registry.ts';
import type { GeneratedFile } from './index.ts';

/** actions/NAME/action.yml of every command that is an action: inputs and outputs, no logic. */
export async function generateActions(): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const name of Object.keys(commands)) {
    const command = await loadCommand(name);
    if (command.action === undefined) continue;
    const fields = fieldsOf(command).filter((field) => field.only !== 'cli');
    const document = {
      name: `Sallyport ${command.action}`,
      description: command.summary,
      inputs: Object.fromEntries(fields.map((field) => [field.name, input(field)])),
      outputs: Object.fromEntries(
        Object.entries(command.outputs).map(([key, description]) => [key, { description }]),
      ),
      runs: { using: 'node24', main: `../../dist/${command.action}.js` },
      branding: { icon: 'shield', color: 'gray-dark' },
    };
    files.push({
      path: `actions/${command.action}/action.yml`,
      content: `# Written by \`npm run generate\` from the command \`${name}\`. Do not edit.\n${stringify(document, { lineWidth: 0 })}`,
    });
  }
  return files;
}

function input(field: InputField): Record<string, unknown> {
  const notes = [
    ...(field.kind === 'list' ? ['One a line.'] : []),
    ...(field.choices === undefined ? [] : [`One of ${field.choices.join(', ')}.`]),
    ...(field.fallback === undefined ? [] : [`Default: ${field.fallback}.`]),
  ];
  return { description: [field.description, ...notes].join(' '), required: field.required };
}
