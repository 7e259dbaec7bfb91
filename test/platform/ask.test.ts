import { describe, expect, it } from 'vitest';
import { asker } from '../../src/platform/ask.ts';
import { VendorServer } from '../scan/secrets/verify/server.ts';

const question = {
  method: 'GET' as const,
  url: 'https://a.example/x',
  headers: {},
  limits: { bytes: 100, timeout: 300 },
};

describe('asking a server once', () => {
  it('gives the status and the start of the answer, follows no redirect and tries nothing again', async () => {
    const server = new VendorServer(() => ({ status: 503, body: 'y'.repeat(1000) }));
    const ask = await server.start();
    try {
      expect(await ask(question)).toEqual({ status: 503, body: Buffer.from('y'.repeat(100)) });
      server.answer(() => ({ status: 307, headers: { location: 'https://b.example/' } }));
      expect((await ask(question)).status).toBe(307);
      expect(server.seen.map(({ host }) => host)).toEqual(['a.example', 'a.example']);
      server.answer(() => ({ status: 200, wait: 2000 }));
      await expect(ask(question)).rejects.toMatchObject({
        problem: { code: 'SP-HTTP', found: 'TimeoutError' },
      });
    } finally {
      await server.stop();
    }
  });

  it('speaks https only, and shows nothing of what it was to send', async () => {
    const headers = { Authorization: 'Bearer se\ncret-0123456789' };
    for (const over of [{ url: 'http://a.example/' }, { headers }]) {
      const error = await asker()({ ...question, ...over }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ problem: { code: 'SP-HTTP' } });
      const { problem, message, stack } = error as Error & { problem: unknown };
      expect(JSON.stringify([problem, message, stack])).not.toContain('cret-0123');
    }
  });
});
