import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { findAnchors } from '../../../src/scan/secrets/regex/anchor.ts';
import { PatternError } from '../../../src/scan/secrets/regex/ast.ts';
import { emitPattern } from '../../../src/scan/secrets/regex/emit.ts';
import { parsePattern } from '../../../src/scan/secrets/regex/parse.ts';

const emit = (source: string) => emitPattern(parsePattern(source).node);
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const find = (pattern: string, text: string) => new RegExp(emit(pattern)).exec(latin1(text))?.[0] ?? null;

describe('patterns in Go RE2 syntax', () => {
  it.each([
    ['a flag in the middle', 'p8e-(?i)[a-z]{3}', 'p8e-ABC', 'p8e-ABC'],
    ['a flag that ends with its group', '(?:(?i)ab)c', 'ABC', null],
    ['a flag taken back', '(?i)k(?-i:API)', 'KAPI', 'KAPI'],
    ['a flag taken back, other case', '(?i)k(?-i:API)', 'Kapi', null],
    ['a named group', '(?P<x>a+)b', 'aab', 'aab'],
    ['a POSIX class', '[[:alnum:]]{3}', '-a1B-', 'a1B'],
    ['a negated POSIX class', '[[:^digit:]]+', '12ab34', 'ab'],
    ['a brace that is no count', '^\\${(?:[A-Z]+)}$', '${ABC}', '${ABC}'],
    ['the end of the text, not of a line', 'a$', 'a\nb', null],
    ['the end of a line when asked', '(?m)a$', 'a\nb', 'a'],
    ['a dot that is not a line feed', 'a.c', 'a\nc', null],
    ['a dot that is anything', '(?s)a.c', 'a\nc', 'a\nc'],
    ['blanks that are Go’s, not Unicode’s', 'a\\sb', 'a\u00a0b', null],
    ['quoted text', '\\Qa.b\\E+', 'a.bb', 'a.bb'],
    ['hexadecimal and octal escapes', '\\x41\\x{42}\\103', 'ABC', 'ABC'],
    ['a hyphen in the middle of a class', '[\\w-.]+', 'a-.b', 'a-.b'],
    ['swapped greediness', '(?U)a+', 'aaa', 'a'],
    ['characters beyond ASCII as their bytes', '[à-ü]+ß', 'éüß', latin1('éüß')],
    ['the very end', 'a\\z', 'ba', 'a'],
  ])('%s', (_, pattern, text, expected) => {
    expect(find(pattern, text)).toBe(expected);
  });

  it.each([
    ['a(?=b)', 'invalid or unsupported Perl syntax', '(?=b', 1],
    ['(?<!a)b', 'invalid or unsupported Perl syntax', '(?<!', 0],
    ['(a)\\1', 'invalid escape sequence', '\\1', 3],
    ['ab**', 'invalid nested repetition operator', 'b**', 3],
    ['[b-a]', 'invalid character class range', 'b-a', 1],
    ['a{2000}', 'invalid repeat count', '{2000}', 1],
    ['(ab', 'missing closing )', '(ab', 0],
    ['[ab', 'missing closing ]', '[ab', 0],
    ['ab)', 'unexpected )', ')', 2],
    ['\\p{Greek}', 'Unicode property classes are not read here', '\\p{Gree', 0],
    ['\\', 'trailing backslash', '\\', 0],
    ['*a', 'missing argument to repetition operator', '*', 0],
  ])('%s is refused with its construct and place', (pattern, reason, construct, offset) => {
    const run = () => parsePattern(pattern);
    expect(run).toThrow(PatternError);
    try {
      run();
    } catch (error) {
      expect(error).toMatchObject({ reason, construct, offset });
    }
  });

  it('never does anything but parse or refuse, and what it makes is a regular expression', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '\\d',
      '[a-z]',
      '[^x]',
      '(',
      ')',
      '(?i)',
      '(?:',
      '|',
      '*',
      '+?',
      '{2,3}',
      '{',
      '^',
      '$',
      '.',
      '\\b',
      '-',
      ']',
      '[[:alpha:]]',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 30 }),
          fc.array(piece, { maxLength: 14 }).map((parts) => parts.join('')),
        ),
        (source) => {
          try {
            const emitted = emit(source);
            findAnchors(parsePattern(source).node);
            expect(() => new RegExp(emitted)).not.toThrow();
          } catch (error) {
            expect(error).toBeInstanceOf(PatternError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('matches as an implementation of RE2 does', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'A',
      '[ab]',
      '[^a]',
      '\\w',
      '.',
      '\\b',
      '(a|b)',
      '(?i:b)',
      '(?:ab?)',
    );
    const pattern = fc.array(fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '+?', '{1,2}')), {
      minLength: 1,
      maxLength: 5,
    });
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', 'B', '-', '\n'), { maxLength: 12 })
      .map((chars) => chars.join(''));
    fc.assert(
      fc.property(pattern, text, (parts, subject) => {
        // A count after an assertion is an error to both, in words of their own.
        const source = parts.map(([node, count]) => (node === '\\b' ? node : node + count)).join('');
        const theirs = RE2JS.compile(source).matcher(subject);
        const ours = new RegExp(emit(source)).exec(subject);
        expect(ours === null ? null : [ours.index, ours[0]]).toEqual(
          theirs.find() ? [theirs.start(), theirs.group()] : null,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('anchors', () => {
  const literals = (source: string) =>
    findAnchors(parsePattern(source).node)?.literals.map(({ text, min, max }) => `${text}:${min}-${max}`);

  it.each([
    ['ghp_[A-Za-z0-9]{36}', ['ghp_:0-0']],
    ['(?i)\\b[a-z]{2}_key', ['_key:2-2']],
    ['(?:AKIA|ASIA)[A-Z]{16}', ['akia:0-0', 'asia:0-0']],
    ['[Mm]eraki', ['meraki:0-0']],
    ['(?:^|[^a-z])token=', ['token=:0-1']],
    ['[a-z]+secret', undefined],
    ['(?:abc|[0-9])x', undefined],
    ['(?:abc)?def', ['def:0-3']],
  ])('%s', (source, expected) => {
    expect(literals(source)).toEqual(expected);
  });

  it('leaves a lazy run at the start to the search', () => {
    const anchors = findAnchors(parsePattern('(?i)[\\w.-]{0,50}?(?:secret|token)=\\w+').node);
    expect(anchors?.skip?.max).toBe(50);
    expect(anchors?.literals).toEqual([
      { text: 'secret=', min: 0, max: 0 },
      { text: 'token=', min: 0, max: 0 },
    ]);
  });
});
