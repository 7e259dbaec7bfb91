import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { loadSbom } from './sbom-shared.ts';

export default defineCommand({
  name: 'sbom check',
  summary: 'Say whether a bill of materials is valid, and what it lacks.',
  description: `Checks the document with the official schema of its version (CycloneDX JSON), then counts what NTIA’s minimum elements and BSI TR-03183-2 ask for. Exit 1 where it is not valid, or under \`--minimum\`.`,
  examples: [
    { run: 'sallyport sbom check bom.cdx.json', does: 'shows what is missing, with a score' },
    { run: 'sallyport sbom check bom.cdx.json --minimum 60', does: 'fails under a score of 60' },
  ],
  inputs: z.strictObject({
    sbom: z.string().meta({ description: 'The document to judge.', placeholder: 'SBOM', positional: true }),
    minimum: z.coerce
      .number()
      .int()
      .min(0)
      .max(100)
      .default(0)
      .meta({ description: 'The least score that passes.', placeholder: 'SCORE' }),
    format: z
      .enum(['table', 'json'])
      .default('table')
      .meta({ description: 'How the result is written.', placeholder: 'FORMAT' }),
    ...commonInputs,
  }),
  outputs: { score: '0 to 100.', valid: 'Whether the document is valid.' },
  run: async (inputs, context) => {
    const [{ judgeQuality }, { validate }, { resolve }] = await Promise.all([
      import('../sbom/quality.ts'),
      import('../sbom/validate.ts'),
      import('node:path'),
    ]);
    const { bom, form, created } = await loadSbom(inputs.sbom, context);
    const { SBOM_BYTES } = await import('../sbom/read-sbom.ts');
    const invalid = await validate(
      await context.files.read(resolve(context.cwd, inputs.sbom), SBOM_BYTES),
      form,
    );
    const quality = judgeQuality(bom, created);
    const valid = invalid === undefined ? 'not checked' : String(invalid.length === 0);
    if (inputs.format === 'json') {
      const result = { form, components: bom.components.length, valid, errors: invalid ?? [], ...quality };
      context.out(`${JSON.stringify(result, null, 2)}\n`);
    } else {
      const { default: Table } = await import('cli-table3');
      const { visible } = await import('../platform/log.ts');
      const table = new Table({
        head: ['standard', 'asks for', 'has', 'lacking'],
        style: { head: [], border: [], compact: true },
        colWidths: [null, null, null, 60],
        wordWrap: true,
      });
      for (const { standard, name, asked, met, missing } of quality.demands)
        table.push([
          standard,
          name,
          asked === 0 ? '-' : `${met}/${asked}`,
          visible(missing.slice(0, 3).join(', ')),
        ]);
      context.out(
        `${form}, ${bom.components.length} components, valid: ${valid}\n${table.toString()}\nscore ${quality.score} of 100\n`,
      );
      for (const error of (invalid ?? []).slice(0, 20)) context.out(`not valid: ${visible(error)}\n`);
    }
    const failed = (invalid !== undefined && invalid.length > 0) || quality.score < inputs.minimum;
    return { exit: failed ? 1 : 0, outputs: { score: String(quality.score), valid } };
  },
});
