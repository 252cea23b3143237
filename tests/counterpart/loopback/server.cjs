// LegacyMyWell on LoopBack 3 with SQLite, in the folder given by --folder.
//
//   /api/villages /api/resources /api/readings   LoopBack's own REST API, for who has a token (/api/Users/login)
//   POST /__sql  { sql, params }                 what people and accidents do behind the API's back; gives the rows
//   POST /__expire                               ends every token
//
// log.jsonl in the folder is the truth of what was written: { kind: "request" | "write" | "message", … }.
//   --older 206     a reading older than the resource's last one is stored, and answered with an error of status 206
'use strict';

const http = require('http');
const path = require('path');
const { packaged, argument, ready, listen, log_to } = require('../serve.cjs');
const { village, resource, reading, tables, pool } = require('./models.cjs');

const loopback = packaged('loopback');
const folder = argument('folder', '.');
const log = log_to(folder);
const DAY = 24 * 60 * 60 * 1000;

const refuse = (status, message) => Object.assign(new Error(message), { statusCode: status });

const app = loopback();
app.set('remoting', { rest: { handleErrors: false }, json: { limit: '100kb' } });
app.set('legacyExplorer', false);
const memory = app.dataSource('memory', { connector: 'memory' });
const db = app.dataSource('db', {
  connector: packaged('loopback-connector-sqlite3'),
  file: path.join(folder, 'mywell.db'),
});
// SQLite's last rowid is no id of a model whose ids are given by hand.
db.connector.getInsertedId = (model, info) => (model === 'reading' ? info && info.lastID : undefined);

for (const name of ['User', 'AccessToken', 'ACL', 'RoleMapping', 'Role']) {
  app.model(loopback[name], { dataSource: 'memory', public: name === 'User' });
}

const acls = [
  { principalType: 'ROLE', principalId: '$unauthenticated', permission: 'DENY', property: '*' },
  { principalType: 'ROLE', principalId: '$authenticated', permission: 'ALLOW', property: '*' },
];

const model_of = ({ name, plural, properties }) => {
  const model = app.registry.createModel(name, properties, { plural, base: 'PersistedModel', idInjection: false, acls });
  app.model(model, { dataSource: 'db' });
  let now = 0;
  model.observe('before save', async (ctx) => {
    // A replace that leaves createdAt out resets it, as a create sets it.
    const data = ctx.instance || ctx.data;
    now = Math.max(now + 1, Date.now());
    if (ctx.instance && !data.createdAt) data.createdAt = new Date(now);
    data.updatedAt = new Date(now);
  });
  model.observe('after save', async (ctx) => {
    const verb = ctx.isNewInstance ? 'create' : 'update';
    log.write({ kind: 'write', verb, model: name, record: ctx.instance || ctx.data, where: ctx.where });
  });
  model.observe('after delete', async (ctx) => {
    if (ctx.info && ctx.info.count > 0) {
      log.write({ kind: 'write', verb: 'delete', model: name, where: ctx.where, count: ctx.info.count });
    }
  });
  return model;
};

const Village = model_of(village);
const Resource = model_of(resource);
const Reading = model_of(reading);

// A resource without a number gets one out of the pool of its type. Two at once may get the same.
Resource.observe('before save', async (ctx) => {
  const one = ctx.instance;
  if (!one || one.id) return;
  if (!one.villageId) throw new Error('id or villageId is required to create a new resource');
  const range = pool[one.type] || [1, 0];
  const used = new Set();
  for (const other of await Resource.find({ where: { postcode: one.postcode } })) {
    used.add(Number(String(other.id).substring(2, 4)));
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  let next = range[0];
  while (used.has(next)) next++;
  if (next > range[1]) {
    throw new Error(`all ids are taken for pincode ${one.postcode}, village ${one.villageId}, type ${one.type}`);
  }
  one.id = Number(`${one.villageId}${next}`);
});

Resource.observe('after save', async (ctx) => {
  if (ctx.isNewInstance) log.write({ kind: 'message', to: ctx.instance.mobile || ctx.instance.owner, id: ctx.instance.id });
});

Resource.updateResourceByIdAndPostcode = async (data) => {
  if (!data.id || !data.postcode) throw refuse(400, 'Id and postcode is required');
  const one = await Resource.findOne({ where: { and: [{ id: data.id }, { postcode: data.postcode }] } });
  if (!one) throw refuse(404, `Could not find resource for id: ${data.id} and postcode: ${data.postcode}`);
  const set = {};
  for (const name of ['geo', 'last_value', 'well_depth', 'last_date', 'owner', 'elevation', 'type', 'image', 'mobile',
    'email', 'villageId']) {
    if (data[name]) set[name] = data[name];
  }
  const where = { id: data.id, postcode: data.postcode };
  await Resource.updateAll(where, set);
  return Resource.findOne({ where });
};
Resource.remoteMethod('updateResourceByIdAndPostcode', {
  accepts: [{ arg: 'data', type: 'object', required: true, http: { source: 'body' } }],
  returns: { arg: 'resource', type: 'resource', root: true },
  http: { path: '/updateResourceByIdAndPostcode', verb: 'post', status: 200 },
});

Reading.observe('before save', async (ctx) => {
  const data = ctx.instance || ctx.data;
  if (data.date && new Date(data.date).getTime() > Date.now() + DAY) {
    throw refuse(400, 'the date is more than a day ahead');
  }
  if (typeof data.value === 'number') data.value = Math.round(data.value * 100) / 100; // decimal(10,2)
});

// The row is in by now, whatever is thrown here.
Reading.observe('after save', async (ctx) => {
  if (!ctx.isNewInstance) return;
  const { resourceId, postcode, date, value } = ctx.instance;
  const where = { id: resourceId, postcode };
  const one = await Resource.findOne({ where });
  if (!one) throw new Error('resource doesnt exist!');
  if (!one.last_date || date >= one.last_date) {
    await Resource.updateAll(where, { last_date: date, last_value: value });
  } else if (argument('older')) {
    throw refuse(Number(argument('older')), 'Reading recorded, but resource not updated. A newer reading exists.');
  }
});

Reading.saveOrCreate = async (data) => {
  if (!data.value) throw refuse(400, 'value is required');
  const where = { date: data.date, postcode: data.postcode, resourceId: data.resourceId };
  const one = await Reading.findOne({ where });
  return one ? one.updateAttributes({ value: data.value }) : Reading.create(data);
};
Reading.remoteMethod('saveOrCreate', {
  accepts: [{ arg: 'data', type: 'object', required: true, http: { source: 'body' } }],
  returns: { arg: 'reading', type: 'reading', root: true },
  http: { path: '/saveOrCreate', verb: 'post', status: 200 },
});

const sql = (text, params = []) =>
  new Promise((resolve, fail) => db.connector.execute(text, params, (error, rows) => (error ? fail(error) : resolve(rows))));

let under_way = 0;
app.use((request, response, next) => {
  const { method, url } = request;
  under_way++;
  let told = false;
  const tell = () => {
    if (!told) log.write({ kind: 'request', method, url, status: response.statusCode, under_way });
    under_way -= told ? 0 : 1;
    told = true;
  };
  response.on('finish', tell);
  response.on('close', tell);
  next();
});
app.post('/__sql', packaged('body-parser').json({ limit: '10mb' }), (request, response) =>
  sql(request.body.sql, request.body.params).then(
    (rows) => response.json(rows || []),
    (error) => response.status(500).json({ error: error.message }),
  ));
app.post('/__expire', (request, response) =>
  app.models.AccessToken.destroyAll().then((info) => response.json(info)));

const start = async () => {
  for (const statement of tables.split(';')) {
    if (statement.trim()) await sql(statement.replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'));
  }
  await app.models.User.create({ username: 'weir', email: 'weir@example.org', password: 'water' });
  app.enableAuth({ dataSource: 'memory' });
  app.use(loopback.token({ model: app.models.AccessToken }));
  app.use('/api', loopback.rest());
  app.use(loopback.urlNotFound());
  app.use(packaged('strong-error-handler')({ debug: false, log: false }));
  const port = await listen(http.createServer(app));
  ready({ port, url: `http://127.0.0.1:${port}`, log: log.file, user: 'weir', password: 'water' });
};

if (memory) start();
