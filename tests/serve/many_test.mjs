// A thousand scheduled syncs in fifty organisations: how long until all are read and planned, what the server holds in
// memory then, and that the schedule goes. The numbers are printed; the bound on memory alone is a test (64 MB).
import assert from "node:assert/strict";
import fs from "node:fs";
import { Server, script, sleep, story, until } from "./server.mjs";

const ORGS = 50;
const EACH = Number(process.env.WEIR_SYNCS ?? 1000) / ORGS;
const LIMIT_KB = 64 * 1024;

async function planned(server) {
  const made = script(2, { more: 'every = "1h",' });
  for (let org = 0; org < ORGS; org++) {
    for (let i = 0; i < EACH; i++) server.sync(`org${org}`, `s${i}`, made);
  }
  const began = Date.now();
  await server.start();
  await until("all plans", async () => {
    for (let org = ORGS - 1; org >= 0; org--) {
      const { syncs } = await server.ask(200, "GET", `/v1/syncs?org=org${org}`);
      if (syncs.length < EACH || syncs.some(({ next }) => next === null)) return false;
    }
    return true;
  }, 400);
  console.log(`${ORGS * EACH} syncs are read and planned after ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

const resident = (server) => Number(fs.readFileSync(`/proc/${server.process.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]);

async function again(server) {
  await until("quiet", () => server.children().length === 0);
  console.log(`${resident(server)} kB are resident after the first reading`);
  await server.stop();
  const began = Date.now();
  await server.start();
  const { syncs } = await server.ask(200, "GET", "/v1/syncs?org=org0");
  assert.equal(syncs.length, EACH, "what was read is known at once");
  console.log(`a start takes ${Date.now() - began} ms`);
  await sleep(3000);
  await until("quiet", () => server.children().length === 0, 400);
  const held = resident(server);
  console.log(`${held} kB are resident when idle`);
  if (!process.env.WEIR_MEMORY_FREE) assert.ok(held < LIMIT_KB, `${held} kB`);
}

const server = new Server();
await story(server, { planned, again });
