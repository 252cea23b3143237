// pouchdb-server: the change feed of CouchDB (_changes?since=&limit=), _bulk_docs, conflicts as 409. In memory.
// GET /__log: { requests: [{ method, url, status }] }.
'use strict';

const { packaged, argument, ready, listen } = require('./serve.cjs');

const path = require('path');
const express = packaged('express');
const folder = argument('folder', '.');
const from_server = (name) => require(require.resolve(name, {
  paths: [require.resolve('pouchdb-server', { paths: [process.env.WEIR_COUNTERPARTS] })],
}));
const PouchDB = from_server('pouchdb-core')
  .plugin(from_server('pouchdb-adapter-memory'))
  .plugin(from_server('pouchdb-mapreduce'))
  .defaults({ adapter: 'memory' });
const requests = [];
const app = express();
app.get('/__log', (request, response) => response.json({ requests }));
app.use((request, response, next) => {
  const line = { method: request.method, url: request.url };
  requests.push(line);
  response.on('finish', () => {
    line.status = response.statusCode;
  });
  next();
});
app.use(from_server('express-pouchdb')(PouchDB, {
  mode: 'minimumForPouchDB',
  configPath: path.join(folder, 'config.json'),
  logPath: path.join(folder, 'log.txt'),
}));
const server = require('http').createServer(app);
listen(server).then((port) => ready({ port, url: `http://127.0.0.1:${port}` }));
