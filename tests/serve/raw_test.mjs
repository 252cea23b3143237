// Bytes that no proper client says. What is refused must end its connection: libmicrohttpd 0.9.75 would answer the
// second request of each of these, which a proxy in front of it never saw as one.
import assert from "node:assert/strict";
import net from "node:net";
import { Server, sleep, story, until } from "./server.mjs";

const SECOND = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

// What must be answered with a 400 (a length past all numbers: 413) and nothing behind it.
const refused = {
  "two lengths": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 35\r\n\r\n",
  "two equal lengths": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\ncontent-length: 0\r\n\r\n",
  "two hosts": "GET /version HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
  "no host": "GET /version HTTP/1.1\r\n\r\n",
  "a length beside an encoding": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "an encoding beside a length": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
  "two encodings": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
  "an unknown encoding": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  "an encoding behind gzip": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "an encoding with a tab": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
  "a negative length": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
  "a length with a plus": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
  "a list of lengths": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 0\r\n\r\n",
  "a length past all numbers": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
  "a hexadecimal length": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello",
  "a space before the colon": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
  "a header without a colon": "GET /version HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n",
  "a header without a name": "GET /version HTTP/1.1\r\nHost: x\r\n: broken\r\n\r\n",
  "a NUL in a header": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n",
  "a folded header": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c: d\r\n\r\n",
  "a folded encoding": "POST /v1/syncs/a/run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
  "a folded first header": "GET /version HTTP/1.1\r\n Host: x\r\nHost: x\r\n\r\n",
  "a bare CR in a header": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\rTransfer-Encoding: chunked\r\n\r\n",
  "a bare CR before a name": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\r\n\rX-B: c\r\n\r\n",
  "a bare LF": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\nX-B: c\r\n\r\n",
  "a tab that is none": "GET /version HTTP/1.1\r\nHost: x\r\nX-A: b\x0bc\r\n\r\n",
  "%00": "GET /v1/syncs/a%00b HTTP/1.1\r\nHost: x\r\n\r\n",
  "%00 in the query": "GET /version?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
  "a broken escape": "GET /version%g0 HTTP/1.1\r\nHost: x\r\n\r\n",
  "half an escape": "GET /version% HTTP/1.1\r\nHost: x\r\n\r\n",
  "broken UTF-8": "GET /v1/syncs/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
  "a line break in the query": "GET /version?a=%0d%0aX: HTTP/1.1\r\nHost: x\r\n\r\n",
  "a parameter twice": "GET /version?org=a&org=b HTTP/1.1\r\nHost: x\r\n\r\n",
  "an absolute target": "GET http://y/version HTTP/1.1\r\nHost: x\r\n\r\n",
  "an asterisk": "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
  "a target without a slash": "GET version HTTP/1.1\r\nHost: x\r\n\r\n",
};

// Chunks that are none: the connection ends, with or without words, and what follows is no request.
const chunks = ["zz\r\nhello\r\n", "-1\r\n", "5\r\nhelloX", "ffffffffffffffff1\r\n", "0x5\r\nhello\r\n", "5 \r\nhello\r\n", "+5\r\nhello\r\n", "\r\n"];

async function smuggling(server) {
  const wrong = [];
  for (const [name, bytes] of Object.entries(refused)) {
    const { said, statuses, closed } = await server.raw(bytes + SECOND, { seconds: 5 });
    // The library says the head of its own refusals twice, and then closes.
    const right = statuses.length > 0 && statuses.every((status) => status === 400 || status === 413) && closed &&
      /\r\nConnection: close\r\n/i.test(said);
    if (!right) wrong.push(`${name}: ${closed ? "closed" : "open"} behind ${JSON.stringify(said)}`);
  }
  assert.deepEqual(wrong, []);
}

async function brokenChunks(server) {
  const wrong = [];
  for (const chunk of chunks) {
    const head = `POST /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const { said, statuses, closed } = await server.raw(head + chunk + SECOND, { seconds: 10 });
    const right = closed && statuses.length <= 1 && !(statuses[0] < 300);
    if (!right) wrong.push(`${JSON.stringify(chunk)}: ${closed ? "closed" : "open"} behind ${JSON.stringify(said)}`);
  }
  assert.deepEqual(wrong, []);
}

// Behind a proper request that is answered before its body was read there is no second one.
async function refusedBodies(server) {
  const heads = [
    "POST /v1/tokens HTTP/1.1\r\nHost: x\r\n", // no token
    `POST /v1/nothing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\n`,
    `DELETE /version HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\n`,
    "GET /version HTTP/1.1\r\nHost: x\r\n", // takes none
  ];
  for (const head of heads) {
    for (const body of [`Content-Length: ${SECOND.length}\r\n\r\n`, `Transfer-Encoding: chunked\r\n\r\n${SECOND.length.toString(16)}\r\n`]) {
      const { said, statuses, closed } = await server.raw(head + body + SECOND + "\r\n0\r\n\r\n" + SECOND, { seconds: 5 });
      assert.equal(statuses.length, 1, `${head}${body}${said}`);
      assert.ok(statuses[0] >= 400 && closed, `${head}${body}${said}`);
    }
  }
}

async function properOnes(server) {
  const two = await server.raw(SECOND + SECOND + SECOND.replace("1.1\r\n", "1.1\r\nConnection: close\r\n"));
  assert.deepEqual(two.statuses, [200, 200, 200], two.said);
  const old = await server.raw("GET /version HTTP/1.0\r\n\r\n");
  assert.deepEqual(old.statuses, [200], old.said);
  assert.ok(old.closed);
  const head = await server.raw("HEAD /version HTTP/1.1\r\nHost: x\r\n\r\n" + SECOND.replace("Host", "Connection: close\r\nHost"));
  assert.deepEqual(head.statuses, [200, 200], head.said);
  assert.equal(head.said.split('"version"').length, 2, `HEAD has no body: ${head.said}`);
  const options = await server.call("OPTIONS", "/v1/tokens");
  assert.equal(options.status, 405);
  assert.equal(options.headers.allow, "GET, HEAD, POST");
  const parts = ['{"nam', 'e":"by chunks","role":"ops-limited","org":"quite"', "}"];
  const body = parts.map((part) => `${part.length.toString(16)};a=b\r\n${part}\r\n`).join("") + "0\r\nX-Trailer: 1\r\n\r\n";
  const chunked = await server.raw(
    `POST /v1/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${server.token}\r\nTransfer-Encoding: Chunked\r\n\r\n${body}`);
  assert.deepEqual(chunked.statuses, [201], chunked.said);
  const awaited = await server.raw(
    `POST /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n`,
    { enough: (said) => said.includes("100 Continue") });
  assert.ok(awaited.said.includes("100 Continue"), awaited.said);
}

async function tooLarge(server) {
  const head = await server.raw(`GET /version HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(100000)}\r\n\r\n${SECOND}`);
  assert.ok([413, 431].includes(head.statuses[0]) && head.statuses.length === 1 && head.closed, head.said);
  const target = await server.raw(`GET /${"a".repeat(100000)} HTTP/1.1\r\nHost: x\r\n\r\n${SECOND}`);
  assert.ok([400, 413, 414, 431].includes(target.statuses[0]) && target.statuses.length === 1 && target.closed, target.said);
  const many = await server.raw(`GET /version HTTP/1.1\r\nHost: x\r\n${"a:b\r\n".repeat(50000)}\r\n${SECOND}`);
  assert.ok(many.statuses.length <= 1 && many.statuses[0] !== 200 && many.closed, many.said);
  const bearer = `Host: x\r\nAuthorization: Bearer ${server.token}\r\n`;
  const told = await server.raw(`POST /v1/tokens HTTP/1.1\r\n${bearer}Content-Length: 1000000\r\n\r\n${SECOND}`);
  assert.deepEqual(told.statuses, [413], told.said);
  assert.ok(told.closed);
  // Nobody says how large it is: it ends where it is too much, not at its end.
  const piece = "4000\r\n" + "a".repeat(0x4000) + "\r\n";
  const streamed = await server.raw(`POST /v1/tokens HTTP/1.1\r\n${bearer}Transfer-Encoding: chunked\r\n\r\n${piece.repeat(64)}`, { seconds: 10 });
  assert.ok(streamed.closed, "a body without end is read on and on");
  assert.ok(streamed.statuses.every((status) => status === 413), streamed.said);
}

// Whatever drips steadily ends at its absolute time (WEIR_HEAD_MS, WEIR_BODY_MS, WEIR_ANSWER_MS).
async function drips(server) {
  const slow = await Promise.all([
    server.raw("", {}),
    server.raw("GET /version HTTP/1.1\r\nHost: x\r\nX-A: " + "a".repeat(1000), { drip: 50 }),
    server.raw(`POST /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 1000\r\n\r\n`, {}),
    server.raw(`POST /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\nContent-Length: 1000\r\n\r\n` + " ".repeat(999), { drip: 20 }),
    server.raw(SECOND, {}), // and then nothing
  ]);
  slow.forEach((one, i) => assert.ok(one.closed, `drip ${i} stays open: ${one.said}`));
  assert.deepEqual(slow[4].statuses, [200]);
  for (const i of [0, 1, 2, 3]) assert.ok(!slow[i].statuses.some((status) => status < 300), `drip ${i}: ${slow[i].said}`);
}

// More than there may be: they wait or are turned away, and when they go everybody is served again.
async function flood(server) {
  const sockets = [];
  for (let i = 0; i < 1100; i++) {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
    if (i % 100 === 99) await sleep(1);
  }
  await until("an end of the flood", async () => sockets.every((socket) => socket.readyState !== "opening"), 20).catch(() => {});
  for (const socket of sockets) socket.destroy();
  const answer = await until("an answer behind the flood", () => server.call("GET", "/version").catch(() => undefined));
  assert.equal(answer.status, 200);
}

// Somebody asks for much and reads nothing: the answer is given up, the server goes on.
async function deafReader(server) {
  for (let i = 0; i < 40; i++) {
    await server.ask(201, "POST", "/v1/tokens", { name: `${i}${"x".repeat(100)}`, role: "biz-limited", org: "o" });
  }
  const audit = `GET /v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\n\r\n`;
  const socket = net.connect({ port: server.port, host: "127.0.0.1" });
  const ended = new Promise((done) => socket.on("error", done).on("close", done));
  socket.pause();
  for (let i = 0; i < 2000 && !socket.destroyed; i++) socket.write(audit);
  assert.equal((await server.call("GET", "/version")).status, 200);
  await sleep(1500); // past its time; it isn't known here before something is read
  socket.resume();
  await ended;
  assert.equal((await server.call("GET", "/version")).status, 200);
}

const server = new Server({ env: { WEIR_HEAD_MS: "700", WEIR_BODY_MS: "700", WEIR_ANSWER_MS: "700" } });
await server.start();
await story(server, { smuggling, brokenChunks, refusedBodies, properOnes, tooLarge, drips, flood, deafReader });
