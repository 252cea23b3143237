// oauth2-mock-server: client credentials and refresh tokens at /token, and a list behind it that asks for a token.
//
//   GET  /api/wells            401 without one of the tokens given out that is still good
//   POST /__config  { life, rotate, refuse, shape }: seconds that a token is good for; whether a refresh token can be used
//                   once only; whether /token refuses; its errors' form ("oauth" | "problem")
//   POST /__expire             ends every token
//   GET  /__log     { tokens: [{ grant, refresh, basic }], requests: [{ url, status }] }
'use strict';

const { packaged, ready, listen } = require('./serve.cjs');

const http = require('http');
const express = packaged('express');
const { OAuth2Server } = packaged('oauth2-mock-server');

const config = { life: 3600, rotate: false, refuse: false, shape: 'oauth' };
const good = new Map(); // token -> when it ends
const spent = new Set();
const log = { tokens: [], requests: [] };
const oauth = new OAuth2Server();
let count = 0;

const refuse = (response, error, status) => {
  if (config.shape === 'problem') {
    response.status(status).type('application/problem+json').send({ type: 'about:blank', title: error, status });
  } else {
    response.status(status).json({ error, error_description: 'not this time' });
  }
};

oauth.service.on('beforeResponse', (answer, request) => {
  const grant = request.body.grant_type;
  count++;
  answer.body.access_token = `${answer.body.access_token}.${count}`;
  answer.body.expires_in = config.life;
  good.set(answer.body.access_token, Date.now() + config.life * 1000);
  if (grant === 'refresh_token' || config.rotate) answer.body.refresh_token = config.rotate ? `refresh-${count}` : 'refresh-0';
});

const app = express();
app.use(express.json());
app.post('/token', express.urlencoded({ extended: false }), (request, response, next) => {
  const { grant_type: grant, refresh_token: refresh } = request.body;
  const basic = request.headers.authorization || null;
  const line = { grant, refresh, basic, client: request.body.client_id, scope: request.body.scope };
  log.tokens.push(line);
  if (config.refuse) return refuse(response, 'invalid_client', 401);
  if (grant === 'refresh_token' && config.rotate) {
    if (spent.has(refresh)) return refuse(response, 'invalid_grant', 400);
    spent.add(refresh);
  }
  return next();
});
app.get('/api/wells', (request, response) => {
  const token = (request.headers.authorization || '').replace(/^Bearer /, '');
  const status = (good.get(token) || 0) > Date.now() ? 200 : 401;
  log.requests.push({ url: request.url, status });
  if (status === 401) return response.status(401).json({ error: 'invalid_token' });
  return response.json([{ id: '1', name: 'North well' }, { id: '2', name: 'South well' }]);
});
app.post('/__config', (request, response) => response.json(Object.assign(config, request.body)));
app.post('/__expire', (request, response) => {
  good.clear();
  response.json({});
});
app.get('/__log', (request, response) => response.json(log));
app.use(oauth.service.requestHandler);

const start = async () => {
  await oauth.issuer.keys.generate('RS256');
  const port = await listen(http.createServer(app));
  oauth.issuer.url = `http://127.0.0.1:${port}`;
  ready({ port, url: oauth.issuer.url });
};
start();
