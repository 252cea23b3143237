// What the tests of a running server share: a folder with scripts, the server itself as a process, calls with a token,
// and a socket that says whatever bytes it is told. Run as: node tests/serve/NAME_test.mjs WEIR
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export const program = path.resolve(process.argv[2]);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// In memory where that is possible, since databases wait for the disk at every commit.
function folderMake() {
  const base = process.env.TMPDIR ?? (fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir());
  return fs.mkdtempSync(path.join(base, "weir-serve-"));
}

// Until `look` gives something; a minute and it has failed.
export async function until(what, look, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(20)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`this did not come: ${what}`);
}

// A sync over CSV rows that stand beside it; `body` is what its one transform does with a row.
export function script(rows, { body = "return r.name", more = "", setup = "" } = {}) {
  return {
    csv: "id,name\n" + Array.from({ length: rows }, (_, i) => `${i + 1},n${i + 1}\n`).join(""),
    lua: (name) => `local weir = require "weir"
${setup}
return weir.sync {
  datasource = weir.csv { name = "${name}", types = { thing = { file = "${name}.csv", key = "id" } } },
  datatypes = { thing = weir.datatype { name = "text", push = false } },
  types = { "thing" },
  pull = { thing = { name = function(r) ${body} end } },
  ${more}
}
`.replace(", push = false", ""),
  };
}

// Spins for a while in each row, so that a run takes its time.
export const slow = (turns) => `for i = 1, ${turns} do end return r.name`;

export class Server {
  constructor({ env = {}, options = [] } = {}) {
    this.folder = folderMake();
    this.env = env;
    this.options = options;
    this.said = "";
    this.weir("init", ".");
    fs.rmSync(path.join(this.folder, "syncs"), { recursive: true, force: true });
    fs.mkdirSync(path.join(this.folder, "syncs"));
    this.token = this.tokenMake("operator", "ops-full", "*");
  }

  weir(...words) {
    return execFileSync(program, words, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  tokenMake(name, role, org, ...more) {
    const line = this.weir("token", "create", name, "--role", role, "--org", org, "--json", ...more);
    const made = JSON.parse(line);
    (this.tokens ??= []).push(made);
    return made.token;
  }

  write(name, text) {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file + ".new", text);
    fs.renameSync(file + ".new", file);
  }

  sync(org, name, made) {
    this.write(`syncs/${org}/${name}.csv`, made.csv);
    this.write(`syncs/${org}/${name}.lua`, made.lua(name));
  }

  async start(more = {}) {
    this.process = spawn(program, ["serve", "--port", "0", "--json", ...this.options], {
      cwd: this.folder,
      env: { ...process.env, ...this.env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let line = "";
    this.ended = new Promise((done) => this.process.on("exit", (code, signal) => done({ code, signal })));
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.said += text));
    await new Promise((done, fail) => {
      this.process.stdout.setEncoding("utf8").on("data", (text) => {
        line += text;
        if (line.includes("\n")) done();
      });
      this.ended.then(({ code, signal }) => fail(new Error(`the server ended: ${code} ${signal} ${this.said}`)));
    });
    this.port = Number(new URL(JSON.parse(line).url).port);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
    return this;
  }

  async stop(signal = "SIGTERM") {
    if (this.process === undefined) return { code: 0, signal: null };
    this.process.kill(signal);
    const end = await this.ended;
    this.agent.destroy();
    this.process = undefined;
    return end;
  }

  // Any answer, with its body read as JSON where it is that.
  call(method, target, body, { token = this.token, headers = {}, agent = this.agent } = {}) {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    return new Promise((done, fail) => {
      const given = { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...headers };
      if (text !== undefined) given["Content-Length"] = Buffer.byteLength(text);
      const request = http.request({ host: "127.0.0.1", port: this.port, method, path: target, headers: given, agent });
      request.on("response", (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part)).on("error", fail);
        answer.on("end", () => {
          const said = Buffer.concat(parts).toString("utf8");
          const json = (answer.headers["content-type"] ?? "").startsWith("application/json");
          done({ status: answer.statusCode, headers: answer.headers, text: said, body: json ? JSON.parse(said) : undefined });
        });
      });
      request.on("error", fail).end(text);
    });
  }

  // The same, of which `status` is expected. Gives the body.
  async ask(status, method, target, body, more) {
    const answer = await this.call(method, target, body, more);
    assert.equal(answer.status, status, `${method} ${target}: ${answer.text}\n${this.said}`);
    return answer.body;
  }

  // Until the sync is known, in whatever state.
  known(org, name, look = () => true) {
    return until(`sync ${org}/${name}`, async () => {
      const answer = await this.call("GET", `/v1/syncs/${name}?org=${org}`);
      return answer.status === 200 && look(answer.body) && answer.body;
    });
  }

  async run(org, name, body = {}) {
    return (await this.ask(202, "POST", `/v1/syncs/${name}/run?org=${org}`, body)).run;
  }

  // The run when it has ended.
  runEnded(org, id) {
    return until(`the end of run ${id}`, async () => {
      const run = await this.ask(200, "GET", `/v1/runs/${id}?org=${org}&wait=10`);
      return run.state === "ended" && run;
    });
  }

  runLive(org, id) {
    return until(`run ${id} under way`, async () => {
      const run = await this.ask(200, "GET", `/v1/runs/${id}?org=${org}`);
      return run.state === "running" && run.progress !== null && run;
    });
  }

  things(org, type = "thing") {
    const said = this.weir("get", org, type, "--limit", "0", "--json");
    return said.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  // The processes that the server has started.
  children() {
    return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const words = fs.readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
        return state !== "Z" && Number(parent) === this.process.pid ? [{ pid: Number(name), words }] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    });
  }

  runner(name) {
    return this.children().find(({ words }) => words[1] === "run" && words[2].endsWith(`/${name}.lua`));
  }

  // Bytes as they are; what came back until the server closed, or until `enough` says so.
  raw(bytes, { enough = () => false, drip = 0, keep = false, seconds = 30 } = {}) {
    return new Promise((done, fail) => {
      const socket = net.connect(this.port, "127.0.0.1");
      const began = Date.now();
      let said = "";
      const end = (closed) => {
        clearTimeout(timer);
        clearInterval(ticker);
        if (!keep) socket.destroy();
        done({ said, closed, statuses: [...said.matchAll(/HTTP\/1\.[01] (\d+)/g)].map(Number1), took: Date.now() - began, socket });
      };
      const Number1 = (match) => Number(match[1]);
      const timer = setTimeout(() => end(false), seconds * 1000);
      let ticker;
      let at = 0;
      socket.setNoDelay(true);
      socket.on("connect", () => {
        if (drip === 0) return socket.write(bytes, "latin1");
        ticker = setInterval(() => at < bytes.length && socket.write(bytes[at++], "latin1"), drip);
      });
      socket.on("data", (data) => {
        said += data.toString("latin1");
        if (enough(said)) end(false);
      });
      socket.on("error", (error) => (error.code === "ECONNREFUSED" ? fail(error) : undefined));
      socket.on("close", () => end(true));
    });
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

// Runs the parts (or those that WEIR_PARTS="one two" names) one after the other, with one server; its files are kept when
// one fails.
export async function story(server, parts) {
  try {
    const wanted = process.env.WEIR_PARTS?.split(" ");
    for (const [name, part] of Object.entries(parts)) {
      if (wanted && !wanted.includes(name)) continue;
      const began = Date.now();
      await part(server).catch((error) => {
        error.message = `${name}: ${error.message}`;
        throw error;
      });
      console.log(`${name} (${Date.now() - began} ms)`);
    }
    // A sanitizer that saw something says so by the way it ends.
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.said);
    server.remove();
  } catch (error) {
    console.error(`its files are kept in ${server.folder}\n${server.said}`);
    server.process?.kill("SIGKILL");
    console.error(error);
    process.exit(1);
  }
}
