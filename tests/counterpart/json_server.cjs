// json-server: page numbers (_page, _limit, _sort), X-Total-Count, Link. A bulk POST answers 201 and gives no ids.
// --data FILE is its db.json. GET /__log: { requests: [{ method, url, status }] }.
'use strict';

const { packaged, argument, ready, listen } = require('./serve.cjs');

const json_server = packaged('json-server');
const app = json_server.create();
const requests = [];
app.get('/__log', (request, response) => response.json({ requests }));
app.use((request, response, next) => {
  const line = { method: request.method, url: request.url };
  requests.push(line);
  response.on('finish', () => {
    line.status = response.statusCode;
  });
  next();
});
app.use(json_server.defaults({ logger: false, static: __dirname }));
app.use(json_server.router(argument('data')));
const server = require('http').createServer(app);
listen(server).then((port) => ready({ port, url: `http://127.0.0.1:${port}` }));
