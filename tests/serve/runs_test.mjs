// Runs from their trigger to their end, with real children: joined, watched, cancelled, killed, bounded, stopped.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import { Server, program, script, sleep, slow, story, until } from "./server.mjs";

const LONG = 6000; // rows of a run that takes a while
const busy = script(LONG, { body: slow(60000) });

async function twoHundredClients(server) {
  server.sync("crowd", "one", busy);
  await server.known("crowd", "one");
  const answers = await Promise.all(Array.from({ length: 200 }, () => server.call("POST", "/v1/syncs/one/run?org=crowd", {})));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  assert.equal(new Set(answers.map(({ body }) => body.run.id)).size, 1, "one run for all");
  assert.equal(answers.filter(({ body }) => !body.joined).length, 1, "one began it");
  const run = await server.runEnded("crowd", answers[0].body.run.id);
  assert.equal(run.status, "done", JSON.stringify(run));
  assert.equal(run.counts.created, LONG);
  assert.equal((await server.ask(200, "GET", "/v1/runs?org=crowd")).runs.length, 1);
  const other = await server.run("crowd", "one", { method: "validate" });
  assert.notEqual(other.id, run.id);
  assert.equal((await server.runEnded("crowd", other.id)).status, "done");
}

// Server-sent events as they come: their kinds, until the stream's end.
function watch(server, org, id, after) {
  const events = [];
  const headers = { Authorization: `Bearer ${server.token}`, ...(after ? { "Last-Event-ID": after } : {}) };
  const ended = new Promise((done, fail) => {
    http.get({ host: "127.0.0.1", port: server.port, path: `/v1/runs/${id}/events?org=${org}`, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => {
        text += part;
        for (let at; (at = text.indexOf("\n\n")) >= 0; text = text.slice(at + 2)) {
          const event = Object.fromEntries(text.slice(0, at).split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
          if (event.event) events.push({ ...event, data: JSON.parse(event.data) });
        }
      });
      answer.on("end", () => done(events));
    }).on("error", fail);
  });
  return { events, ended };
}

async function events(server) {
  server.sync("seen", "one", script(LONG, { body: `if r.id == "1" then print("the first one") end ${slow(60000)}` }));
  await server.known("seen", "one");
  const run = await server.run("seen", "one");
  const first = watch(server, "seen", run.id);
  const long = server.ask(200, "GET", `/v1/runs/${run.id}?org=seen&wait=60`);
  const live = await server.runLive("seen", run.id);
  assert.equal(live.progress.type, "thing");
  const all = await first.ended;
  assert.deepEqual([all[0].event, all.at(-1).event], ["began", "run"]);
  assert.equal(all.at(-1).data.status, "done");
  assert.ok(all.some(({ event }) => event === "progress") && all.some(({ event }) => event === "ended"));
  const numbers = all.slice(0, -1).map(({ id }) => Number(id));
  assert.deepEqual(numbers, numbers.map((_, i) => i + 1), "no event is left out or told twice");
  assert.equal((await long).state, "ended", "a long poll ends with the run");
  const rest = await watch(server, "seen", run.id, String(numbers.at(-1) - 1)).ended;
  assert.deepEqual(rest.map(({ event }) => event), ["ended", "run"], "who was cut off goes on");
  const log = (await server.ask(200, "GET", `/v1/runs/${run.id}/log?org=seen`)).log;
  assert.ok(Array.isArray(log));
}

async function cancelAndResume(server) {
  server.sync("halt", "one", busy);
  await server.known("halt", "one");
  const run = await server.run("halt", "one");
  await server.runLive("halt", run.id);
  await server.ask(202, "POST", `/v1/runs/${run.id}/cancel?org=halt`);
  const stopped = await server.runEnded("halt", run.id);
  assert.equal(stopped.status, "cancelled");
  assert.ok(server.things("halt").length < LONG, "it was ended on its way");
  await server.ask(409, "POST", `/v1/runs/${run.id}/cancel?org=halt`);
  await server.ask(202, "POST", `/v1/runs/${run.id}/resume?org=halt`, {});
  const ended = await server.runEnded("halt", run.id);
  assert.equal(ended.status, "done");
  assert.equal(server.things("halt").length, LONG);
  await server.ask(409, "POST", `/v1/runs/${run.id}/resume?org=halt`, {});
  // One that waits in the queue ends at once.
  const first = await server.run("halt", "one");
  const second = await server.run("halt", "one", { method: "validate" });
  const gone = await server.ask(202, "POST", `/v1/runs/${second.id}/cancel?org=halt`);
  assert.equal(gone.run.state, "ended");
  await server.ask(202, "POST", `/v1/runs/${first.id}/cancel?org=halt`);
  await server.runEnded("halt", first.id);
}

// Killed once on its way, and gone on with: everything is in, once.
async function killedChild(server) {
  server.sync("hit", "one", busy);
  server.sync("hit", "strict", script(LONG, { body: slow(60000), more: 'on_crash = "fail",' }));
  await server.known("hit", "one");
  await server.known("hit", "strict");
  const run = await server.run("hit", "one");
  await server.runLive("hit", run.id);
  process.kill(server.runner("one").pid, "SIGKILL");
  const ended = await server.runEnded("hit", run.id);
  assert.deepEqual([ended.status, ended.attempts], ["done", 2], JSON.stringify(ended));
  assert.equal(server.things("hit").length, LONG);
  assert.equal(new Set(server.things("hit").map(({ name }) => name)).size, LONG);
  const strict = await server.run("hit", "strict");
  await server.runLive("hit", strict.id);
  process.kill(server.runner("strict").pid, "SIGKILL");
  const failed = await server.runEnded("hit", strict.id);
  assert.deepEqual([failed.status, failed.attempts], ["failed", 1]);
  assert.match(failed.message, /died.*signal 9/);
}

// One that is killed again and again is given up.
async function killedAlways(server) {
  server.sync("doomed", "one", busy);
  await server.known("doomed", "one");
  const run = await server.run("doomed", "one");
  const ended = await until("its end", async () => {
    const child = server.runner("one");
    if (child) process.kill(child.pid, "SIGKILL");
    const now = await server.ask(200, "GET", `/v1/runs/${run.id}?org=doomed`);
    return now.state === "ended" && now;
  });
  assert.deepEqual([ended.status, ended.attempts], ["failed", 5]);
  await server.ask(202, "POST", `/v1/runs/${run.id}/resume?org=doomed`, {});
  assert.equal((await server.runEnded("doomed", run.id)).status, "done");
  assert.equal(server.things("doomed").length, LONG);
}

async function bounds(server) {
  const endless = "while true do end";
  server.sync("bound", "late", script(10, { body: slow(1), more: 'limits = { time = "1s" },' }));
  server.sync("bound", "hot", script(LONG, { body: slow(1000000), more: 'limits = { cpu = "1s" },' }));
  server.sync("bound", "big", script(LONG, { body: slow(60000), more: 'limits = { memory = "200MB", cpu = "7m" },' }));
  for (const name of ["late", "hot", "big"]) await server.known("bound", name, (sync) => assert.equal(sync.broken ?? "", "") ?? true);
  // It was good when it was read, and finds no end in the run alone.
  server.write("syncs/bound/late.lua", script(10, { body: endless, more: 'limits = { time = "1s" },' }).lua("late"));
  await sleep(2500);
  const late = await server.runEnded("bound", (await server.run("bound", "late")).id);
  assert.deepEqual([late.status, late.code], ["failed", "W7007"], JSON.stringify(late));
  const hot = await server.runEnded("bound", (await server.run("bound", "hot")).id);
  assert.equal(hot.status, "failed");
  assert.match(hot.message, /processor time/);
  // What the kernel holds it to is what it declares.
  const big = await server.run("bound", "big");
  await server.runLive("bound", big.id);
  const limits = fs.readFileSync(`/proc/${server.runner("big").pid}/limits`, "utf8");
  // A sanitizer's build reserves more than any limit.
  if (!/__(asan|tsan)_init/.test(fs.readFileSync(program, "latin1"))) assert.match(limits, /Max address space +200000000 /);
  assert.match(limits, /Max cpu time +42[01] /);
  assert.equal((await server.runEnded("bound", big.id)).status, "done");
}

// Records that are posted while a run of their sync goes are kept at once, and taken in when it lets them.
async function postedMeanwhile(server) {
  server.sync("both", "one", busy);
  await server.known("both", "one");
  const run = await server.run("both", "one");
  await server.runLive("both", run.id);
  const rows = [{ id: "p1", name: "posted" }, { id: "1", name: "posted over" }];
  const given = await server.ask(202, "POST", "/v1/syncs/one/records/thing?org=both&wait=1", rows);
  assert.equal(given.receipts.length, 2);
  assert.equal((await server.runEnded("both", run.id)).status, "done");
  await until("their end", async () => {
    const { receipts } = await server.ask(200, "GET", "/v1/syncs/one/receipts?org=both");
    return receipts.length === 2 && receipts.every(({ state }) => state === "done");
  });
  const names = server.things("both").map(({ name }) => name);
  assert.equal(names.length, LONG + 1);
  assert.ok(names.includes("posted"));
}

// It is stopped in good order while a run goes: the next start goes on with it.
async function goodStop(server) {
  server.sync("stop", "one", busy);
  await server.known("stop", "one");
  const run = await server.run("stop", "one");
  await server.runLive("stop", run.id);
  // Those who wait for it, and for one that won't be begun, are answered before the door is shut.
  await server.run("stop", "one", { method: "validate" });
  const queued = (await server.ask(200, "GET", "/v1/runs?org=stop&state=queued")).runs[0].id;
  const waits = [run.id, queued, queued].map((id) => server.call("GET", `/v1/runs/${id}?org=stop&wait=60`).catch((error) => ({ error })));
  const stream = watch(server, "stop", queued);
  await sleep(200);
  assert.equal((await server.stop()).code, 0, server.said);
  for (const wait of waits) assert.ok([200, 503].includes((await wait).status), `who waits is answered: ${(await wait).error}`);
  await stream.ended;
  const half = server.things("stop").length;
  assert.ok(half < LONG, `${half} are in`);
  await server.start();
  const ended = await server.runEnded("stop", run.id);
  assert.equal(ended.status, "done");
  assert.equal(server.things("stop").length, LONG);
}

// The server alone is killed: its children end with it, and the next start goes on.
async function killedServer(server) {
  server.sync("fallen", "one", busy);
  await server.known("fallen", "one");
  const run = await server.run("fallen", "one");
  await server.runLive("fallen", run.id);
  await server.stop("SIGKILL");
  await server.start();
  const ended = await server.runEnded("fallen", run.id);
  assert.equal(ended.status, "done", JSON.stringify(ended));
  assert.equal(server.things("fallen").length, LONG);
}

// What a child has open is its own, and nothing of the server's stays open behind requests and runs.
async function descriptors(server) {
  const open = (pid) => fs.readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try { return fs.readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return ""; }
  });
  const settle = async () => {
    server.agent.destroy();
    await until("no children", () => server.children().length === 0, 90);
    await sleep(500);
    return open(server.process.pid).filter((name) => !name.includes("home.db")).length;
  };
  server.sync("files", "one", busy);
  await server.known("files", "one");
  const before = await settle();
  for (let i = 0; i < 1000; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, j) => server.call("GET", ["/v1/runs?org=files", "/version", "/nothing"][j % 3])));
  }
  const run = await server.run("files", "one");
  await server.runLive("files", run.id);
  const child = open(server.runner("one").pid);
  assert.ok(!child.some((name) => name.includes("server.sqlite") || name.startsWith("socket:")), child.join("\n"));
  await server.runEnded("files", run.id);
  assert.ok((await settle()) <= before, open(server.process.pid).join("\n"));
}

const server = new Server({ env: { WEIR_DEATH_MS: "50", WEIR_CHILD_PAGE: "WEIR_PAGE=100" } });
await server.start();
await story(server, { twoHundredClients, events, cancelAndResume, killedChild, killedAlways, bounds, postedMeanwhile, goodStop, killedServer, descriptors });
