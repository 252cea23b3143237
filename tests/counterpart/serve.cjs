// What every counterpart shares. A server listens on 127.0.0.1 at a port that the system chooses, says where as one line
// of JSON on its standard output, and ends when whoever started it is gone.
'use strict';

const fs = require('fs');
const path = require('path');

// The packages that scripts/counterparts.sh installed; their folder comes by the environment.
exports.packaged = (name) => require(require.resolve(name, { paths: [process.env.WEIR_COUNTERPARTS] }));

exports.argument = (name, missing) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? missing : process.argv[at + 1];
};

exports.ready = (facts) => {
  fs.writeSync(1, `${JSON.stringify({ pid: process.pid, ...facts })}\n`);
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 500).unref();
};

// `port`: the one it had before, for a server that comes back after it was killed.
exports.listen = (server, port = 0) =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });

// A log of what a server did: a JSON object a line, whole at any time.
exports.log_to = (folder) => {
  const file = path.join(folder, 'log.jsonl');
  const fd = fs.openSync(file, 'a');
  let n = 0;
  return { file, write: (line) => fs.writeSync(fd, `${JSON.stringify({ n: ++n, ...line })}\n`) };
};

exports.body_of = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
};
