// The fault server's plan: a list of
//
//   { match: { method, path, query, body }, nth, times, fault, … }
//
// `path`, `query` and `body` are regular expressions (the query decoded). The fault strikes the `nth` request that
// matches (from 1, which is also what is meant without it) and the following ones, `times` in all (1; 0: all). What a
// fault of one kind takes besides is said where it is done.
import { gzipSync, createGzip } from 'node:zlib';
import { once } from 'node:events';
import { Buffer } from 'node:buffer';

export class Plan {
  rows = [];

  set(rows) {
    this.rows = rows.map((row) => ({ ...row, met: 0, fired: 0 }));
    for (const row of this.rows) if (!(row.fault in FAULTS)) throw new Error(`there is no fault "${row.fault}"`);
  }

  // The first row that strikes this request; every row that matches counts it.
  strike({ method, path, query, body }) {
    let found = null;
    for (const row of this.rows) {
      const { match = {} } = row;
      const fits =
        (!match.method || match.method === method) &&
        (!match.path || new RegExp(match.path).test(path)) &&
        (!match.query || new RegExp(match.query).test(query)) &&
        (!match.body || new RegExp(match.body).test(body));
      if (!fits) continue;
      row.met++;
      const first = row.nth ?? 1;
      const times = row.times ?? 1;
      if (row.met >= first && (times === 0 || row.met < first + times) && !found) {
        row.fired++;
        found = row;
      }
    }
    return found;
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The whole answer as one would send it, in a socket's bytes.
const raw = (answer, framing, body) => {
  const lines = [`HTTP/1.1 ${answer.status} Answer`];
  for (const [name, value] of Object.entries(answer.headers)) lines.push(`${name}: ${value}`);
  if (framing === 'length') lines.push(`Content-Length: ${body.length}`);
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked');
  lines.push('Connection: close', '', '');
  return Buffer.from(lines.join('\r\n'));
};

// Each is given what is needed to go wrong: the row, the request, the way to do what was asked (`act`, which gives the
// answer without sending it) and the way to send an answer.
export const FAULTS = {
  // Done, and the answer never comes.
  async lost({ act, response }) {
    await act();
    response.destroy();
  },
  // Nothing is done, and no answer comes.
  async drop({ response }) {
    response.destroy();
  },
  // Nothing more is heard: after it was done (`applied`), or before.
  async silent({ row, act }) {
    if (row.applied) await act();
  },
  // Done, but some machine in front of it answers for it: `status` (504).
  async gateway({ row, act, send }) {
    await act();
    send({ status: row.status ?? 504, headers: { 'Content-Type': 'text/html' }, body: '<html>Gateway time-out</html>' });
  },
  // The body breaks off after `at` bytes (half of it), in a framing of length, chunked or close.
  async truncated({ row, act, response }) {
    const answer = await act();
    const body = Buffer.from(answer.body);
    const part = body.subarray(0, row.at ?? body.length >> 1);
    const framing = row.framing ?? 'length';
    const socket = response.socket;
    socket.write(raw(answer, framing, body));
    if (framing === 'chunked') socket.write(`${part.length.toString(16)}\r\n`);
    socket.write(part);
    if (framing === 'chunked') socket.write('\r\n');
    socket.end();
  },
  // The whole body, ended by the connection's close alone.
  async closed({ act, response }) {
    const answer = await act();
    const body = Buffer.from(answer.body);
    response.socket.write(raw(answer, 'close', body));
    response.socket.end(body);
  },
  // `every` ms (20) a byte, for `bytes` bytes (all).
  async drip({ row, act, response }) {
    const answer = await act();
    const body = Buffer.from(answer.body);
    response.socket.write(raw(answer, 'length', body));
    for (let i = 0; i < (row.bytes ?? body.length) && !response.socket.destroyed; i++) {
      response.socket.write(body.subarray(i, i + 1));
      await wait(row.every ?? 20);
    }
  },
  // A small gzip of `megabytes` (200) of blanks in front of the list.
  async bomb({ row, response }) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
    const gzip = createGzip();
    gzip.pipe(response);
    response.on('close', () => gzip.destroy());
    const gone = once(gzip, 'close').catch(() => {});
    const blanks = Buffer.alloc(1 << 20, ' ');
    for (let i = 0; i < (row.megabytes ?? 200) && !gzip.destroyed; i++) {
      if (!gzip.write(blanks)) await Promise.race([once(gzip, 'drain'), gone]);
    }
    if (!gzip.destroyed) gzip.end('[]');
  },
  // Compressed, and cut off in the middle of the compressed bytes.
  async gzip_truncated({ act, response }) {
    const answer = await act();
    const body = gzipSync(Buffer.from(answer.body));
    const part = body.subarray(0, body.length >> 1);
    response.writeHead(answer.status, { ...answer.headers, 'Content-Encoding': 'gzip', 'Content-Length': part.length });
    response.end(part);
  },
  // Some other answer, and nothing is done: status, type, body (or base64), headers. `after` is Retry-After as it stands,
  // `after_date` so many seconds from now as a date.
  async answer({ row, send }) {
    const headers = { 'Content-Type': row.type ?? 'text/html', ...row.headers };
    if (row.after !== undefined) headers['Retry-After'] = String(row.after);
    if (row.after_date !== undefined) headers['Retry-After'] = new Date(Date.now() + row.after_date * 1000).toUTCString();
    const body = row.base64 ? Buffer.from(row.base64, 'base64') : row.body ?? '';
    send({ status: row.status ?? 200, headers, body });
  },
  // To the same path of this host (`to` = "same"), of this host's other port ("other"), or to a URL. Done, or not.
  async redirect({ row, act, send, request, ports }) {
    if (row.applied) await act();
    const base = { same: `http://127.0.0.1:${ports.main}`, other: `http://127.0.0.1:${ports.other}` }[row.to ?? 'same'];
    const to = base ? base + (row.path ?? request.url) : row.to;
    send({ status: row.status ?? 302, headers: { Location: to }, body: '' });
  },
  // The list's answer, with some of its parameters changed: { offset: 0 } gives the first page again, { limit: 2 } a
  // short one. Those that are null are left out.
  async list({ row, act, send }) {
    send(await act({ query: row.query }));
  },
  // An empty list that looks whole.
  async empty({ send }) {
    send({ status: 200, headers: { 'Content-Type': 'application/json' }, body: '[]' });
  },
  // People's changes `before` the request is looked at, or `after` its answer is made.
  async shift({ row, act, send, store }) {
    for (const edit of row.before ?? []) store.edit(edit);
    const answer = await act();
    for (const edit of row.after ?? []) store.edit(edit);
    send(answer);
  },
  // Later: `ms`.
  async delay({ row, act, send }) {
    await wait(row.ms ?? 100);
    send(await act());
  },
  // It is done twice, as by a proxy that repeats what it thinks was lost.
  async twice({ act, send }) {
    await act();
    send(await act());
  },
};
