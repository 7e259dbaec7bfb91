import { defineScheme } from '../version.ts';

/** Texts by the bytes of their UTF-8 form, without normalisation (vers types, `lexicographic`). */
export const lexicographic = defineScheme<string>({
  name: 'lexicographic',
  expected: 'well-formed Unicode text',
  read: (text) => (text.isWellFormed() ? text : null),
  compare: compareCodePoints,
});

/** UTF-8 sorts by code point; UTF-16 does not, since surrogates stand below U+E000. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a.charCodeAt(i);
    const other = b.charCodeAt(i);
    if (one === other) continue;
    const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;
    if (isSurrogate(one) !== isSurrogate(other)) return isSurrogate(one) ? 1 : -1;
    return one - other;
  }
  return a.length - b.length;
}
