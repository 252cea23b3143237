// nginx with TLS in front of --to URL, in --folder: one port for each kind of certificate, all made here and now.
//
//   right      for 127.0.0.1, from our own authority (ca)
//   wrong      for another host
//   expired    was good for a day, long ago
//   untrusted  from an authority that nobody knows
//   client     as right, and asks for a certificate of the client (client, client_key)
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const { execFileSync, spawn } = require('child_process');
const { argument, ready } = require('./serve.cjs');

const folder = path.resolve(argument('folder', '.'));
const at = (name) => path.join(folder, name);
const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });

const authority = (name) => {
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
    `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  fs.writeFileSync(at(`${name}.index`), '');
  fs.writeFileSync(at(`${name}.cnf`), `[ca]\ndefault_ca = own\n[own]\ndatabase = ${name}.index\nrand_serial = yes\n` +
    `new_certs_dir = .\ndefault_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n`);
};

const certificate = (name, by, names, from, to) => {
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout',
    `${name}.key`, '-out', `${name}.csr`);
  fs.writeFileSync(at(`${name}.ext`), `subjectAltName = ${names}\n`);
  const span = from ? ['-startdate', from, '-enddate', to] : ['-days', '1'];
  openssl('ca', '-batch', '-notext', '-config', `${by}.cnf`, '-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-extfile',
    `${name}.ext`, ...span, '-in', `${name}.csr`, '-out', `${name}.pem`);
};

authority('ca');
authority('stranger');
certificate('right', 'ca', 'IP:127.0.0.1,DNS:localhost');
certificate('wrong', 'ca', 'DNS:other.example');
certificate('expired', 'ca', 'IP:127.0.0.1,DNS:localhost', '20200101000000Z', '20200102000000Z');
certificate('untrusted', 'stranger', 'IP:127.0.0.1,DNS:localhost');
certificate('visitor', 'ca', 'DNS:visitor.example');

const servers = { right: 'right', wrong: 'wrong', expired: 'expired', untrusted: 'untrusted', client: 'right' };

const free_port = () =>
  new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const block = (name, port) => `
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${at(servers[name])}.pem;
    ssl_certificate_key ${at(servers[name])}.key;
    ${name === 'client' ? `ssl_client_certificate ${at('ca.pem')};\n    ssl_verify_client on;` : ''}
    location / { proxy_pass ${argument('to')}; }
  }`;

const start = async (tries) => {
  const ports = {};
  for (const name of Object.keys(servers)) ports[name] = await free_port();
  fs.writeFileSync(at('nginx.conf'), `
daemon off;
pid ${at('nginx.pid')};
worker_processes 1;
error_log stderr notice;
events { worker_connections 64; }
http {
  log_format protocol '$server_protocol';
  access_log ${at('protocols')} protocol;
  client_body_temp_path ${at('body')};
  proxy_temp_path ${at('proxy')};
  fastcgi_temp_path ${at('fastcgi')};
  uwsgi_temp_path ${at('uwsgi')};
  scgi_temp_path ${at('scgi')};
  ${Object.entries(ports).map(([name, port]) => block(name, port)).join('\n')}
}
`);
  const nginx = spawn('nginx', ['-p', folder, '-c', at('nginx.conf'), '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = () => nginx.kill('SIGTERM');
  process.on('exit', stop);
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
  let said = '';
  let up = false;
  nginx.stderr.on('data', (part) => {
    said += part;
    if (up || !said.includes('start worker process ')) return;
    up = true;
    ready({ ports, protocols: at('protocols'), ca: at('ca.pem'), client: at('visitor.pem'), client_key: at('visitor.key') });
  });
  nginx.on('exit', () => {
    process.off('exit', stop);
    // Somebody else took one of the ports meanwhile.
    if (!up && tries > 1 && said.includes('Address already in use')) return start(tries - 1);
    process.stderr.write(said);
    return process.exit(1);
  });
};
start(5);
