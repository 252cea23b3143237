// Measures the server: node serve.mjs WEIR WORK. Reads of home against nginx's `return` (wrk drives both in turns);
// posted records and pages through a script, cold and warm; a trigger to its run's first request; memory with 1,000
// scheduled syncs. Prints a row a figure as bench.lua does, and ends with 1 when a gate is missed.
import { spawn, spawnSync } from "node:child_process";
import { createServer, request } from "node:http";
import fs from "node:fs";

const [, , weir, work] = process.argv;
const rounds = Number(process.env.WEIR_BENCH_ROUNDS ?? 3);
const records = 20000;
const home = `${work}/serve`;
let missed = 0;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

function row(text, figure, gate, aim, digits, least) {
  const kept = (limit) => (least ? figure >= limit : figure <= limit);
  const verdict = kept(aim) ? "aim reached" : kept(gate) ? "gate kept" : "MISSED";
  if (!kept(gate)) missed++;
  const put = (n) => n.toFixed(digits).padStart(9);
  console.log(`${text.padEnd(62)} ${put(figure)} ${put(gate)} ${put(aim)}   ${verdict}`);
}

function must(command, args) {
  const done = spawnSync(command, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

async function serve(folder, listening) {
  const child = spawn(weir, ["serve", "--port", "0", "--json", "--data", `${folder}/data`, "--syncs", `${folder}/syncs`],
    { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((done) => child.stdout.once("data", (bytes) => done(JSON.parse(bytes).url)));
  const end = () => new Promise((done) => { child.once("exit", done); child.kill("SIGTERM"); });
  return { url, pid: child.pid, end, listening };
}

function call(url, token, method, path, body) {
  return new Promise((done, fail) => {
    const started = process.hrtime.bigint();
    const made = request(url + path, { method, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      let text = "";
      answer.on("data", (bytes) => { text += bytes; });
      answer.on("end", () => {
        const ms = Number(process.hrtime.bigint() - started) / 1e6;
        if (answer.statusCode >= 300) fail(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        else done({ ms, answer: text ? JSON.parse(text) : {} });
      });
    });
    made.on("error", fail);
    made.end(body);
  });
}

const script = (file) => `local weir = require "weir"
local files = weir.csv { name = "files", types = { reading = { file = "${file}", key = "code" } } }
return weir.sync {
  datasource = files,
  datatypes = { reading = weir.datatype { code = "text", value = "decimal", note = "text" } },
  types = { "reading" },
  pull = { reading = { code = "code", value = weir.number "value",
    note = function(r) return "of " .. r.code end } },
}
`;

function make() {
  fs.rmSync(home, { recursive: true, force: true });
  fs.mkdirSync(`${home}/syncs/bench`, { recursive: true });
  fs.writeFileSync(`${home}/syncs/bench/readings.lua`, script("readings.csv"));
  const lines = ["code,value"];
  for (let i = 0; i < records; i++) lines.push(`r${i},${i}.5`);
  fs.writeFileSync(`${home}/syncs/bench/readings.csv`, lines.join("\n") + "\n");
  must(weir, ["run", `${home}/syncs/bench/readings.lua`, "--data", `${home}/data`, "--quiet"]);
  return must(weir, ["token", "create", "bench", "--role", "ops-full", "--org", "bench", "--data", `${home}/data`]).trim();
}

// --- reads, against nginx ---

function wrk(url, token) {
  const text = must("wrk", ["-t1", "-c32", "-d3s", "-s", `${home}/random.lua`, url, "--", token]);
  const bad = text.match(/Non-2xx or 3xx responses: (\d+)/);
  if (bad) throw new Error(`${bad[1]} of the answers were refusals`);
  return Number(text.match(/Requests\/sec:\s+([\d.]+)/)[1]);
}

async function reads(server, token) {
  const ids = [];
  for (let after = 0; after !== null;) {
    const { answer } = await call(server.url, token, "GET", `/v1/home/reading?limit=1000&after=${after}`);
    ids.push(...answer.records.map((record) => record.id));
    after = answer.next;
  }
  fs.writeFileSync(`${home}/random.lua`, `local ids, token = {${ids}}
function init(args) token = args[1] math.randomseed(7) end
function request()
  return wrk.format("GET", "/v1/home/reading/" .. ids[math.random(#ids)], { Authorization = "Bearer " .. token })
end
`);
  const { answer } = await call(server.url, token, "GET", "/v1/home/reading/1");
  const port = 20000 + (process.pid % 20000);
  const body = JSON.stringify(answer).replaceAll("'", "");
  fs.writeFileSync(`${home}/nginx.conf`, `worker_processes auto;
daemon off;
pid ${home}/nginx.pid;
error_log ${home}/nginx.log;
events { worker_connections 256; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${home}/n1; proxy_temp_path ${home}/n2; fastcgi_temp_path ${home}/n3;
  uwsgi_temp_path ${home}/n4; scgi_temp_path ${home}/n5;
  server { listen 127.0.0.1:${port}; default_type application/json; location / { return 200 '${body}'; } }
}
`);
  const nginx = spawn("nginx", ["-c", `${home}/nginx.conf`, "-p", home], { stdio: "ignore" });
  await sleep(500);
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const theirs = wrk(`http://127.0.0.1:${port}`, token);
    const ours = wrk(server.url, token);
    console.log(`round ${round + 1}: nginx ${theirs.toFixed(0)} requests a second, weir ${ours.toFixed(0)}`);
    ratios.push(ours / theirs);
  }
  nginx.kill("SIGTERM");
  row("GET of one record of home / nginx's return, requests a second", median(ratios), 0.3, 0.6, 2, true);
}

// --- what a script answers ---

async function posts(server, token) {
  const path = "/v1/syncs/readings/records/reading";
  let next = 0;
  const body = () => JSON.stringify(Array.from({ length: 100 }, () => ({ code: `p${next}`, value: String(next++) })));
  const cold = { post: [], view: [] };
  const warm = { post: [], view: [] };
  const post = async () => {
    const { ms, answer } = await call(server.url, token, "POST", `${path}?wait=20`, body());
    if (!answer.receipts.every((receipt) => receipt.outcome === "created")) throw new Error(JSON.stringify(answer));
    return ms;
  };
  const view = async () => {
    const { ms, answer } = await call(server.url, token, "GET", `${path}?limit=100`);
    if (answer.records.length !== 100) throw new Error("the page isn't whole");
    return ms;
  };
  for (let i = 0; i < 5; i++) {
    for (const pid of must("sh", ["-c", `pgrep -P ${server.pid} || true`]).split("\n").filter(Boolean)) {
      process.kill(Number(pid), "SIGTERM"); // so that the next question finds none that is warm
    }
    await sleep(300);
    cold.post.push(await post());
    cold.view.push(await view());
  }
  for (let i = 0; i < 50; i++) {
    warm.post.push(await post());
    warm.view.push(await view());
  }
  row("POST of 100 records with ?wait, cold child, median ms", median(cold.post), 30, 10, 1);
  row("the same, warm child", median(warm.post), 10, 3, 1);
  row("page of 100 records through a script, cold child, median ms", median(cold.view), 30, 10, 1);
  row("the same, warm child", median(warm.view), 10, 3, 1);
}

// --- a trigger ---

async function triggers() {
  const folder = `${home}/trigger`;
  let arrived;
  const source = createServer((_, answer) => {
    arrived?.(process.hrtime.bigint());
    answer.setHeader("content-type", "application/json");
    answer.end("[]");
  });
  await new Promise((done) => source.listen(0, "127.0.0.1", done));
  fs.mkdirSync(`${folder}/syncs/bench`, { recursive: true });
  fs.mkdirSync(`${folder}/data`, { recursive: true });
  fs.writeFileSync(`${folder}/data/settings`, "allow_private = 127.0.0.1\n");
  fs.writeFileSync(`${folder}/syncs/bench/pull.lua`, `local weir = require "weir"
local api = weir.http { name = "api", base = "http://127.0.0.1:${source.address().port}",
  types = { reading = { path = "/readings", key = "code" } } }
return weir.sync { datasource = api, types = { "reading" },
  datatypes = { reading = weir.datatype { code = "text" } }, pull = { reading = { code = "code" } } }
`);
  const token = must(weir, ["token", "create", "b", "--role", "ops-full", "--org", "bench", "--data", `${folder}/data`]).trim();
  const server = await serve(folder);
  await known(server, token, "pull");
  const spans = [];
  for (let i = 0; i < 20; i++) {
    const came = new Promise((done) => { arrived = done; });
    const started = process.hrtime.bigint();
    const { answer } = await call(server.url, token, "POST", "/v1/syncs/pull/run", "{}");
    spans.push(Number((await came) - started) / 1e6);
    arrived = undefined;
    await call(server.url, token, "GET", `/v1/runs/${answer.run.id}?wait=20`);
  }
  row("a trigger to the first request of its run, median ms", median(spans), 30, 10, 1);
  await server.end();
  source.close();
}

async function known(server, token, name) {
  for (let i = 0; i < 600; i++) {
    const { answer } = await call(server.url, token, "GET", "/v1/syncs");
    if (answer.syncs.some((sync) => sync.id === name && sync.runnable)) return answer.syncs.length;
    await sleep(100);
  }
  throw new Error(`the server doesn't know ${name}`);
}

// --- memory ---

async function memory() {
  const folder = `${home}/many`;
  fs.mkdirSync(`${folder}/syncs/bench`, { recursive: true });
  for (let i = 0; i < 1000; i++) {
    const text = script("none.csv").replace("types = { \"reading\" },", "types = { \"reading\" }, every = \"1d\",");
    fs.writeFileSync(`${folder}/syncs/bench/s${i}.lua`, text);
  }
  const token = must(weir, ["token", "create", "b", "--role", "ops-full", "--org", "bench", "--data", `${folder}/data`]).trim();
  const server = await serve(folder);
  for (let i = 0; i < 600; i++) {
    const { answer } = await call(server.url, token, "GET", "/v1/syncs");
    if (answer.syncs.filter((sync) => sync.next).length === 1000) break;
    await sleep(200);
  }
  await sleep(3000);
  const status = fs.readFileSync(`/proc/${server.pid}/status`, "utf8");
  row("memory of the idle server with 1,000 scheduled syncs, MB", Number(status.match(/VmRSS:\s+(\d+)/)[1]) / 1024, 64, 24, 1);
  await server.end();
}

const token = make();
console.log(`${"row".padEnd(62)} ${"measured".padStart(9)} ${"gate".padStart(9)} ${"aim".padStart(9)}   verdict`);
const server = await serve(home);
await known(server, token, "readings");
await posts(server, token);
await reads(server, token);
await server.end();
await triggers();
await memory();
fs.rmSync(home, { recursive: true, force: true });
process.exit(missed > 0 ? 1 : 0);
