import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const page = readFileSync(join(root, 'docs/trust-rules.md'), 'utf8');

interface Row {
  rule: number;
  attack: string;
  test: string;
  file: string;
}

/** The rows of the page, each under its rule. */
function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  let rule = 0;
  for (const line of text.split('\n')) {
    const heading = /^## ([0-9]+)\. /u.exec(line);
    if (heading !== null) rule = Number(heading[1]);
    const row = /^\| (.+) \| \[(.+)\]\(\.\.\/(test\/\S+\.test\.ts)\) \|$/u.exec(line);
    if (row !== null) rows.push({ rule, attack: row[1] ?? '', test: row[2] ?? '', file: row[3] ?? '' });
    else if (/^\| (?!attack \|)/u.test(line)) throw new Error(`not a row: ${line}`);
  }
  return rows;
}

/** The numbers of rules that tests are named after, by file. */
function namedTests(): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const name of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts') || name.startsWith('e2e/') || name === 'trust-rules.test.ts') continue;
    const text = readFileSync(join(root, 'test', name), 'utf8');
    const numbers = [
      ...text.matchAll(/'rules? ([0-9]+)(?: and ([0-9]+))?: |\(rule ([0-9]+)\)', (?:async )?\(/gu),
    ]
      .flatMap(([, ...all]) => all)
      .filter((number) => number !== undefined)
      .map(Number);
    if (numbers.length > 0) found.set(`test/${name}`, new Set(numbers));
  }
  return found;
}

describe('the rules of trust', () => {
  const rows = rowsOf(page);
  const named = namedTests();

  it('are all on the page, in order, each with an attack', () => {
    const rules = [...page.matchAll(/^## ([0-9]+)\. /gmu)].map(([, number]) => Number(number));
    expect(rules).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
    for (const rule of rules)
      expect(rows.filter((row) => row.rule === rule).length, `${rule}`).toBeGreaterThan(0);
  });

  it.each(rows.map((row) => [row.rule, row.attack, row] as const))(
    '%i: %s',
    (_rule, _attack, { test, file }) => {
      const text = readFileSync(join(root, file), 'utf8');
      expect(text.includes(`'${test}'`), `${file} has no test named ${test}`).toBe(true);
    },
  );

  it('each have a test that is named after the number, in a file of their rows', () => {
    for (let rule = 1; rule <= 14; rule += 1) {
      const files = rows.filter((row) => row.rule === rule).map((row) => row.file);
      expect(
        files.some((file) => named.get(file)?.has(rule)),
        `rule ${rule}`,
      ).toBe(true);
    }
  });

  it('have no test that the page does not lead to', () => {
    for (const [file, rules] of named)
      for (const rule of rules)
        expect(
          rows.some((row) => row.file === file && row.rule === rule),
          `rule ${rule} in ${file}`,
        ).toBe(true);
  });

  it('are not on the page twice under one attack', () => {
    const attacks = rows.map(({ rule, attack }) => `${rule} ${attack}`);
    expect(new Set(attacks).size).toBe(attacks.length);
  });
});
