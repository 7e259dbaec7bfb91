import { SallyportError } from '../model/error.ts';

/** All of the standard input. Throws SP-FILE-TOO-LARGE for more than `limit` bytes. */
export async function readStdin(
  limit: number,
  input: AsyncIterable<Uint8Array> = process.stdin,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of input) {
    size += piece.length;
    if (size > limit) {
      throw new SallyportError({
        code: 'SP-FILE-TOO-LARGE',
        message: 'too much comes in',
        place: { path: 'stdin' },
        expected: `at most ${limit} bytes`,
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
