// Takes webhooks at /hook/NAME, checks who sent them, and answers as it is told.
//
//   POST /__set  { NAME: { secret, answers } }
//                answers: one a request, then 200: a status, "slow" (no answer for a minute), "close" (the connection
//                ends), "half" (it ends within the answer), "redirect" (307)
//   GET  /__log  [{ name, event, delivery, good, body, answer }]   good: the signature is the secret's
import { createHmac, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import serve from './serve.cjs';

const hooks = {};
const log = [];

// As a receiver should: over the bytes that came, in constant time, and not long after they were signed.
const is_good = (secret, given, body) => {
  const [, seconds, seal] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(given || '') || [];
  if (!seal || Math.abs(Date.now() / 1000 - seconds) > 300) return false;
  const right = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
  return timingSafeEqual(right, Buffer.from(seal, 'hex'));
};

const answer_with = {
  slow: (response) => setTimeout(() => response.end(), 60000).unref(),
  close: (response) => response.socket.destroy(),
  half: (response) => {
    response.socket.write('HTTP/1.1 200 OK\r\nContent-Le');
    response.socket.end();
  },
  redirect: (response) => response.writeHead(307, { Location: '/hook/elsewhere' }).end(),
};

const take = (name, request, response, body) => {
  const hook = hooks[name] || {};
  const answer = (hook.answers || []).shift() || 200;
  const { 'weir-event': event, 'weir-delivery': delivery, 'weir-signature': signature } = request.headers;
  const good = is_good(hook.secret || '', signature, body);
  log.push({ name, event, delivery, answer, good, body: JSON.parse(body) });
  if (answer_with[answer]) answer_with[answer](response);
  else response.writeHead(Number(answer), { 'Content-Type': 'text/plain' }).end('x'.repeat(100));
};

const server = http.createServer(async (request, response) => {
  const body = await serve.body_of(request);
  const [, name] = /^\/hook\/([^/?]+)/.exec(request.url) || [];
  if (name) return take(name, request, response, body);
  if (request.url === '/__set') Object.assign(hooks, JSON.parse(body));
  response.setHeader('Content-Type', 'application/json');
  return response.end(JSON.stringify(request.url === '/__log' ? log : {}));
});

const port = await serve.listen(server);
serve.ready({ port, url: `http://127.0.0.1:${port}` });
