// A GGMN as far as it is known: Django REST pages, basic auth, values as texts, strict about UTC. The paths behind /api
// and the numbers are made up.
//
//   GET  /api/locations/?page=&page_size=          { count, next, previous, results: [{ id, code, name, … }] }
//   GET  /api/search/?q=ID                         the same, of the locations whose code or name holds ID
//   GET  /api/timeseries/?location__name=ID        the same: { uuid, code, location, events }
//   POST /api/timeseries/UUID/data/                [{ datetime, value }]; a datetime that isn't UTC is a 500
//   GET  /api/timeseries/UUID/data/?start=&end=    the events (epoch ms): { timestamp, value } or { timestamp, min, max }
//
//   POST /__edit { uuid, events }                  what others measured; GET /__log { requests, applied }
//   --locations N   so many (30); two of them share the text of ST-007
import http from 'node:http';
import { argument, ready, listen, body_of } from './serve.cjs';

const USER = 'weir';
const PASSWORD = 'water';
const requests = [];
const applied = [];
let root;

const locations = [];
const timeseries = new Map();
for (let i = 1; i <= Number(argument('locations', 30)); i++) {
  const code = `ST-${String(i).padStart(3, '0')}`;
  locations.push({ id: i, code, name: code, country: 'IN', geometry: { type: 'Point', coordinates: [73 + i / 100, 24, 0] } });
  const uuid = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
  timeseries.set(uuid, { uuid, code: i % 2 ? 'GWmMSL' : 'gwmbgs', location: code, events: [] });
}
// A search for the one finds the other too.
locations.push({ ...locations[6], id: locations.length + 1, code: `${locations[6].code}-B`, name: `${locations[6].code}-B` });

const page_of = (rows, url) => {
  const size = Math.min(Number(url.searchParams.get('page_size') ?? 10), 100);
  const page = Number(url.searchParams.get('page') ?? 1);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  if (!(page >= 1 && page <= pages)) return [404, { detail: 'Invalid page.' }];
  const at = (n) => {
    const to = new URL(url);
    to.searchParams.set('page', n);
    return String(to);
  };
  return [200, {
    count: rows.length,
    next: page < pages ? at(page + 1) : null,
    previous: page > 1 ? at(page - 1) : null,
    results: rows.slice((page - 1) * size, page * size),
  }];
};

const write = (series, rows, n) => {
  if (!Array.isArray(rows)) return [400, { detail: 'a list is wanted' }];
  for (const { datetime, value } of rows) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(datetime)) return [500, '<h1>Server Error (500)</h1>'];
    if (Number.isNaN(Number(value))) return [400, [{ value: ['A valid number is required.'] }]];
  }
  for (const { datetime, value } of rows) {
    const timestamp = Date.parse(datetime);
    const event = series.events.find((one) => one.timestamp === timestamp);
    applied.push({ request: n, verb: event ? 'update' : 'create', uuid: series.uuid, timestamp, value: String(value) });
    if (event) event.value = String(value);
    else series.events.push({ timestamp, value: String(value) });
  }
  series.events.sort((a, b) => a.timestamp - b.timestamp);
  return [200, { status: 'ok' }];
};

const answer = (request, url, text, n) => {
  if (url.pathname === '/__log') return [200, { requests, applied }];
  if (url.pathname === '/__edit') {
    const { uuid, events } = JSON.parse(text);
    timeseries.get(uuid).events.push(...events);
    return [200, {}];
  }
  const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  if (request.headers.authorization !== basic) return [401, { detail: 'Invalid username/password.' }];
  const [, , kind, uuid] = url.pathname.split('/');
  if (kind === 'locations') return page_of(locations, url);
  if (kind === 'search') {
    const q = url.searchParams.get('q') ?? '';
    return page_of(locations.filter((one) => one.code.includes(q) || one.name.includes(q)), url);
  }
  if (kind !== 'timeseries') return [404, { detail: 'Not found.' }];
  if (!uuid) {
    const name = url.searchParams.get('location__name');
    return page_of([...timeseries.values()].filter((one) => !name || one.location === name), url);
  }
  const series = timeseries.get(uuid);
  if (!series) return [404, { detail: 'Not found.' }];
  if (request.method === 'POST') return write(series, JSON.parse(text), n);
  const from = Number(url.searchParams.get('start') ?? 0);
  const to = Number(url.searchParams.get('end') ?? Infinity);
  return [200, series.events.filter((one) => one.timestamp >= from && one.timestamp < to)];
};

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, root);
  const text = (await body_of(request)).toString();
  const line = { n: requests.length + 1, method: request.method, url: decodeURIComponent(request.url), body: text };
  if (!url.pathname.startsWith('/__')) requests.push(line);
  const [status, body] = answer(request, url, text, line.n);
  line.status = status;
  response.writeHead(status, { 'Content-Type': typeof body === 'string' ? 'text/html' : 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
});

const port = await listen(server);
root = `http://127.0.0.1:${port}`;
ready({ port, url: root, user: USER, password: PASSWORD });
