import { nodeOf } from '../../src/scan/secrets/match/compile.ts';
import { startsOf } from '../../src/scan/secrets/match/starts.ts';
import { ownPack } from '../../src/scan/secrets/rules/pack.ts';
import type { GeneratedFile } from './index.ts';

/** Where matches of our rules can begin: working it out takes longer than looking at a small repository. */
export function generateSecretStarts(): GeneratedFile[] {
  const starts = JSON.stringify(startsOf(ownPack(), nodeOf));
  return [
    {
      path: 'src/scan/secrets/pack/starts.generated.ts',
      content: `// Written by \`npm run generate\` from the rules beside it. Do not edit.

/** \`Starts\` of match/starts.ts, as JSON. */
export const packStarts = ${JSON.stringify(starts)};
`,
    },
  ];
}
