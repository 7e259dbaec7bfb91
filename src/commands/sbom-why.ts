import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { loadSbom, put } from './sbom-shared.ts';

export default defineCommand({
  name: 'sbom why',
  summary: 'Show by which paths a component came in.',
  description: `The component is named by purl (with or without a version) or by name. Exit 1 where the document does not hold it.`,
  examples: [
    {
      run: 'sallyport sbom why bom.cdx.json pkg:maven/org.apache.logging.log4j/log4j-core',
      does: 'lists the paths',
    },
    { run: 'sallyport sbom why bom.cdx.json lodash --format svg --output why.svg', does: 'draws them' },
  ],
  inputs: z.strictObject({
    sbom: z
      .string()
      .meta({ description: 'The document to look into.', placeholder: 'SBOM', positional: true }),
    component: z.string().meta({ description: 'A purl or a name.', placeholder: 'PURL', positional: true }),
    paths: z.coerce
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .meta({ description: 'How many paths to show for each component.', placeholder: 'COUNT' }),
    format: z
      .enum(['text', 'svg', 'json'])
      .default('text')
      .meta({ description: 'How the result is written.', placeholder: 'FORMAT' }),
    output: z
      .string()
      .optional()
      .meta({ description: 'Where it is written, instead of stdout.', placeholder: 'FILE' }),
    ...commonInputs,
  }),
  outputs: { found: 'How many components have that name.' },
  run: async (inputs, context) => {
    const [{ componentsNamed, whyThere }, { visible }] = await Promise.all([
      import('../sbom/why.ts'),
      import('../platform/log.ts'),
    ]);
    const { bom } = await loadSbom(inputs.sbom, context);
    const components = componentsNamed(bom, inputs.component);
    const whys = whyThere(bom, components, inputs.paths);
    const outputs = { found: String(components.length) };
    if (inputs.format === 'svg') {
      const { whySvg } = await import('../sbom/why-svg.ts');
      await put([whySvg(whys)], inputs.output, context);
    } else if (inputs.format === 'json') {
      const list = whys.map(({ component, shortest, paths, more }) => ({
        ref: component.ref,
        purl: component.purl,
        scope: component.scope,
        direct: component.direct,
        shortest,
        paths,
        more,
      }));
      await put([`${JSON.stringify(list, null, 2)}\n`], inputs.output, context);
    } else {
      const lines = whys.flatMap(({ component, paths, more }) => [
        `${visible(component.ref)} (${component.scope}${component.direct === true ? ', direct' : ''})`,
        ...(paths.length === 0
          ? ['  no path from a service is told']
          : paths.map((path) => `  ${path.map(visible).join(' > ')}`)),
        ...(more ? ['  ... and more'] : []),
      ]);
      await put(
        [
          `${lines.length === 0 ? `${visible(inputs.component)} is not in the document` : lines.join('\n')}\n`,
        ],
        inputs.output,
        context,
      );
    }
    return { exit: components.length === 0 ? 1 : 0, outputs };
  },
});
