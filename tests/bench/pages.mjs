// Serves the rows of a CSV file as a JSON API with offset pages, from memory: what a page costs is then weir's part.
//   node pages.mjs FILE.csv [DELAY_MS]     prints its port; ends with its standard input
import { createReadStream } from "node:fs";
import http from "node:http";
import readline from "node:readline";

const [file, delay = "0"] = process.argv.slice(2);
const wait = Number(delay);
const parts = [];
let size = 0;
const starts = [];
let columns;
const plain = /^-?(0|[1-9]\d*)(\.\d+)?$/;

for await (const line of readline.createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
  const fields = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((field) => field.replace(/,$/, ""));
  if (!columns) {
    columns = line.split(",");
    continue;
  }
  const members = columns.map((name, i) => {
    const text = fields[i].startsWith('"') ? fields[i].slice(1, -1).replaceAll('""', '"') : fields[i];
    return `${JSON.stringify(name)}:${plain.test(text) ? text : JSON.stringify(text)}`;
  });
  const bytes = Buffer.from(`{${members.join(",")}},`);
  starts.push(size);
  parts.push(bytes);
  size += bytes.length;
  if (parts.length === 50000) parts.splice(0, parts.length, Buffer.concat(parts));
}
starts.push(size);
const all = Buffer.concat(parts);
const count = starts.length - 1;

const server = http.createServer((request, response) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  const first = Math.min(Number(query.get("offset") ?? 0), count);
  const last = Math.min(first + Number(query.get("limit") ?? 100), count);
  const body = all.subarray(starts[first], Math.max(starts[first], starts[last] - 1));
  const answer = () => {
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": body.length + 2,
      "x-total-count": count,
    });
    response.write("[");
    response.write(body);
    response.end("]");
  };
  if (wait > 0) setTimeout(answer, wait);
  else answer();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
