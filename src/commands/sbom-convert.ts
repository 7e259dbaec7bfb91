import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { loadSbom, put, rendered, sayLost, writeInputs } from './sbom-shared.ts';

export default defineCommand({
  name: 'sbom convert',
  summary: 'Write a bill of materials in another form.',
  description: `Reads CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2 and 2.3 (JSON) and SPDX 3.0 (JSON-LD), and writes CycloneDX 1.6 or 1.7 JSON or SPDX 2.3 JSON. What the new form does not say is told on stderr. A signature is not carried over: it was made over other bytes.`,
  examples: [
    {
      run: 'sallyport sbom convert bom.spdx.json --output bom.cdx.json',
      does: 'makes CycloneDX 1.6 of SPDX',
    },
    { run: 'sallyport sbom convert bom.xml --format spdx', does: 'makes SPDX 2.3 of CycloneDX XML' },
  ],
  inputs: z.strictObject({
    sbom: z.string().meta({ description: 'The document to read.', placeholder: 'SBOM', positional: true }),
    ...writeInputs,
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { bom, form, lost, created } = await loadSbom(inputs.sbom, context);
    sayLost(lost, context);
    if (inputs.format === 'spdx' && form.startsWith('CycloneDX')) {
      const { membersOf } = await import('../sbom/losses.ts');
      sayLost(membersOf(bom), context);
    }
    await put(await rendered(bom, inputs, context, created), inputs.output, context);
    return { exit: 0 };
  },
});
