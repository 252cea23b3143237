// Who may do what: every row of the table of routes with every role, of the own organisation and of another, without a
// token, with one that was revoked and with what is none. Rows that come later are tried of themselves. (One that has
// expired: tests/server/keys_test.c.)
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { Server, script, sleep, story } from "./server.mjs";

const ROLES = { "ops-full": 1, "biz-full": 2, "ops-limited": 4, "biz-limited": 8, datasource: 16 };
const routes = execFileSync(process.env.WEIR_ROUTES, { encoding: "utf8" }).trim().split("\n").map((line) => JSON.parse(line));
const WHOLE = ["/metrics"]; // of the server as a whole: for those whose token is for any organisation
const tokens = {};

// A path in which nothing is there to be found; what lets somebody in is told by what isn't 401 or 403.
const fill = (path, sync = "nothing") => path.replace("/syncs/{id}", `/syncs/${sync}`).replace("/sync/{id}", `/sync/${sync}`)
  .replaceAll("{id}", "987654321").replaceAll(/\{[a-z_]+\}/g, "thing");
const takesBody = (method) => ["POST", "PUT", "PATCH"].includes(method);

async function make(server) {
  server.sync("own", "one", script(3));
  server.sync("own", "two", script(3));
  server.sync("foreign", "one", script(3));
  for (const [org, name] of [["own", "one"], ["own", "two"], ["foreign", "one"]]) await server.known(org, name);
  for (const role of Object.keys(ROLES)) {
    for (const org of ["own", "foreign"]) tokens[`${role} ${org}`] = server.tokenMake(`${role} of ${org}`, role, org);
  }
  tokens.bound = server.tokenMake("bound", "datasource", "own", "--sync", "one");
  tokens.revoked = server.tokenMake("revoked", "ops-full", "own");
  server.weir("token", "revoke", String(server.tokens.at(-1).id));
  for (let i = 0; i < 3; i++) await server.runEnded("own", (await server.run("own", "one")).id);
  await server.runEnded("foreign", (await server.run("foreign", "one")).id);
}

async function ask(server, route, token, query = "") {
  const body = takesBody(route.method) ? "{}" : undefined;
  return (await server.call(route.method, fill(route.path) + query, body, { token, headers: body ? { "Content-Type": "application/json" } : {} })).status;
}

async function everyRow(server) {
  assert.ok(routes.length > 20, "there are routes");
  const wrong = [];
  const expect = (route, what, status, right) => {
    if (!right(status)) wrong.push(`${route.method} ${route.path} with ${what}: ${status}`);
  };
  for (const route of routes) {
    if (route.may === 0) {
      expect(route, "no token", await ask(server, route, null), (status) => status !== 401 && status !== 403);
      continue;
    }
    for (const [what, token] of [["no token", null], ["a revoked one", tokens.revoked], ["none of ours", "weir_" + "0".repeat(64)],
      ["an empty one", " "], ["half of one", tokens["ops-full own"].slice(0, -1)], ["a longer one", tokens["ops-full own"] + "0"]]) {
      expect(route, what, await ask(server, route, token), (status) => status === 401);
    }
    for (const [role, bit] of Object.entries(ROLES)) {
      const may = (route.may & bit) !== 0 && !WHOLE.includes(route.path);
      const own = await ask(server, route, tokens[`${role} own`]);
      expect(route, role, own, (status) => (may ? ![401, 403, 405, 500].includes(status) : status === 403));
      const named = await ask(server, route, tokens[`${role} own`], "?org=own");
      expect(route, `${role} that names its own`, named, (status) => status === own || (may && status < 300));
      // Of another organisation nothing is to be found, whatever the role: 404, never 403.
      expect(route, `${role} that names another`, await ask(server, route, tokens[`${role} own`], "?org=foreign"), (status) => status === 404);
    }
  }
  assert.deepEqual(wrong, []);
}

async function whole(server) {
  for (const path of WHOLE) assert.equal((await server.call("GET", path)).status, 200, path);
}

// Paths that aren't there say so to those alone who may ask at all.
async function unknown(server) {
  for (const [method, path] of [["GET", "/nothing"], ["GET", "/v1"], ["POST", "/v1/syncs/one/"], ["GET", "/v1//syncs"], ["GET", "/health/"],
    ["GET", "/v1/syncs/one/run/x"], ["DELETE", "/v1/runs"], ["TRACE", "/v1/syncs"], ["PUT", "/v1/syncs/%2e%2e"]]) {
    const body = takesBody(method) ? "" : undefined;
    assert.equal((await server.call(method, path, body, { token: null })).status, 401, `${method} ${path}`);
    const status = (await server.call(method, path, body, { token: tokens["ops-limited own"] })).status;
    assert.ok([404, 405].includes(status), `${method} ${path}: ${status}`);
  }
}

// What is another's by its number or name isn't found either.
async function numbers(server) {
  const own = (await server.ask(200, "GET", "/v1/runs?org=own")).runs[0].id;
  const foreign = (await server.ask(200, "GET", "/v1/runs?org=foreign")).runs[0].id;
  for (const tail of ["", "/log", "/events"]) {
    await server.ask(200, "GET", `/v1/runs/${own}${tail}`, undefined, { token: tokens["biz-limited own"] });
    await server.ask(404, "GET", `/v1/runs/${foreign}${tail}`, undefined, { token: tokens["biz-limited own"] });
  }
  for (const tail of ["cancel", "resume", "retry"]) {
    await server.ask(404, "POST", `/v1/runs/${foreign}/${tail}`, "{}", { token: tokens["ops-full own"] });
  }
  const listed = await server.ask(200, "GET", "/v1/tokens", undefined, { token: tokens["ops-full own"] });
  assert.deepEqual([...new Set(listed.tokens.map(({ org }) => org))], ["own"]);
  const others = (await server.ask(200, "GET", "/v1/tokens")).tokens.find(({ org }) => org === "foreign").id;
  await server.ask(404, "DELETE", `/v1/tokens/${others}`, undefined, { token: tokens["ops-full own"] });
  const audit = await server.ask(200, "GET", "/v1/audit", undefined, { token: tokens["ops-limited own"] });
  assert.ok(!JSON.stringify(audit).includes("foreign"), "the audit shows another's");
  for (const org of ["*", "foreign"]) {
    const status = (await server.call("POST", "/v1/tokens", { name: "more", role: "ops-full", org }, { token: tokens["ops-full own"] })).status;
    assert.ok([403, 404].includes(status), `an operator of one organisation makes a token for ${org}: ${status}`);
  }
}

async function bound(server) {
  const token = tokens.bound;
  const rows = [{ id: "7", name: "seven" }];
  await server.ask(202, "POST", "/v1/syncs/one/records/thing?wait=20", rows, { token });
  await server.ask(404, "POST", "/v1/syncs/two/records/thing", rows, { token });
  await server.ask(404, "GET", "/v1/syncs/two/records/thing", undefined, { token });
  await server.ask(404, "GET", "/v1/syncs/two/receipts", undefined, { token });
  await server.ask(404, "POST", "/v1/syncs/one/records/thing?org=foreign", rows, { token });
  await server.ask(403, "POST", "/v1/syncs/one/run", "{}", { token });
  await server.ask(202, "POST", "/v1/syncs/two/records/thing", rows, { token: tokens["datasource own"] });
}

// Revoked beside the server: a second later it holds no more. Through it: at once.
async function revoked(server) {
  const one = server.tokenMake("short", "ops-limited", "own");
  await server.ask(200, "GET", "/v1/runs", undefined, { token: one });
  server.weir("token", "revoke", String(server.tokens.at(-1).id));
  await sleep(1100);
  await server.ask(401, "GET", "/v1/runs", undefined, { token: one });
  const two = await server.ask(201, "POST", "/v1/tokens", { name: "shorter", role: "ops-limited", org: "own" });
  await server.ask(200, "GET", "/v1/runs", undefined, { token: two.token });
  await server.ask(204, "DELETE", `/v1/tokens/${two.id}`);
  await server.ask(401, "GET", "/v1/runs", undefined, { token: two.token });
}

const server = new Server();
await server.start();
await story(server, { make, everyRow, whole, unknown, numbers, bound, revoked });
