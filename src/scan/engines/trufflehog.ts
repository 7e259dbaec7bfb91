import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import type { Outcome } from '../../platform/process.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { MAX_SECRET_FILE } from './gitleaks.ts';

const IGNORE = 'trufflehog:ignore';
/** Its exit where it found something and --fail was given. */
const FOUND = 183;

/**
 * trufflehog, https://github.com/trufflesecurity/trufflehog, over the files of the tree. Nothing is tried out at a
 * vendor and nothing is updated. It writes one JSON object a line, with the secret in it: that is let go before
 * anything is kept.
 */
export const trufflehog: ProcessEngine = {
  name: 'trufflehog',
  stage: 'secrets',
  summary: 'Secrets in the files of the tree, by trufflehog’s detectors, none of them tried out',
  publisher: 'Truffle Security',
  homepage: 'https://github.com/trufflesecurity/trufflehog',
  binary: 'trufflehog',
  versionArgs: ['--version'],
  directions: {},
  wants: () => true,
  everyKind: true,
  maxFile: MAX_SECRET_FILE,
  prepare: async ({ source, files }) => {
    for (const file of files) await withoutIgnores(join(source, file));
    return { args: ['filesystem', '--json', '--no-update', '--no-verification', '--fail', '.'] };
  },
  judgeExit: ({ code }) =>
    code === 0 || code === FOUND ? { report: true } : { report: false, why: `exit ${code}` },
  toSarif,
};

/** There is no switch for its comments: in the copy they are made into other words of the same length. */
async function withoutIgnores(file: string): Promise<void> {
  const content = await readFile(file);
  let at = content.indexOf(IGNORE);
  if (at === -1) return;
  for (; at !== -1; at = content.indexOf(IGNORE, at)) content[at + IGNORE.indexOf(':')] = 0x2d;
  // Copies are read-only.
  await chmod(file, 0o600);
  await writeFile(file, content);
}

const found = z.object({
  SourceMetadata: z.object({
    Data: z.object({ Filesystem: z.object({ file: z.string(), line: z.int().optional() }) }),
  }),
  DetectorName: z.string().min(1).max(200),
  DecoderName: z.string().max(100).optional(),
  Raw: z.string(),
});

async function toSarif(output: Buffer, outcome: Outcome, source: string): Promise<Uint8Array> {
  // An empty list of findings looks like no list at all: its log says whether it came to its end.
  if (!outcome.stderr.includes('finished scanning'))
    throw wrong('does not say that it came to its end', 'finished scanning in its log');
  const lines = output.toString('utf8').split('\n');
  const places = new Places(source);
  const rules = new Set<string>();
  const results: unknown[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const { SourceMetadata, DetectorName, DecoderName, Raw } = read(line, index + 1);
    const { file, line: number = 0 } = SourceMetadata.Data.Filesystem;
    const decoded = DecoderName === undefined || DecoderName === 'PLAIN' ? '' : `, written as ${DecoderName}`;
    rules.add(DetectorName);
    results.push({
      ruleId: DetectorName,
      level: 'error',
      message: { text: `${DetectorName}: a credential${decoded}` },
      locations: [{ physicalLocation: await places.of(file, number, Raw) }],
    });
  }
  if (outcome.code === FOUND && results.length === 0)
    throw wrong('says that it found something and lists nothing', 'a finding');
  const driver = { name: 'trufflehog', rules: [...rules].map((id) => ({ id })) };
  const log = { version: '2.1.0', runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }] };
  return Buffer.from(JSON.stringify(log));
}

function read(line: string, number: number): z.infer<typeof found> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // What the parser says would quote the line, which may hold a secret.
    throw wrong(`wrote something that is no JSON (line ${number})`, 'one JSON object a line');
  }
  const result = found.safeParse(value);
  if (result.success) return result.data;
  throw wrong(
    `wrote something that is no finding (line ${number})`,
    `a finding with ${result.error.issues[0]?.path.join('.') ?? 'its members'}`,
  );
}

/** Columns, which it does not tell: where the secret stands in its line. */
class Places {
  readonly #source: string;
  #file = '';
  #lines: string[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  async of(file: string, line: number, secret: string): Promise<unknown> {
    const path = resolve(this.#source, file);
    const uri = relative(this.#source, path).split('/').map(encodeURIComponent).join('/');
    const artifactLocation = { uri };
    if (line < 1) return { artifactLocation };
    if (this.#file !== path) {
      this.#lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
      this.#file = path;
    }
    const at = secret === '' ? -1 : (this.#lines[line - 1]?.indexOf(secret) ?? -1);
    const columns = at === -1 ? {} : { startColumn: at + 1, endColumn: at + 1 + secret.length };
    return { artifactLocation, region: { startLine: line, ...columns } };
  }
}

function wrong(what: string, expected: string): SallyportError {
  return new SallyportError({ code: 'SP-ENGINE-OUTPUT', message: `trufflehog ${what}`, expected });
}
