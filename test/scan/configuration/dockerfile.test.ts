// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import { DockerfileParser } from 'dockerfile-ast';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../../../src/scan/configuration/dockerfile/parse.ts';
import { splitDockerfile } from '../../../src/scan/configuration/dockerfile/split.ts';
import { expand } from '../../../src/scan/configuration/dockerfile/variables.ts';
import { SourceText } from '../../../src/scan/configuration/text.ts';

const split = (text: string) => splitDockerfile(new SourceText('Dockerfile', text));
const parse = (text: string) => parseDockerfile(new SourceText('Dockerfile', text));
const lines = (text: string): string[] =>
  split(text).instructions.map(
    ({ keyword, rest, lineLength }) => `${keyword} ${rest.text.slice(0, lineLength)}`,
  );

describe('splitDockerfile', () => {
  it.each([
    ['FROM a\nRUN b \\\n  c\nUSER d', ['FROM a', 'RUN b   c', 'USER d']],
    ['FROM a\r\nRUN b \\\r\n  c\r\nUSER d\r\n', ['FROM a', 'RUN b   c', 'USER d']],
    ['FROM a\nRUN b \\\n# note\n\n  c', ['FROM a', 'RUN b   c']],
    ['FROM a\nRUN b \\  \n  c', ['FROM a', 'RUN b   c']],
    ['FROM a\nRUN b \\\\\nUSER c', ['FROM a', 'RUN b \\\\', 'USER c']],
    ['# escape=`\nFROM a\nRUN b `\nc\nCOPY d\\\nUSER e', ['FROM a', 'RUN b c', 'COPY d\\', 'USER e']],
    ['FROM a\nRUN <<EOF\nUSER b\n# no comment\nEOF\nUSER c', ['FROM a', 'RUN <<EOF', 'USER c']],
    ['FROM a\nCOPY <<-"X" <<Y /z\nb\n\tX\nc\nY\nUSER d', ['FROM a', 'COPY <<-"X" <<Y /z', 'USER d']],
    ['FROM a\nRUN echo "<<EOF"\nUSER b', ['FROM a', 'RUN echo "<<EOF"', 'USER b']],
    ['FROM a\nRUN ["a", "<<EOF"]\nUSER b', ['FROM a', 'RUN ["a", "<<EOF"]', 'USER b']],
    ['FROM a\nRUN a <<< b\nUSER c', ['FROM a', 'RUN a <<< b', 'USER c']],
    ['FROM a\nRUN b \rUSER c', ['FROM a', 'RUN b \rUSER c']],
    ['\u00a0FROM a\n\t  RUN b', ['FROM a', 'RUN b']],
    ['FR\\\nOM a', ['FROM a']],
    ['', []],
    ['# only\n\n', []],
    ['FROM a\nRUN b \\', ['FROM a', 'RUN b ']],
  ])('splits %j as the builder does', (text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  it('keeps comments, also those between continued lines, with their lines', () => {
    const { comments } = split('# one\nFROM a\nRUN b \\\n  # two\n  c\n');
    expect(comments.map(({ line, text }) => [line, text])).toEqual([
      [1, 'one'],
      [4, 'two'],
    ]);
  });

  it('knows where every character of a joined line stands', () => {
    const text = 'FROM a\nRUN one \\\n# x\n  two \\\n  three';
    const [, run] = split(text).instructions;
    for (const word of ['one', 'two', 'three']) {
      const at = run?.rest.text.indexOf(word) ?? -1;
      expect(run?.rest.span(at, at + word.length).start).toBe(text.indexOf(word));
    }
  });

  it('takes a doubtful escape directive and an open heredoc for problems', () => {
    expect(split('# a=b\n# escape=`\nFROM a').problems.map(({ code }) => code)).toEqual([
      'SP-CONFIGURATION-SYNTAX',
    ]);
    expect(split('# escape=x\nFROM a').problems).toHaveLength(1);
    expect(split('FROM a\nRUN <<EOF\nb').problems).toHaveLength(1);
    expect(split('# syntax=docker/dockerfile:1\n# escape=`\nFROM a')).toMatchObject({
      syntax: 'docker/dockerfile:1',
      escape: '`',
      problems: [],
    });
  });

  const word = fc.constantFrom('a', 'b=c', '"d e"', '--x=y', '$F', '&&', '/g');
  const keyword = fc.constantFrom('RUN', 'COPY', 'ENV', 'USER', 'CMD', 'LABEL', 'run');
  const gap = fc.constantFrom(' ', '  ', ' \\\n  ', ' \\\n# note\n  ', ' \\\r\n\t');
  const instruction = fc
    .tuple(keyword, fc.array(fc.tuple(gap, word), { minLength: 1, maxLength: 5 }))
    .map(([key, rest]) => key + rest.map(([space, text]) => space + text).join(''));
  const dockerfile = fc
    .array(fc.oneof({ weight: 4, arbitrary: instruction }, fc.constantFrom('# note', '', '  # note')), {
      maxLength: 12,
    })
    .map((rest) => ['FROM x', ...rest, ''].join('\n'));

  it('sees the instructions that dockerfile-ast sees in ordinary files (property)', () => {
    fc.assert(
      fc.property(dockerfile, (text) => {
        const other = DockerfileParser.parse(text)
          .getInstructions()
          .map((each) => [each.getKeyword(), each.getRange().start.line + 1]);
        expect(split(text).instructions.map(({ keyword: key, startLine }) => [key, startLine])).toEqual(
          other,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and every place lies in the text (property)', () => {
    const piece = fc.constantFrom(
      'FROM a',
      'RUN ',
      'COPY ',
      '<<EOF',
      'EOF',
      '\\',
      '\n',
      '\r',
      ' ',
      '#',
      '"',
      "'",
      '[',
      ']',
      ',',
      '$X',
      '${',
      '--from=b',
      'ONBUILD ',
      '# escape=`\n',
      'ENV a=b',
      'USER ',
      '\u2028',
      '\u00a0',
      '=',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        for (const { start, end, args, flags, pairs } of parse(text).instructions)
          for (const span of [{ start, end }, ...args, ...flags, ...pairs]) {
            expect(span.start).toBeGreaterThanOrEqual(0);
            expect(span.end).toBeGreaterThanOrEqual(span.start);
            expect(span.end).toBeLessThanOrEqual(text.length);
          }
      }),
      { numRuns: 2000 },
    );
  });

  it('needs time in proportion to the text, whatever it is', () => {
    const seeds = [
      '\\\n',
      'RUN a \\\n# b\n',
      'FROM a\n',
      '<<A ',
      'RUN <<A\n',
      'ENV a=b ',
      '"',
      '${',
      '[',
      'ONBUILD ',
      '# a=b\n',
      ' ',
      'ARG A=$A$A\n',
      'COPY --from=a ',
      '\\ ',
    ];
    for (const seed of seeds) {
      const start = performance.now();
      parse(`FROM a\nRUN ${seed.repeat(Math.ceil(200_000 / seed.length))}`);
      parse(`FROM a\n${seed.repeat(Math.ceil(200_000 / seed.length))}`);
      expect(performance.now() - start, JSON.stringify(seed)).toBeLessThan(3000);
    }
  });
});

describe('parseDockerfile', () => {
  it('reads stages, what they are built from, and images that files come from', () => {
    const file = parse(
      'ARG V=24\nFROM --platform=$BUILDPLATFORM node:${V} AS Build\nFROM build AS test\nFROM scratch\nCOPY --from=build /a /b\nCOPY --from=0 /a /b\nCOPY --from=busybox:1 /a /b\nRUN --mount=type=bind,from=alpine:3,target=/x y',
    );
    expect(
      file.stages.map(({ name, base, parent }) => [name, base.kind, base.expanded.value, parent?.name]),
    ).toEqual([
      ['build', 'image', 'node:24', undefined],
      ['test', 'stage', 'build', 'build'],
      [null, 'scratch', 'scratch', undefined],
    ]);
    expect(file.extraImages.map(({ expanded }) => expanded.value)).toEqual(['busybox:1', 'alpine:3']);
    expect(file.stages[0]?.base.from.map(({ startLine }) => startLine)).toEqual([1]);
  });

  it('reads the pairs of ENV, LABEL and ARG in all their forms', () => {
    const pairs = (text: string) =>
      parse(`FROM a\n${text}`).instructions[1]?.pairs.map(({ name, value }) => [name, value?.text ?? null]);
    expect(pairs('ENV A=b C="d e" F=\'g h\' I=j\\ k')).toEqual([
      ['A', 'b'],
      ['C', 'd e'],
      ['F', 'g h'],
      ['I', 'j k'],
    ]);
    expect(pairs('ENV A b c  d')).toEqual([['A', 'b c  d']]);
    expect(pairs('ARG A B=c')).toEqual([
      ['A', null],
      ['B', 'c'],
    ]);
    expect(pairs('LABEL "a.b"="c d"')).toEqual([['a.b', 'c d']]);
    expect(pairs('ENV A=b \\\n  C=d')).toEqual([
      ['A', 'b'],
      ['C', 'd'],
    ]);
  });

  it('puts variables in as the builder does', () => {
    const user = (text: string) => {
      const file = parse(text);
      return file.instructions.findLast(({ keyword }) => keyword === 'USER')?.args[0]?.expanded.value;
    };
    expect(user('FROM a\nARG U=x\nUSER $U')).toBe('x');
    expect(user('ARG U=x\nFROM a\nUSER $U')).toBe('${U}');
    expect(user('ARG U=x\nFROM a\nARG U\nUSER $U')).toBe('x');
    expect(user('FROM a AS b\nENV U=x\nFROM b\nUSER $U')).toBe('x');
    expect(user('FROM a AS b\nARG U=x\nFROM b\nUSER $U')).toBe('${U}');
    expect(user('FROM a\nENV U=x V=$U\nUSER $V')).toBe('${V}');
    expect(user("FROM a\nENV U=x\nUSER '$U'")).toBe('$U');
    expect(user('FROM a\nENV U=x\nUSER \\$U')).toBe('$U');
  });

  it.each([
    ['FROM a\nFOO b', /FOO/u],
    ['RUN a', /no FROM/u],
    ['', /no FROM/u],
    ['FROM', /names no image/u],
    ['FROM a\n<html>', /HTML/u],
  ])('refuses %j', (text, message) => {
    const { problems } = parse(text);
    expect(problems[0]?.code).toBe('SP-CONFIGURATION-SYNTAX');
    expect(problems[0]?.message).toMatch(message);
  });

  it('refuses what is too long or too deep, rather than look at a part', () => {
    expect(parse(`FROM a\n${'RUN a\n'.repeat(10_001)}`).problems[0]?.code).toBe('SP-CONFIGURATION-LIMIT');
    expect(parse(`FROM a\nRUN ${'$('.repeat(100)}`).problems[0]?.code).toBe('SP-CONFIGURATION-LIMIT');
  });
});

describe('expand', () => {
  const lookup = (name: string): string | null | undefined => ({ A: 'a', E: '', N: null })[name];
  it.each([
    ['$A', 'a', []],
    ['${A}b', 'ab', []],
    ['${A:-x}', 'a', []],
    ['${E:-x}${E-y}', 'x', []],
    ['${N:-x}${U-y}', 'xy', []],
    ['${A:+x}${E:+y}${E+z}', 'xz', []],
    ['${U:-${A}}', 'a', []],
    ['$U ${N}', '${U} ${N}', ['U', 'N']],
    ['${A%x}', '${A}', ['A']],
    ['\\$A $ $1', '$A $ $1', []],
    ['${A', '${A', []],
  ])('%s is %s', (text, value, unknown) => {
    expect(expand(text, lookup)).toMatchObject({ value, unknown });
  });

  it('is bounded in length and depth (property)', () => {
    expect(expand('$A'.repeat(100), () => 'x'.repeat(1000)).value.length).toBeLessThanOrEqual(4096);
    const nested = `${'${U:-'.repeat(500)}x${'}'.repeat(500)}`;
    expect(expand(nested, () => undefined).unknown.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', '+', '\\', 'x') }),
        (text) => {
          expect(expand(text, lookup).value.length).toBeLessThanOrEqual(4200);
        },
      ),
    );
  });
});
