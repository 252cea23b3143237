// A small REST store that fails on order.
//
//   GET    /api/TYPE            a list: limit, offset, page (from 1), since and until (of updatedAt), order=asc|desc (by
//                               updatedAt, then arrival), ids=a,b and any field=value
//                               shape=wrapped: { items, total, next, cursor, more }; total=1: X-Total-Count; link=1: Link
//                               cursor=…: what "cursor" of the page before was
//   GET PATCH PUT DELETE        /api/TYPE/ID
//   POST   /api/TYPE            one record or an array; of an array the good ones go in although others are refused
//   PUT    /api/TYPE            an upsert, by id or by the fields of ?by=a,b
//
//   POST   /__plan  [ … ]       what goes wrong (faults.mjs); GET: how often each row struck
//   POST   /__edit  [ … ]       what people do here (store.mjs)
//   POST   /__config { … }      see Store.config
//   GET    /__log               { requests, applied, other }: what was asked, what was changed, what came to the other port
//   GET    /__data              { type: [ … ] }
//   POST   /__keep, /__restore  everything as it is, and back to it with empty logs and no plan
//
// With --durable it may be killed at any moment: what was changed is in a file of --folder before it is answered. With
// --port it comes back where it was.
import fs from 'node:fs';
import http from 'node:http';
import { Store } from './store.mjs';
import { Plan, FAULTS } from './faults.mjs';
import { argument, ready, listen, body_of } from './serve.cjs';

const store = new Store();
const plan = new Plan();
const requests = [];
const other = [];
const ports = {};
const repeats = new Map();
const file = process.argv.includes('--durable') ? `${argument('folder')}/state.json` : null;
const save = () => file && store.save(file, [...repeats]);
if (file && fs.existsSync(file)) for (const [key, answer] of store.load(file)) repeats.set(key, answer);

const json = (status, value, headers = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const refuse = (status, message) => json(status, { error: { status, message } });

const PAGING = new Set(['limit', 'offset', 'page', 'since', 'until', 'order', 'ids', 'shape', 'total', 'link', 'cursor',
  'by', 'access_token']);

const list = (type, query, url) => {
  let rows = store.list(type);
  if (query.get('ids')) rows = rows.filter((row) => query.get('ids').split(',').includes(String(row.id)));
  if (query.get('since')) rows = rows.filter((row) => row.updatedAt >= query.get('since'));
  if (query.get('until')) rows = rows.filter((row) => row.updatedAt < query.get('until'));
  for (const [name, value] of query) if (!PAGING.has(name)) rows = rows.filter((row) => String(row[name]) === value);
  const way = { asc: 1, desc: -1 }[query.get('order')];
  if (way) rows.sort((a, b) => way * ((a.updatedAt > b.updatedAt) - (a.updatedAt < b.updatedAt)));

  const limit = Number(query.get('limit') ?? rows.length);
  let offset = Number(query.get('offset') ?? 0);
  if (query.get('page')) offset = (Number(query.get('page')) - 1) * limit;
  if (query.get('cursor')) offset = Number(Buffer.from(query.get('cursor'), 'base64').toString());
  const items = rows.slice(offset, offset + limit);
  const more = offset + items.length < rows.length;
  const headers = {};
  if (query.get('total')) headers['X-Total-Count'] = String(rows.length);

  const cursor = more ? Buffer.from(String(offset + items.length)).toString('base64') : null;
  const next = new URL(url);
  if (query.get('page')) next.searchParams.set('page', Number(query.get('page')) + 1);
  else next.searchParams.set('offset', offset + items.length);
  if (query.get('link') && more) headers.Link = `<${next}>; rel="next", <${url}>; rel="self"`;
  if (query.get('shape') !== 'wrapped') return json(200, items, headers);
  return json(200, { items, total: rows.length, next: more ? String(next) : null, cursor, more }, headers);
};

const create = (type, given, n) => {
  const rows = Array.isArray(given) ? given : [given];
  const kept = [];
  const details = [];
  for (const form of rows) {
    const why = store.refused(form) ?? (form.id !== undefined && store.get(type, form.id) ? 'there is one already' : null);
    if (why) {
      details.push({ status: 422, message: why });
      continue;
    }
    kept.push(store.create(type, form));
    store.log(n, 'create', type, kept.at(-1));
  }
  if (details.length > 0) return json(422, { error: { status: 422, message: `${details.length} failed`, details } });
  if (!Array.isArray(given)) return json(201, kept[0]);
  if (store.config.bulk === 'none') return json(201, {});
  return json(201, store.config.bulk === 'shuffled' ? kept.reverse() : kept);
};

const upsert = (type, given, by, n) => {
  const rows = Array.isArray(given) ? given : [given];
  for (const form of rows) if (store.refused(form)) return refuse(422, store.refused(form));
  const kept = rows.map((form) => {
    const same = (row) => (by ? by.split(',').every((name) => row[name] === form[name]) : row.id === form.id);
    const old = store.list(type).find(same);
    const record = old ? store.update(type, old.id, form, false) : store.create(type, form);
    store.log(n, old ? 'update' : 'create', type, record);
    return record;
  });
  return json(200, Array.isArray(given) ? kept : kept[0]);
};

const one = (method, type, id, given, n) => {
  const old = store.get(type, id);
  if (!old) return refuse(404, `there is no ${type} ${id}`);
  if (method === 'GET') return json(200, old);
  if (method === 'DELETE') {
    store.remove(type, id);
    store.log(n, 'delete', type, old);
    return { status: 204, headers: {}, body: '' };
  }
  if (store.refused(given)) return refuse(422, store.refused(given));
  const record = store.update(type, id, given, method === 'PUT');
  store.log(n, 'update', type, record);
  return json(200, record);
};

// What is asked for, done, and what is to be answered.
const act = (request, url, text, n) => {
  const { auth } = store.config;
  if (auth && request.headers[auth.header] !== auth.value) return refuse(401, 'who are you?');
  const key = request.headers['idempotency-key'];
  if (store.config.idempotent && key && repeats.has(key)) return repeats.get(key);
  const [, api, type, id] = url.pathname.split('/').map(decodeURIComponent);
  if (api !== 'api' || !type) return refuse(404, 'there is nothing here');
  let given;
  try {
    given = text ? JSON.parse(text) : undefined;
  } catch {
    return refuse(400, 'the body is no JSON');
  }
  const { method } = request;
  let answer = refuse(405, `${method} is not for this path`);
  if (id) answer = one(method, type, id, given, n);
  else if (method === 'GET') answer = list(type, url.searchParams, url);
  else if (given === undefined) answer = refuse(400, 'there is no body');
  else if (method === 'POST') answer = create(type, given, n);
  else if (method === 'PUT') answer = upsert(type, given, url.searchParams.get('by'), n);
  if (method !== 'GET' && key && answer.status < 300) repeats.set(key, answer);
  if (method !== 'GET') save();
  return answer;
};

const control = (name, text) => {
  const given = text ? JSON.parse(text) : undefined;
  if (name === 'keep') store.keep();
  if (name === 'restore') {
    store.restore();
    plan.set([]);
    repeats.clear();
    requests.length = 0;
    other.length = 0;
  }
  if (name === 'plan' && given) plan.set(given);
  const answer = name === 'edit' ? given.map((edit) => store.edit(edit)) : name === 'config' && Object.assign(store.config, given);
  if (name === 'edit' || name === 'config' || name === 'restore') save();
  if (answer) return answer;
  if (name === 'log') return { requests, applied: store.applied, other };
  if (name === 'data') return Object.fromEntries([...store.types].map(([type]) => [type, store.list(type)]));
  return plan.rows;
};

const server = http.createServer({ keepAliveTimeout: 60000 }, async (request, response) => {
  const url = new URL(request.url, `http://127.0.0.1:${ports.main}`);
  const text = (await body_of(request)).toString();
  const send = ({ status, headers, body }) => {
    line.status = status;
    response.writeHead(status, headers);
    response.end(body);
  };
  const line = { n: requests.length + 1, method: request.method, path: url.pathname, query: decodeURIComponent(url.search),
    headers: request.headers, body: text, status: 0, fault: null };
  if (url.pathname.startsWith('/__')) {
    try {
      send(json(200, control(url.pathname.slice(3), text)));
    } catch (error) {
      send(refuse(400, error.message));
    }
    return;
  }
  requests.push(line);
  const row = plan.strike({ method: request.method, path: url.pathname, query: line.query, body: text });
  const again = (changed = {}) => {
    for (const [name, value] of Object.entries(changed.query ?? {})) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return act(request, url, text, line.n);
  };
  if (!row) {
    send(again());
    return;
  }
  line.fault = row.fault;
  await FAULTS[row.fault]({ row, act: async (changed) => again(changed), send, request, response, store, ports });
});

// The other port: who was sent here, and what they brought.
const elsewhere = http.createServer(async (request, response) => {
  const body = (await body_of(request)).toString();
  other.push({ method: request.method, url: request.url, headers: request.headers, body });
  const url = new URL(request.url, `http://127.0.0.1:${ports.other}`);
  const answer = request.method === 'GET' ? list(url.pathname.split('/')[2], url.searchParams, url) : json(200, {});
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
});

ports.main = await listen(server, Number(argument('port', 0)));
ports.other = await listen(elsewhere);
ready({ port: ports.main, other: ports.other, url: `http://127.0.0.1:${ports.main}` });
