import { createConnection } from 'node:net';
import { SallyportError } from '../model/error.ts';

/**
 * Sends text to a socket and gives back what comes until the other side closes. `address` is a path, or HOST:PORT.
 * Throws SP-SOCKET where it cannot be reached, is slow, or says more than `bytes`.
 */
export function exchange(address: string, text: string, timeout: number, bytes: number): Promise<string> {
  const colon = address.lastIndexOf(':');
  const port = address.startsWith('/') || colon === -1 ? Number.NaN : Number(address.slice(colon + 1));
  const target = Number.isInteger(port) ? { host: address.slice(0, colon), port } : { path: address };
  return new Promise((resolve, reject) => {
    const socket = createConnection(target);
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (found: string) => {
      socket.destroy();
      clearTimeout(timer);
      reject(
        new SallyportError({
          code: 'SP-SOCKET',
          message: 'the socket gave no whole answer',
          place: { path: address },
          found,
        }),
      );
    };
    const timer = setTimeout(() => fail(`nothing within ${timeout} ms`), timeout);
    socket.on('error', (cause: NodeJS.ErrnoException) => fail(cause.code ?? cause.message));
    socket.on('data', (chunk) => {
      size += chunk.length;
      if (size > bytes) fail(`more than ${bytes} bytes`);
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      clearTimeout(timer);
      socket.end();
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    socket.write(text);
  });
}
