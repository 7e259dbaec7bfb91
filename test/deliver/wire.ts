import type { Http, HttpRequest } from '../../src/platform/http.ts';

/** A server that is asked and answers in order; what it was asked is kept. */
export function wire(...answers: { status?: number; body: string | object }[]): {
  http: Http;
  asked: HttpRequest[];
  left: () => number;
} {
  const asked: HttpRequest[] = [];
  return {
    asked,
    left: () => answers.length,
    http: {
      get: async () => {
        throw new Error('nothing is fetched here');
      },
      request: async (request) => {
        asked.push(request);
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`not expected: ${request.url} ${String(request.body)}`);
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        return {
          status: answer.status ?? 200,
          url: request.url,
          header: () => null,
          body: Buffer.from(text),
        };
      },
    },
  };
}

/** The form that was sent, by name. */
export function formOf(request: HttpRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(String(request?.body)));
}
