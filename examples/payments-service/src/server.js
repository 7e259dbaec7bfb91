import { createServer } from 'node:http';
import pino from 'pino';
import { Ledger } from './ledger.js';

const log = pino();
const ledger = new Ledger();
const MAX_BODY = 10_000;

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/healthz') return answer(200, { status: 'up' });
  if (request.method === 'POST' && pathname === '/payments') {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
      if (body.length > MAX_BODY) return answer(413, { errors: ['the request is too large'] });
    }
    let input;
    try {
      input = JSON.parse(body);
    } catch {
      return answer(400, { errors: ['the request is not JSON'] });
    }
    const { payment, errors } = ledger.take(input ?? {});
    if (errors) return answer(422, { errors });
    log.info({ id: payment.id, amount: payment.amount, currency: payment.currency }, 'payment taken');
    return answer(201, payment);
  }
  if (request.method === 'GET' && pathname.startsWith('/payments/')) {
    const payment = ledger.find(pathname.slice('/payments/'.length));
    return payment ? answer(200, payment) : answer(404, { errors: ['no such payment'] });
  }
  return answer(404, { errors: ['no such path'] });
});

server.listen(Number(process.env.PORT ?? 8080), () => log.info(server.address(), 'listening'));
process.on('SIGTERM', () => server.close());
