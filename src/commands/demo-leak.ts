import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FILE = 'scripts/backfill.js';

/** A script with a key written into it, which is made up here: what is published holds nothing that looks like one. */
export async function writeWithKey(repository: string): Promise<void> {
  const random = randomBytes(96)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/gu, '')
    .slice(0, 99);
  await write(repository, `'${['sk', 'live', random].join('_')}'`);
}

/** The same script, with the key where keys belong. */
export async function writeWithoutKey(repository: string): Promise<void> {
  await write(repository, 'process.env.STRIPE_KEY');
}

async function write(repository: string, key: string): Promise<void> {
  const file = join(repository, FILE);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    file,
    `// Writes last month's charges into the ledger again.\nconst stripeKey = ${key};\n\nmodule.exports = { stripeKey };\n`,
  );
}
