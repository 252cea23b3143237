// Secrets are searched for: a datasource's, tokens, a webhook's. They may stand where they are kept and nowhere else: in no
// answer, log, error, dead letter, audit line, nor in the bytes of any file.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { Server, story, until } from "./server.mjs";

const SECRET = "canary-5f1d9c3a7e";
const HOOK = "canary-hook-8842b1";
const answers = [];
let remote;

// A datasource that says back what it was given: in an error, and in a record.
function echoServer() {
  return new Promise((done) => {
    const server = http.createServer((request, answer) => {
      const given = request.headers.authorization ?? "";
      if (request.url.startsWith("/fails")) {
        answer.writeHead(500, { "Content-Type": "application/json" }).end(JSON.stringify({ error: `no: ${given}` }));
      } else {
        answer.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify([{ id: "1", name: "fine" }, { id: "2", name: 7 }]));
      }
      server.seen.push(given);
    });
    server.seen = [];
    server.listen(0, "127.0.0.1", () => done(server));
  });
}

const lua = (port, at) => `local weir = require "weir"
return weir.sync {
  datasource = weir.http {
    name = "echo", base = "http://127.0.0.1:${port}", auth = weir.auth.bearer(weir.secret "echo"),
    types = { thing = { path = "/${at}", key = "id" } },
  },
  datatypes = { thing = weir.datatype { name = "text" } },
  types = { "thing" },
  pull = { thing = { name = function(r) print(tostring(weir.secret "echo")) return r.name end } },
}
`;

async function ask(server, method, target, body, token) {
  const answer = await server.call(method, target, body, token ? { token } : {});
  answers.push({ what: `${method} ${target}`, text: answer.text + JSON.stringify(answer.headers) });
  return answer;
}

async function live(server) {
  remote = await echoServer();
  const { port } = remote.address();
  server.write("data/settings", `allow_private = 127.0.0.1\n`);
  server.write("data/secrets/acme/echo", SECRET + "\n");
  fs.chmodSync(path.join(server.folder, "data/secrets/acme/echo"), 0o600);
  for (const at of ["works", "fails"]) server.write(`syncs/acme/${at}.lua`, lua(port, at));
  await server.start();
  for (const at of ["works", "fails"]) await server.known("acme", at);
  const shown = await ask(server, "GET", "/v1/syncs/works?org=acme");
  assert.equal(shown.body.broken ?? null, null, shown.text);
  await server.ask(201, "POST", "/v1/hooks?org=acme", { url: `http://127.0.0.1:${port}/hook`, secret: HOOK, events: ["done", "failed"], form: "json" });
  for (const at of ["works", "fails"]) {
    const { body } = await ask(server, "POST", `/v1/syncs/${at}/run?org=acme`, {});
    const run = await until("its end", async () => {
      const now = await ask(server, "GET", `/v1/runs/${body.run.id}?org=acme&wait=5`);
      return now.body.state === "ended" && now.body;
    });
    assert.equal(run.status === "failed", at === "fails", JSON.stringify(run));
    for (const tail of ["log", "events"]) await ask(server, "GET", `/v1/runs/${body.run.id}/${tail}?org=acme`);
  }
  assert.ok(remote.seen.some((given) => given === `Bearer ${SECRET}`), "the secret was used");
}

async function asked(server) {
  for (const target of ["/v1/syncs", "/v1/runs", "/v1/tokens", "/v1/audit", "/v1/dead", "/v1/hooks", "/v1/deliveries", "/v1/hooks/1", "/v1/conflicts",
    "/v1/syncs/works", "/v1/syncs/works/receipts", "/metrics", "/version", "/health", "/openapi.json", "/v1/nothing"]) {
    await ask(server, "GET", `${target}?org=acme`);
  }
  const other = server.tokenMake("other", "ops-full", "acme");
  await ask(server, "GET", "/v1/tokens", undefined, other);
  await ask(server, "GET", `/v1/${other}`, undefined, server.token);
  await ask(server, "GET", "/v1/runs", undefined, other + "x");
}

// The bytes of all files but the secret's own.
function* files(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(file);
    else if (entry.isFile()) yield file;
  }
}

async function searched(server) {
  const tokens = server.tokens.map(({ token }) => token);
  const found = [];
  const look = (where, text, words) => words.forEach((word) => text.includes(word) && found.push(`${where} holds ${word}`));
  // A path that is asked for is named in its 404; a token in it is its owner's own doing.
  for (const { what, text } of answers) look(what, text, what.includes("weir_") ? [SECRET, HOOK] : [SECRET, HOOK, ...tokens]);
  look("the server's own log", server.said, [SECRET, HOOK, ...tokens]);
  let count = 0;
  for (const file of files(path.join(server.folder, "data"))) {
    const bytes = fs.readFileSync(file, "latin1");
    const name = path.relative(server.folder, file);
    count++;
    if (name !== "data/secrets/acme/echo") look(name, bytes, [SECRET, ...tokens, ...tokens.map((token) => token.slice(5))]);
    // What signs a webhook has to be at hand: it stands in the ledger.
    if (!name.startsWith("data/server.sqlite")) look(name, bytes, [HOOK]);
  }
  assert.ok(count > 4, "there are files");
  const lines = ["status acme", "dead list acme --json", "log acme", "token list"];
  look("the command line", lines.map((line) => server.weir(...line.split(" "))).join(""), [SECRET, HOOK, ...tokens]);
  assert.deepEqual(found, []);
  await server.stop();
  remote.close();
  remote.closeAllConnections();
}

const server = new Server();
await story(server, { live, asked, searched });
