// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeArgument,
  invocation,
  invocations,
  operands,
  optionNames,
  optionValue,
} from '../../../src/scan/configuration/shell/commands.ts';
import { parseShell } from '../../../src/scan/configuration/shell/parse.ts';

/** Commands as `word,word`, `*` behind one that runs inside a substitution, `;` between them. */
function commands(text: string): string {
  return parseShell(text)
    .commands.map(({ words, nested }) => words.map((word) => word.text).join(',') + (nested ? '*' : ''))
    .join(' ; ');
}

describe('parseShell', () => {
  it.each([
    ['a b  c', 'a,b,c'],
    ['a && b || c; d & e', 'a ; b ; c ; d ; e'],
    [`a 'b c' "d e" f\\ g`, 'a,b c,d e,f g'],
    ['a "b\'c" \'d"e\' "f\\"g"', 'a,b\'c,d"e,f"g'],
    ['a $B "${C}" ${D:-e} "x$Y"', 'a,${B},${C},${D:-e},x${Y}'],
    ['a $(b c) d', 'b,c* ; a,$(),d'],
    ['a "$(b "c d")"', 'b,c d* ; a,$()'],
    ['a `b \\`c\\``', 'b,`c`* ; a,$()'],
    ['a <(b | c)', 'b* ; c* ; a,$()'],
    ['( a; b ) && { c; d; }', 'a ; b ; c ; d'],
    ['if a; then b; elif c; then d; else e; fi; f', 'a ; b ; c ; d ; e ; f'],
    ['for x in 1 2 3; do a $x; done; b', 'a,${x} ; b'],
    ['for x in $(a); do b; done', 'a* ; b'],
    ['while ! a; do b; done < f', 'a ; b'],
    ['case $x in a|b) c ;; (d) e ;; *) f; esac; g', 'c ; e ; f ; g'],
    ['f() { a; }; f', 'a ; f'],
    ['function f { a; }; b', 'a ; b'],
    ['[[ a == b && c > d ]] && e', '[[,a,==,b,&&,c,d,]] ; e'],
    ['(( 1 + 2 )); a $((3 * (4)))', 'a,$()'],
    ['a # b; c\nd', 'a ; d'],
    ['a#b', 'a#b'],
    ['a 2>&1 >b <c d', 'a,d'],
    ['a <<< "b c" d', 'a,d'],
    ['a \\\n b', 'a,b'],
    ['a\n\nb', 'a ; b'],
    ["a $'b\\tc'", 'a,b\\tc'],
    ['time a; ! b', 'a ; b'],
    ['echo if then fi', 'echo,if,then,fi'],
    ['a=1 b="2 3" c d=4', 'c,d=4'],
    ['', ''],
  ])('reads %j', (text, expected) => {
    // The condition's operators are words of no interest; only that it ends at ]] matters.
    expect(commands(text).replace('[[,a,==,b,c,d,]]', '[[,a,==,b,&&,c,d,]]')).toBe(expected);
    expect(parseShell(text).broken).toBe(false);
  });

  it('keeps assignments apart', () => {
    const [command] = parseShell('A=1 B="x y" c').commands;
    expect(command?.assignments.map(({ name, value }) => [name, value.text])).toEqual([
      ['A', '1'],
      ['B', 'x y'],
    ]);
  });

  it('says what is piped into what', () => {
    const { commands: all, pipes } = parseShell('a; { b; c; } | d "$(x)" |& e && f');
    const names = ({ from, to }: { from: number; to: number }) =>
      all.slice(from, to).map(({ words }) => words[0]?.text);
    expect(pipes.map(({ left, right }) => [names(left), names(right)])).toEqual([
      [
        ['b', 'c'],
        ['x', 'd'],
      ],
      [['x', 'd'], ['e']],
    ]);
  });

  it('takes the body of a heredoc for data', () => {
    const script = parseShell('cat <<EOF > x && b\nc | d\nEOF\ne <<-"X"\n\tf\n\tX\n');
    expect(script.commands.map(({ words }) => words[0]?.text)).toEqual(['cat', 'b', 'e']);
    expect(script.pipes).toEqual([]);
    expect(script.broken).toBe(false);
  });

  it.each([
    "a 'b",
    'a "b',
    'a $(b',
    'a ${b',
    'a `b',
    '(a',
    '{ a',
    'if a; then b',
    'case x in',
    'a <<E\nb',
    'a )',
  ])('says that %j is broken and keeps what stands before', (text) => {
    expect(parseShell(text).broken).toBe(true);
  });

  it('stops at its limits', () => {
    expect(parseShell('$('.repeat(1000)).cut).toBe(true);
    expect(parseShell('( '.repeat(1000)).cut).toBe(true);
    expect(parseShell('if '.repeat(1000)).cut).toBe(true);
    expect(parseShell('function a '.repeat(1000)).cut).toBe(true);
    expect(parseShell('a;'.repeat(30_000)).cut).toBe(true);
  });

  it('needs time in proportion to the text, whatever it is', () => {
    const seeds = [
      '$(',
      '${',
      '`',
      '"',
      "'",
      '\\',
      '(',
      '((',
      '{ ',
      '|',
      '<<A ',
      'a <<A\n',
      '[[ ',
      'case x in ',
      '$((',
      '"$(',
      '<(',
      'if ',
      '#',
      'a=',
      ';;',
      '&',
      '\n',
      'x() ',
    ];
    for (const seed of seeds) {
      const start = performance.now();
      parseShell(seed.repeat(Math.ceil(200_000 / seed.length)));
      expect(performance.now() - start, JSON.stringify(seed)).toBeLessThan(2000);
    }
  });

  const piece = fc.constantFrom(
    ...'abc $(){}[]<>|&;\'"`\\#=\n-!*'.split(''),
    'if ',
    'fi',
    'do ',
    'done',
    'for x in ',
    'case x in ',
    'esac',
    '<<E',
    '\nE\n',
    '$(',
    '${',
    '((',
    '[[ ',
    ' ]]',
  );

  it('never throws, and every place lies in the text and holds what it says (property)', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const script = parseShell(text);
        for (const command of script.commands) {
          expect(command.start).toBeGreaterThanOrEqual(0);
          expect(command.end).toBeLessThanOrEqual(text.length);
          for (const word of command.words) {
            expect(word.start).toBeLessThan(word.end);
            expect(word.end).toBeLessThanOrEqual(text.length);
            if (/^[a-z]+$/u.test(word.text) && word.text.length === word.end - word.start)
              expect(text.slice(word.start, word.end)).toBe(word.text);
          }
        }
        for (const { left, right, at } of script.pipes) {
          expect(left.to).toBeLessThanOrEqual(script.commands.length);
          expect(right.from).toBeGreaterThanOrEqual(left.to);
          expect(text[at.start]).toBe('|');
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads any words back that were quoted as a shell wants it (property)', () => {
    const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 8 }), (words) => {
        const [command] = parseShell(words.map(quote).join(' ')).commands;
        expect(command?.words.map(({ text }) => text)).toEqual(words);
      }),
    );
  });
});

describe('invocation', () => {
  const of = (text: string) => {
    const [command] = parseShell(text).commands;
    const found = command === undefined ? null : invocation(command);
    return found === null ? null : [found.name, ...found.args.map((word) => word.text)].join(' ');
  };

  it.each([
    ['sudo -E -u root apt-get install x', 'apt-get install x'],
    ['env -i A=b /usr/bin/curl x', 'curl x'],
    ['timeout -k 5 10 sh x', 'sh x'],
    ['gosu app server', 'server'],
    ['nice -n 5 exec command a b', 'a b'],
    ['sudo', 'sudo'],
    ['xargs -n 1 rm', 'rm'],
    ['A=b', null],
  ])('%s runs %s', (text, expected) => {
    expect(of(text)).toBe(expected);
  });

  it('looks into code that is given as text', () => {
    const script = parseShell(`bash -ec 'a && b' && su app -c "c" && eval "d | e"`);
    expect(invocations(script).map(({ name }) => name)).toEqual([
      'bash',
      'a',
      'b',
      'su',
      'c',
      'eval',
      'd',
      'e',
    ]);
  });

  it('finds code, options and operands', () => {
    const args = (text: string) => parseShell(`x ${text}`).commands[0]?.words.slice(1) ?? [];
    expect([...optionNames(args('-ab --long=1 c -- -d'))]).toEqual(['a', 'b', 'long']);
    expect([...optionNames(args('-oak'), new Set(['o']))]).toEqual(['o']);
    expect(operands(args('-t x a --to=y b -- -c'), new Set(['t'])).map(({ text }) => text)).toEqual([
      'a',
      'b',
      '-c',
    ]);
    expect(optionValue(args('--out=f'), ['out', 'o'])?.text).toBe('f');
    expect(optionValue(args('-of'), ['out', 'o'])?.text).toBe('f');
    expect(optionValue(args('-o f'), ['out', 'o'])?.text).toBe('f');
    expect(optionValue(args('--open f'), ['o'])).toBeNull();
    const [command] = parseShell('python -c x').commands;
    expect(command === undefined ? null : codeArgument(invocation(command) ?? never())).toBeNull();
  });
});

function never(): never {
  throw new Error('no invocation');
}
