import { z } from 'zod';
import { databaseInput } from './advisories-input.ts';

/** Outputs of every command that ends in a decision. */
export const gateOutputs = {
  decision: '`passed`, `failed` or `error`.',
  summary: 'The decision in one sentence.',
  'findings-failed': 'How many findings fail the gate.',
  'report-folder': 'The folder with the reports and the evidence of this run.',
};

export const reportInput = {
  report: z.array(z.string()).default([]).meta({
    description: 'A report, on stdout or to a file: table (the default), json, sarif, markdown, html, svg.',
    placeholder: 'FORMAT[=FILE]',
  }),
};

/** What the dependencies are judged with, beside the tree. */
export const dependencyInputs = {
  ...databaseInput,
  buildOutput: z.array(z.string()).default([]).meta({
    description:
      'What a build wrote about its dependencies: dependency-tree.json of Maven, or target/bom.json of the CycloneDX plug-ins; with its digest where another job hands it over.',
    placeholder: 'FILE[@sha256:HEX]',
    environment: false,
  }),
};
