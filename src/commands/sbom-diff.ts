import { z } from 'zod';
import type { Context } from '../platform/context.ts';
import type { Difference } from '../sbom/diff.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { loadSbom } from './sbom-shared.ts';

export default defineCommand({
  name: 'sbom diff',
  summary: 'Show what has changed from one bill of materials to another.',
  description: `Compares by package: added, removed, upgraded and downgraded by the ecosystem’s own order of versions, another licence, another source; each with a shortest path from a service.`,
  examples: [
    { run: 'sallyport sbom diff before.cdx.json after.cdx.json', does: 'shows a table' },
    { run: 'sallyport sbom diff before.cdx.json after.cdx.json --format markdown', does: 'for a comment' },
  ],
  inputs: z.strictObject({
    before: z.string().meta({ description: 'The older document.', placeholder: 'A', positional: true }),
    after: z.string().meta({ description: 'The newer document.', placeholder: 'B', positional: true }),
    format: z
      .enum(['table', 'markdown', 'json'])
      .default('table')
      .meta({ description: 'How the result is written.', placeholder: 'FORMAT' }),
    ...commonInputs,
  }),
  outputs: { changes: 'How many differences there are.' },
  run: async (inputs, context) => {
    const { diffBoms } = await import('../sbom/diff.ts');
    const [a, b] = [await loadSbom(inputs.before, context), await loadSbom(inputs.after, context)];
    const found = diffBoms(a.bom, b.bom);
    if (inputs.format === 'json') context.out(`${JSON.stringify(found, null, 2)}\n`);
    else if (inputs.format === 'markdown') await markdown(found, context);
    else await table(found, context);
    return { exit: 0, outputs: { changes: String(found.length) } };
  },
});

const HEAD = ['change', 'package', 'before', 'after', 'scope', 'path'];

function cells(one: Difference): string[] {
  return [
    one.major ? `${one.change} (major)` : one.change,
    one.package,
    one.before ?? '',
    one.after ?? '',
    one.scope,
    one.path.join(' > '),
  ];
}

async function table(found: readonly Difference[], context: Context): Promise<void> {
  const [{ default: Table }, { visible }] = await Promise.all([
    import('cli-table3'),
    import('../platform/log.ts'),
  ]);
  const made = new Table({
    head: HEAD,
    style: { head: [], border: [], compact: true },
    colWidths: [null, null, null, null, null, 60],
    wordWrap: true,
  });
  for (const one of found) made.push(cells(one).map(visible));
  context.out(found.length === 0 ? 'no differences\n' : `${made.toString()}\n`);
}

async function markdown(found: readonly Difference[], context: Context): Promise<void> {
  const { markdownText } = await import('../report/markdown-text.ts');
  if (found.length === 0) {
    context.out('No differences.\n');
    return;
  }
  context.out(`| ${HEAD.join(' | ')} |\n|${HEAD.map(() => ' --- |').join('')}\n`);
  for (const one of found)
    context.out(
      `| ${cells(one)
        .map((cell) => markdownText(cell))
        .join(' | ')} |\n`,
    );
}
