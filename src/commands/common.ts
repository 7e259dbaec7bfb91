import { z } from 'zod';

/** Inputs of every command. */
export const commonInputs = {
  quiet: z.boolean().default(false).meta({ description: 'Say nothing but results, warnings and errors.' }),
  verbose: z.boolean().default(false).meta({ description: 'Say what is being done, in detail.' }),
  offline: z.boolean().default(false).meta({
    description: 'Use no network at all; what could not be looked up counts as unknown, never as good.',
  }),
};
