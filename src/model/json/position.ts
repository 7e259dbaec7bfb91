/**
 * Line and column of a byte in UTF-8 text, both from 1; columns in UTF-16 code units as everywhere in the model.
 * A line ends with `\n`, so that `\r\n` and `\n` count alike.
 */
export function positionAt(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const end = Math.min(offset, bytes.length);
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    start = at + 1;
  }
  let column = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    // Continuation bytes belong to the unit before; four-byte sequences are two units.
    if ((byte & 0xc0) !== 0x80) column += byte >= 0xf0 ? 2 : 1;
  }
  if (start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf && end > 2) column--;
  return { line, column };
}
