import { z } from 'zod';

/** Where the advisory database lies, for the commands that use one. */
export const databaseInput = {
  advisories: z.string().optional().meta({
    description: 'The folder of the advisory database, instead of sallyport/advisories in the user’s cache.',
    placeholder: 'FOLDER',
    environment: false,
  }),
};
