// The server is killed (SIGKILL) again and again under load: triggers, posted records, a schedule. Whatever it answered
// holds: each run that it named ends, each record that it gave a receipt for is in home or in the dead letters, once, and
// nothing is there twice. WEIR_SERVER_KILLS is how many times (24), WEIR_SEED the seed of the moments.
import assert from "node:assert/strict";
import { Server, script, sleep, story, until } from "./server.mjs";

const KILLS = Number(process.env.WEIR_SERVER_KILLS ?? 24);
let seed = Number(process.env.WEIR_SEED ?? 1);
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const ORGS = ["one", "two"];
const told = { runs: new Map(), receipts: new Map(), given: new Map() };
let next = 0;

function expectRight(answer, statuses) {
  assert.ok(statuses.includes(answer.status), `${answer.status}: ${answer.text}`);
  return answer.status < 300;
}

// Asks on and on, as clients do; what isn't answered is nobody's promise.
async function trigger(server, state) {
  while (!state.stops) {
    const org = ORGS[Math.floor(random() * ORGS.length)];
    const answer = await server.call("POST", `/v1/syncs/${random() < 0.5 ? "quick" : "long"}/run?org=${org}`, {}).catch(() => undefined);
    if (answer && expectRight(answer, [202, 503])) told.runs.set(`${org} ${answer.body.run.id}`, { org, id: answer.body.run.id });
    await sleep(random() * 30);
  }
}

async function post(server, state) {
  while (!state.stops) {
    const org = ORGS[Math.floor(random() * ORGS.length)];
    const rows = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      return { id: `p${++next}`, name: `given ${next}${random() < 0.1 ? " bad" : ""}` };
    });
    const batch = `b${next}`;
    const wait = random() < 0.3 ? "&wait=2" : "";
    // Who isn't answered asks again with the same key, as the API says.
    for (let tries = 0; tries < 50 && !state.stops; tries++) {
      const answer = await server.call("POST", `/v1/syncs/inbox/records/thing?org=${org}${wait}`, rows, { headers: { "Idempotency-Key": batch } }).catch(() => undefined);
      if (answer && expectRight(answer, [202, 503])) {
        assert.equal(answer.body.receipts.length, rows.length, answer.text);
        answer.body.receipts.forEach(({ receipt }, i) => {
          const key = `${org} ${receipt}`;
          assert.ok(!told.receipts.has(key), `receipt ${key} was given twice`);
          told.receipts.set(key, { org, receipt, row: rows[i] });
        });
        break;
      }
      await sleep(20);
    }
    for (const row of rows) told.given.set(`${org} ${row.id}`, row);
    await sleep(random() * 20);
  }
}

async function prepare(server) {
  const bad = 'if r.name:find "bad" then weir.reject("bad") end return r.name';
  for (const org of ORGS) {
    server.sync(org, "quick", script(50));
    server.sync(org, "long", script(4000, { body: "for i = 1, 20000 do end return r.name" }));
    server.sync(org, "inbox", script(1, { body: bad, setup: 'local weir = require "weir"' }));
    server.sync(org, "timed", script(20, { more: 'every = "1s",' }));
    for (const name of ["quick", "long", "inbox", "timed"]) {
      await server.known(org, name, (sync) => assert.equal(sync.broken ?? "", "") ?? true);
    }
  }
}

async function kills(server) {
  for (let i = 0; i < KILLS; i++) {
    const state = { stops: false };
    const clients = [trigger(server, state), trigger(server, state), post(server, state), post(server, state)];
    // Now and then while it starts, too.
    await sleep(random() < 0.2 ? random() * 100 : random() * 1200);
    await server.stop("SIGKILL");
    state.stops = true;
    await server.start();
    await Promise.all(clients);
  }
}

async function everyRunEnds(server) {
  for (const { org, id } of told.runs.values()) {
    const run = await server.runEnded(org, id);
    assert.equal(run.status, "done", JSON.stringify(run));
  }
  for (const org of ORGS) {
    const rows = (await server.ask(200, "GET", `/v1/runs?org=${org}&sync=timed&limit=500`)).runs;
    assert.ok(rows.length > 0 && rows.every(({ cause }) => cause === "schedule" || cause === "api"));
    assert.equal(rows.filter(({ state }) => state !== "ended").length <= 1, true, "one live run of a sync");
  }
}

// In home or in the dead letters, once.
async function everyReceiptEnds(server) {
  for (const org of ORGS) {
    const mine = [...told.receipts.values()].filter((one) => one.org === org);
    const states = await until(`the receipts of ${org}`, async () => {
      const found = [];
      for (let after = 0; ; after = found.at(-1).receipt) {
        const page = (await server.ask(200, "GET", `/v1/syncs/inbox/receipts?org=${org}&limit=1000&after=${after}`)).receipts;
        found.push(...page);
        if (page.length < 1000) break;
      }
      return found.every(({ state }) => state === "done") && found;
    }, 90);
    const by = new Map(states.map((one) => [one.receipt, one]));
    const home = new Map();
    for (const { name } of server.things(org)) home.set(name, (home.get(name) ?? 0) + 1);
    for (const { receipt, row } of mine) {
      const state = by.get(receipt);
      assert.ok(state, `receipt ${receipt} of ${org} is gone`);
      const bad = row.name.endsWith("bad");
      assert.equal(home.get(row.name) ?? 0, bad ? 0 : 1, `${row.name} of ${org}: ${JSON.stringify(state)}`);
    }
    for (const [name, count] of home) assert.ok(count <= 1 || /^n\d+$/.test(name), `${name} of ${org} is there ${count} times`);
    const dead = server.weir("dead", "list", `${org}/inbox`, "--json", "--limit", "0").split("\n").filter((line) => line);
    const bads = mine.filter(({ row }) => row.name.endsWith("bad")).length;
    assert.ok(dead.length >= bads, `${dead.length} dead letters of ${bads}`);
  }
}

async function tell() {
  console.log(`${KILLS} kills; ${told.runs.size} runs and ${told.receipts.size} receipts were told of, and hold`);
  assert.ok(told.runs.size >= KILLS / 2 && told.receipts.size >= KILLS, "too little was asked for");
}

const server = new Server({ env: { WEIR_DEATH_MS: "50", WEIR_CHILD_PAGE: "WEIR_PAGE=100" }, options: ["--runs", "4"] });
await server.start();
await story(server, { prepare, kills, everyRunEnds, everyReceiptEnds, tell });
