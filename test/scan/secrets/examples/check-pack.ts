import { inspectItem } from '../../../../src/scan/secrets/inspect/item.ts';
import type { TextScan } from '../../../../src/scan/secrets/inspect/text.ts';
import { compileRules } from '../../../../src/scan/secrets/match/compile.ts';
import { Scanner } from '../../../../src/scan/secrets/match/scanner.ts';
import { ownPack, type PackRule, packFiles } from '../../../../src/scan/secrets/rules/pack.ts';
import { Random } from './random.ts';
import { fill } from './template.ts';

/** A scan with our pack, for examples and tests. */
export function ownScan(): TextScan {
  const compiled = compileRules(ownPack());
  return { scanner: new Scanner(compiled), compiled, key: Buffer.alloc(32, 7), judged: true, decode: true };
}

/** The rules that a text sets off, by id. `file:PATH` on the first line names the file that it is. */
function rulesFound(scan: TextScan, text: string): string[] {
  const named = /^file:(\S+)(?:\n|$)/u.exec(text);
  const path = named?.[1] ?? 'src/settings.txt';
  const content = named === null ? text : text.slice(named[0].length);
  const bytes = Buffer.from(content === '' ? '\n' : content, 'utf8');
  const item = { path, commit: '', firstLine: 1, tags: [] };
  const { findings } = inspectItem(scan, item, bytes);
  return findings.map(({ rule }) => scan.compiled.rules[rule]?.rule.id ?? '');
}

/** The places in which a credential of its own format is tried. */
const SURROUNDINGS: readonly ((token: string) => string)[] = [
  (token) => token,
  (token) => `export SOME_VALUE=${token}\n`,
  (token) => `  "value": "${token}",\n`,
  (token) => `run('${token}');\n`,
  (token) => `key: ${token}\nnext: line\n`,
  (token) => `text "first line\\n${token}\\nlast line"\n`,
];

export interface PackFailure {
  rule: string;
  /** The example with the text that was not found, or that was. */
  text: string;
  found: string[];
}

/**
 * Holds every rule of the pack against its own examples. `rounds`: how many times each template is filled.
 * Returns what should have been found and was not, and what should not have been and was.
 */
export function checkPack(
  rounds: number,
  seed: number,
): { missed: PackFailure[]; wrong: PackFailure[]; tried: number } {
  const scan = ownScan();
  const random = new Random(seed);
  const missed: PackFailure[] = [];
  const wrong: PackFailure[] = [];
  let tried = 0;
  for (const rule of packFiles.flatMap(({ vendors }) => vendors.flatMap(({ rules }) => rules))) {
    for (let round = 0; round < rounds; round++) {
      for (const template of rule.find) {
        for (const surround of surroundingsOf(rule, template)) {
          const text = surround(fill(template, random));
          const found = rulesFound(scan, text);
          tried++;
          if (!found.includes(rule.id)) missed.push({ rule: rule.id, text, found });
        }
      }
      for (const template of rule.miss) {
        const text = fill(template, random);
        const found = rulesFound(scan, text);
        tried++;
        if (found.includes(rule.id)) wrong.push({ rule: rule.id, text, found });
      }
    }
  }
  return { missed, wrong, tried };
}

/** A format that is known by itself must be found wherever it stands; the others bring their surroundings along. */
function surroundingsOf(rule: PackRule, template: string): readonly ((token: string) => string)[] {
  const bare =
    rule.names === undefined && rule.confidence === undefined && !/[\s"'=]|^file:|<pem/u.test(template);
  return bare ? SURROUNDINGS : [(token) => token];
}
