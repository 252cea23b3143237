// Scripts as they change under a running server, syncs that are made of templates, exclusive runs and the schedule.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Server, script, sleep, slow, story, until } from "./server.mjs";

const LONG = 12000;
const names = (server, org) => new Set(server.things(org).map(({ name }) => name.replace(/\d+$/, "")));

async function changed(server) {
  server.sync("change", "one", script(3));
  const first = await server.known("change", "one");
  assert.equal(first.broken ?? null, null);
  server.write("syncs/change/one.lua", "return weir.nothing {");
  const broken = await server.known("change", "one", (sync) => sync.broken);
  assert.match(broken.broken, /one\.lua/);
  assert.ok(!broken.broken.includes(server.folder), `it tells where the server's files are: ${broken.broken}`);
  // The last good one goes on.
  assert.equal((await server.runEnded("change", (await server.run("change", "one")).id)).status, "done");
  assert.deepEqual([...names(server, "change")], ["n"]);
  server.write("syncs/change/one.lua", script(3, { body: 'return "new" .. r.id' }).lua("one"));
  await server.known("change", "one", (sync) => !sync.broken);
  assert.equal((await server.runEnded("change", (await server.run("change", "one")).id)).status, "done");
  assert.deepEqual([...names(server, "change")], ["new"]);
  // What takes for ever to load, or dies of it, is broken and harms nobody.
  server.write("syncs/change/two.lua", "while true do end");
  server.write("syncs/change/three.lua", "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end");
  for (const name of ["two", "three"]) {
    await server.known("change", name, (sync) => sync.broken);
    await server.ask(409, "POST", `/v1/syncs/${name}/run?org=change`, {});
  }
  fs.rmSync(path.join(server.folder, "syncs/change/two.lua"));
  await until("its end", async () => (await server.call("GET", "/v1/syncs/two?org=change")).status === 404);
}

// A warm child that is kept busy is of the newest script soon, too.
async function changedWarm(server) {
  server.sync("warm", "one", script(2));
  await server.known("warm", "one");
  const give = async (id) => {
    const answer = await server.ask(202, "POST", "/v1/syncs/one/records/thing?org=warm&wait=20", [{ id: String(id), name: "p" }]);
    assert.equal(answer.receipts[0].state, "done", JSON.stringify(answer));
  };
  await give(101);
  server.write("syncs/warm/one.lua", script(2, { body: 'return "late" .. r.name' }).lua("one"));
  let id = 102;
  await until("the new script", async () => {
    await give(++id);
    return server.things("warm").some(({ name }) => name.startsWith("late"));
  }, 20);
}

// It works on the script that it began with, also when it is gone on with.
async function pinned(server) {
  server.sync("pin", "one", script(LONG, { body: slow(60000).replace("r.name", '"old" .. r.id') }));
  await server.known("pin", "one");
  const before = (await server.known("pin", "one")).manifest;
  const run = await server.run("pin", "one");
  await server.runLive("pin", run.id);
  server.write("syncs/pin/one.lua", script(LONG, { body: 'return "new" .. r.id' }).lua("one"));
  await server.known("pin", "one", (sync) => JSON.stringify(sync.manifest) !== JSON.stringify(before));
  const child = server.runner("one");
  assert.ok(child, "it has ended too soon for this test");
  process.kill(child.pid, "SIGKILL");
  const ended = await server.runEnded("pin", run.id);
  assert.deepEqual([ended.status, ended.attempts], ["done", 2]);
  assert.deepEqual([...names(server, "pin")], ["old"]);
  assert.equal(server.things("pin").length, LONG);
  assert.equal((await server.runEnded("pin", (await server.run("pin", "one")).id)).status, "done");
  assert.deepEqual([...names(server, "pin")], ["new"]);
  // What was pinned once and needed no more goes.
  await until("one copy for each", () => fs.readdirSync(path.join(server.folder, "data/scripts")).filter((name) => !name.startsWith(".")).length <= 4);
}

// A run that ended long ago is resumed though its copy has gone.
async function resumedLate(server) {
  server.sync("later", "one", script(LONG, { body: slow(60000) }));
  await server.known("later", "one");
  const run = await server.run("later", "one");
  await server.runLive("later", run.id);
  await server.ask(202, "POST", `/v1/runs/${run.id}/cancel?org=later`);
  assert.equal((await server.runEnded("later", run.id)).status, "cancelled");
  const copies = () => fs.readdirSync(path.join(server.folder, "data/scripts")).length;
  const before = (await server.known("later", "one")).manifest;
  const many = copies();
  server.write("syncs/later/one.lua", script(LONG, { body: 'return "new" .. r.id' }).lua("one"));
  await server.known("later", "one", (sync) => JSON.stringify(sync.manifest) !== JSON.stringify(before));
  await until("an end of the old copy", () => copies() <= many);
  await server.ask(202, "POST", `/v1/runs/${run.id}/resume?org=later`, {});
  assert.equal((await server.runEnded("later", run.id)).status, "done");
  assert.equal(server.things("later").length, LONG);
}

const template = `local weir = require "weir"
return weir.sync {
  template = true,
  params = { file = weir.param.text { default = "rows.csv" }, prefix = weir.param.text {} },
  datasource = weir.csv { name = "files", types = { thing = { file = weir.param "file", key = "id" } } },
  datatypes = { thing = weir.datatype { name = "text" } },
  types = { "thing" },
  pull = { thing = { name = function(r) return r.name end } },
}
`;

async function made(server) {
  server.write("syncs/templates/rows.lua", template);
  server.write("syncs/shop/rows.csv", script(4).csv);
  await until("the template", async () => JSON.stringify(await server.ask(200, "GET", "/v1/templates?org=shop")).includes('"rows"'));
  const wanted = { name: "mine", template: "rows", params: { prefix: "x" } };
  const answer = await server.call("POST", "/v1/syncs?org=shop", wanted);
  assert.equal(answer.status, 201, answer.text);
  assert.equal((await server.runEnded("shop", (await server.run("shop", "mine")).id)).status, "done");
  assert.equal(server.things("shop").length, 4);
  await server.ask(409, "POST", "/v1/syncs?org=shop", wanted);
  await server.ask(422, "POST", "/v1/syncs?org=shop", { ...wanted, name: "../up" });
  await server.ask(422, "POST", "/v1/syncs?org=shop", { ...wanted, name: "other", template: "nothing" });
  await server.ask(404, "GET", "/v1/syncs/other?org=shop");
  await server.ask(201, "POST", "/v1/syncs?org=shop", { ...wanted, name: "other" }); // corrected at once
  await server.ask(204, "DELETE", "/v1/syncs/other?org=shop");
  assert.ok(!fs.existsSync(path.join(server.folder, "syncs/shop/other.json")), "what was refused isn't kept");
  // Two at once: one makes it.
  const both = await Promise.all([0, 1].map(() => server.call("POST", "/v1/syncs?org=shop", { ...wanted, name: "twice" })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
  for (let i = 0; i < 3; i++) {
    await server.ask(204, "DELETE", "/v1/syncs/twice?org=shop");
    await server.ask(404, "POST", "/v1/syncs/twice/run?org=shop", {});
    await server.ask(201, "POST", "/v1/syncs?org=shop", { ...wanted, name: "twice", params: { prefix: String(i) } });
  }
}

async function exclusive(server) {
  server.sync("shut", "one", script(LONG, { body: slow(60000), more: "exclusive = true," }));
  server.sync("shut", "two", script(3));
  await server.known("shut", "one");
  await server.known("shut", "two");
  const run = await server.run("shut", "one");
  const closed = await until("a closed door", async () => {
    const answer = await server.call("GET", "/v1/syncs/two/records/thing?org=shut");
    return answer.status === 503 && answer;
  });
  assert.ok(Number(closed.headers["retry-after"]) > 0);
  assert.match(closed.body.error.message, /shut is closed while/);
  await server.ask(503, "POST", "/v1/syncs/two/run?org=shut", {});
  await server.ask(503, "POST", "/v1/syncs/two/records/thing?org=shut", [{ id: "1" }]);
  await server.ask(200, "GET", "/v1/runs?org=shut");
  await server.ask(200, "GET", `/v1/runs/${run.id}?org=shut`);
  await server.ask(200, "GET", `/v1/runs/${run.id}/log?org=shut`);
  await server.ask(200, "GET", "/v1/syncs?org=warm");
  // A child that is killed leaves it closed until it is gone on with, and then it opens.
  process.kill(server.runner("one").pid, "SIGKILL");
  await server.ask(202, "POST", `/v1/runs/${run.id}/cancel?org=shut`);
  await server.runEnded("shut", run.id);
  const again = await server.runEnded("shut", (await until("an open door", async () => {
    const answer = await server.call("POST", "/v1/syncs/one/run?org=shut", {});
    return answer.status === 202 && answer.body.run;
  })).id);
  assert.equal(again.status, "done");
  await server.ask(200, "GET", "/v1/syncs/two/records/thing?org=shut");
}

async function schedule(server) {
  server.sync("plan", "one", script(3, { more: 'every = "1s",' }));
  await server.known("plan", "one");
  const count = async () => (await server.ask(200, "GET", "/v1/runs?org=plan&limit=500")).runs.length;
  await until("three runs", async () => (await count()) >= 3);
  await server.ask(200, "POST", "/v1/syncs/one/pause?org=plan", {});
  await until("quiet", async () => (await server.ask(200, "GET", "/v1/runs?org=plan&state=live")).runs.length === 0);
  const paused = await count();
  await sleep(2500);
  assert.equal(await count(), paused, "a paused one isn't run");
  await server.runEnded("plan", (await server.run("plan", "one")).id); // but who asks gets one
  await server.stop();
  await sleep(3000);
  await server.start();
  assert.equal((await server.known("plan", "one")).paused, true, "it stays paused");
  assert.equal(await count(), paused + 1);
  await server.ask(200, "POST", "/v1/syncs/one/resume?org=plan", {});
  await until("more runs", async () => (await count()) > paused + 1);
  // What was missed while the server was down is run once.
  await server.ask(200, "POST", "/v1/syncs/one/pause?org=plan", {});
  server.write("syncs/plan/one.lua", script(3, { more: 'every = "1h",' }).lua("one"));
  await server.known("plan", "one", (sync) => sync.manifest.every_us === 3600000000);
}

const server = new Server({ env: { WEIR_DEATH_MS: "50", WEIR_CHILD_PAGE: "WEIR_PAGE=100" }, options: ["--runs", "6"] });
await server.start();
await story(server, { changed, changedWarm, pinned, resumedLate, made, exclusive, schedule });
