import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit, Fix } from '../../../src/model/finding.ts';
import { applyEdits, applySafeFixes } from '../../../src/scan/configuration/fix.ts';
import { SourceText } from '../../../src/scan/configuration/text.ts';
import { scan } from './memory-tree.ts';

const edit = (line: number, column: number, endLine: number, endColumn: number, text: string): Edit => ({
  place: { path: 'f', line, column, endLine, endColumn },
  text,
});

describe('applyEdits', () => {
  it('makes edits in any order at the places of the text before', () => {
    expect(applyEdits('abc\ndef\n', [edit(2, 1, 2, 2, 'XYZ'), edit(1, 2, 1, 3, '')])).toBe('ac\nXYZef\n');
  });

  it('keeps the byte order mark and the line ends', () => {
    expect(applyEdits('\uFEFFab\r\ncd\r\n', [edit(1, 1, 1, 2, 'X'), edit(2, 3, 2, 3, '!')])).toBe(
      '\uFEFFXb\r\ncd!\r\n',
    );
  });

  it('refuses edits that overlap or insert at one place', () => {
    const refused = expect.objectContaining({ code: 'SP-FIX-OVERLAP' });
    expect(() => applyEdits('abcd', [edit(1, 1, 1, 3, ''), edit(1, 2, 1, 4, '')])).toThrow(refused);
    expect(() => applyEdits('abcd', [edit(1, 2, 1, 2, 'x'), edit(1, 2, 1, 2, 'y')])).toThrow(refused);
  });

  it.each([
    edit(0, 1, 1, 1, ''),
    edit(1, 0, 1, 1, ''),
    edit(1, 9, 1, 9, ''),
    edit(9, 1, 9, 1, ''),
    edit(1, 3, 1, 2, ''),
    edit(1.5, 1, 2, 1, ''),
  ])('refuses a place that is not there: $place', (wrong) => {
    expect(() => applyEdits('abc', [wrong])).toThrow(expect.objectContaining({ code: 'SP-FIX-PLACE' }));
  });

  it('replaces exactly what it is told, whatever the text (property)', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n', 'é', '𝄞') });
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat(), fc.string(), (text, a, b, replacement) => {
        const source = new SourceText('f', text);
        const [start = 0, end = 0] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y);
        fc.pre(text[start] !== '\n' || text[start - 1] !== '\r');
        fc.pre(text[end] !== '\n' || text[end - 1] !== '\r');
        const place = source.place({ start, end });
        expect(applyEdits(text, [{ place, text: replacement }])).toBe(
          text.slice(0, start) + replacement + text.slice(end),
        );
      }),
    );
  });
});

describe('applySafeFixes', () => {
  const fix = (safe: boolean, ...edits: Edit[]): Fix => ({ description: '', safe, edits });

  it('makes the safe ones, each wholly or not at all', () => {
    const { text, applied } = applySafeFixes('abcdef', [
      fix(true, edit(1, 1, 1, 2, 'X')),
      fix(false, edit(1, 2, 1, 3, 'Y')),
      fix(true, edit(1, 5, 1, 6, 'Z'), edit(1, 1, 1, 2, 'W')),
      fix(true, edit(1, 4, 1, 5, 'V')),
    ]);
    expect([text, applied]).toEqual(['XbcVef', 2]);
  });

  it('leaves a file in which the finding is gone and nothing else is changed', async () => {
    const file =
      'FROM a\r\nADD app.py conf.yaml /srv/\r\nadd data.tar.gz /srv/\r\n# sallyport:allow DL3008 old\r\nADD archive /srv/\r\n';
    const { hits } = await scan({ Dockerfile: file });
    const { text, applied } = applySafeFixes(
      file,
      hits.flatMap((hit) => hit.fix ?? []),
    );
    expect(applied).toBe(2);
    expect(text).toBe(
      'FROM a\r\nCOPY app.py conf.yaml /srv/\r\nadd data.tar.gz /srv/\r\nADD archive /srv/\r\n',
    );
  });

  it('offers ADD to COPY as safe only where both do the same', async () => {
    const safe = async (line: string, files: Record<string, string> = {}): Promise<boolean | undefined> => {
      const { hits } = await scan({ Dockerfile: `FROM a\n${line}\n`, ...files });
      return hits.find(({ rule }) => rule === 'DL3020')?.fix?.safe;
    };
    expect(await safe('ADD a.py /x')).toBe(true);
    expect(await safe('ADD src /x', { 'src/a.py': '' })).toBe(true);
    expect(await safe('ADD --chown=1:1 a.py /x')).toBe(true);
    expect(await safe('ADD src /x')).toBe(false);
    expect(await safe('ADD *.py /x')).toBe(false);
    expect(await safe('ADD $A.py /x')).toBe(false);
    expect(await safe('ADD --unpack=true a.py /x')).toBe(false);
    expect(await safe('ADD a.py https://x/y /x')).toBeUndefined();
    expect(await safe('ONBUILD ADD a.py /x')).toBeUndefined();
  });

  it('offers to bind a port to the machine, but not as safe', async () => {
    const file = 'services:\n  a:\n    image: x\n    ports: ["5432:5432"]\n';
    const { hits } = await scan({ 'compose.yml': file });
    const found = hits.find(({ rule }) => rule === 'SPC114')?.fix;
    expect(found?.safe).toBe(false);
    expect(applyEdits(file, found?.edits ?? [])).toContain('ports: ["127.0.0.1:5432:5432"]');
  });
});
