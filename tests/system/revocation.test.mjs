// SPDX-License-Identifier: Apache-2.0
// Certificates that end before their time, in their time, and while the daemon runs: revocation lists that appear, grow,
// run out and are none; the daemon's own certificate exchanged under load; certificates of seconds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { World, until } from './harness.mjs';
import { addressee, hanako } from './steps.mjs';

let world;

before(async () => {
  world = await World.make();
  await world.client('sapporo-counter').Records.registerResident({ resident: hanako });
});
after(() => world?.close());

const openssl = (...args) => execFileSync('openssl', args, { cwd: world.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  .toString();
const sh = (command) => execFileSync('sh', ['-c', command], { cwd: world.folder, stdio: ['ignore', 'pipe', 'pipe'] });
const reasonOf = (promise) => promise.then(() => 'OK', ({ reason, message }) => reason || message);
const history = (terminal) => reasonOf(world.client(terminal).Records.getHistory({ resident: addressee(1) }));
const logged = (pattern) => until(() => pattern.test(world.daemon.output()));
// A new file in the place of the old one, as an operator should do it.
const put = (from, to) => { copyFileSync(world.path(from), world.path(`${to}.new`)); renameSync(world.path(`${to}.new`), world.path(to)); };

// A TLS handshake and what the daemon thinks of it: in TLS 1.3 the client hears of a refusal after it.
const handshake = (terminal) => new Promise((resolve) => {
  const socket = tlsConnect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'],
    ca: readFileSync(world.path('ca', 'certificate.pem')), cert: readFileSync(world.path(terminal, 'certificate.pem')),
    key: readFileSync(world.path(terminal, 'key.pem')), allowPartialTrustChain: true });
  let server;
  socket.on('secureConnect', () => { server = socket.getPeerCertificate().serialNumber; });
  socket.once('data', () => { socket.destroy(); resolve({ how: 'served', server }); }); // SETTINGS
  socket.on('error', ({ message }) => resolve({ how: message, server }));
  socket.on('close', () => resolve({ how: 'closed', server }));
});
const isServed = async (terminal) => (await handshake(terminal)).how === 'served';

// A certificate for a terminal's key that begins and ends at these distances from now, in seconds.
function shortCertificate(terminal, from, seconds, out = `${terminal}/certificate.pem`) {
  const at = (distance) => `${new Date(Date.now() + distance * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  sh(`test -f ca.cnf || { : > index.txt; echo 77 > serial; printf "[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\n\
serial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n" > ca.cnf;
printf "keyUsage=critical,digitalSignature\\nextendedKeyUsage=clientAuth\\n" > client.ext; }`);
  openssl('req', '-new', '-key', `${terminal}/key.pem`, '-subj', `/CN=${terminal}`, '-out', 'short.csr');
  openssl('ca', '-batch', '-config', 'ca.cnf', '-in', 'short.csr', '-cert', 'ca/certificate.pem', '-keyfile',
    'ca/key.pem', '-startdate', at(from), '-enddate', at(seconds), '-extfile', 'client.ext', '-out', out, '-notext');
}

async function crl(...more) { await world.vrx('pki', 'crl', '--ca', 'ca', ...more); }

// A list of openssl's own making, for what `vrx pki crl` does not do.
function foreignCrl(ca, out, number, seconds) {
  sh(`echo ${number} > number && : > empty.txt && printf "[ca]\\ndefault_ca=d\\n[d]\\ndatabase=empty.txt\\n\
crlnumber=number\\ndefault_md=sha256\\ncrl_extensions=e\\n[e]\\nauthorityKeyIdentifier=keyid\\n" > crl.cnf`);
  openssl('ca', '-gencrl', '-config', 'crl.cnf', '-cert', `${ca}/certificate.pem`, '-keyfile', `${ca}/key.pem`,
    '-crlsec', String(seconds), '-out', out);
}

test('openssl takes our lists and our renewed certificates', async () => {
  await crl('--days', '10');
  assert.match(openssl('crl', '-in', 'ca/crl.pem', '-noout', '-crlnumber'), /crlNumber=0x0*1$/im);
  sh('openssl crl -in ca/crl.pem -CAfile ca/certificate.pem -noout 2>&1 | grep -q "verify OK"');
  openssl('verify', '-crl_check_all', '-CAfile', 'ca/certificate.pem', '-CRLfile', 'ca/crl.pem',
    'sapporo-counter/certificate.pem');
  await world.vrx('pki', 'renew', '--ca', 'ca', '--certificate', 'sapporo-counter/certificate.pem', '--hours', '8',
    '--out', 'renewed.pem');
  assert.equal(openssl('x509', '-in', 'renewed.pem', '-noout', '-pubkey'),
    openssl('x509', '-in', 'sapporo-counter/certificate.pem', '-noout', '-pubkey'));
  assert.match(openssl('x509', '-in', 'renewed.pem', '-noout', '-purpose'), /SSL client : Yes/);
  openssl('verify', '-CAfile', 'ca/certificate.pem', 'renewed.pem');
});

test('a renewed certificate needs no registration, and the list of terminals follows it', async () => {
  put('renewed.pem', 'sapporo-counter/certificate.pem');
  world.disconnect();
  assert.equal(await history('sapporo-counter'), 'OK');
  const end = Date.parse(openssl('x509', '-in', 'renewed.pem', '-noout', '-enddate').replace('notAfter=', ''));
  const rows = JSON.parse(await world.well('sapporo-console', 'terminal', 'list', '--json'));
  assert.ok(!rows.some(({ certificate_ends_soon: soon }) => soon));
  const ends = rows.filter(({ label }) => label === 'sapporo counter').map((row) => row.certificate_not_after);
  assert.deepEqual(ends.map(Date.parse), [end]);
});

test('a list that appears, names one and grows by another: at once, also for open connections', async () => {
  await world.endDaemon();
  await world.startDaemon('--client-crl', 'ca/crl.pem');
  await world.unseal('sapporo');
  assert.equal(await history('sapporo-counter'), 'OK');
  assert.equal(await history('sapporo-kiosk'), 'TERMINAL_KIND');
  const held = tlsConnect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'],
    ca: readFileSync(world.path('ca', 'certificate.pem')), cert: readFileSync(world.path('sapporo-kiosk', 'certificate.pem')),
    key: readFileSync(world.path('sapporo-kiosk', 'key.pem')) });
  await new Promise((resolve, reject) => { held.once('data', resolve); held.once('error', reject); });
  const ended = new Promise((resolve) => { held.once('close', resolve); held.on('error', () => {}); });
  held.resume();
  await world.vrx('pki', 'revoke', '--ca', 'ca', '--certificate', 'sapporo-kiosk/certificate.pem', '--reason',
    'key-compromise');
  await crl();
  await ended; // nobody called anything on it
  await until(async () => !await isServed('sapporo-kiosk'));
  assert.match((await handshake('sapporo-kiosk')).how, /revoked|closed/);
  assert.equal(await history('sapporo-counter'), 'OK');

  await world.vrx('pki', 'revoke', '--ca', 'ca', '--certificate', 'sapporo-system/certificate.pem');
  assert.ok(await isServed('sapporo-system'), 'not before the next list');
  await crl();
  await until(async () => !await isServed('sapporo-system'));
  assert.ok(!await isServed('sapporo-kiosk'));
  const again = await world.vrx('pki', 'revoke', '--ca', 'ca', '--certificate', 'sapporo-system/certificate.pem')
    .then(() => 'revoked twice', ({ message }) => message);
  assert.match(again, /ALREADY_EXISTS/);
});

test('what is no list, another CA\'s or an older one is not taken, and the one in use stays', async () => {
  copyFileSync(world.path('ca', 'crl.pem'), world.path('good.pem'));
  writeFileSync(world.path('garbage'), 'no list at all\n');
  put('garbage', 'ca/crl.pem');
  await logged(/TLS files not taken.*RFC 7468/);
  await world.vrx('pki', 'platform-ca', '--out', 'other-ca');
  foreignCrl('other-ca', 'foreign.pem', '7F', 3600);
  put('foreign.pem', 'ca/crl.pem');
  await logged(/TLS files not taken.*RFC 5280 §6\.3\.3/);
  foreignCrl('ca', 'old.pem', '01', 3600);
  put('old.pem', 'ca/crl.pem');
  await logged(/TLS files not taken.*§5\.2\.3: older/);
  assert.ok(!await isServed('sapporo-kiosk'));
  assert.ok(await isServed('sapporo-counter'));
  put('good.pem', 'ca/crl.pem');
  await until(() => (world.daemon.output().match(/"TLS files taken"/g) || []).length >= 3);
});

test('past its nextUpdate a list lets nobody in, until the next one lies there', async () => {
  foreignCrl('ca', 'brief.pem', '50', 3);
  put('brief.pem', 'ca/crl.pem');
  await logged(/revocation list is over.*vrx pki crl/);
  assert.ok(!await isServed('sapporo-counter'));
  sh('echo 100 > ca/crl-number');
  await crl();
  await until(() => isServed('sapporo-counter'));
  assert.ok(!await isServed('sapporo-kiosk'), 'what was revoked stays so');
});

test('a daemon does not start on a list that is none', async () => {
  await world.endDaemon();
  await assert.rejects(world.startDaemon('--client-crl', 'garbage'));
  assert.match(world.daemon.output(), /not started/);
  await world.startDaemon();
  await world.unseal('sapporo');
});

test('the daemon\'s certificate is exchanged under load without a failed call', async () => {
  const before_ = (await handshake('sapporo-counter')).server;
  await world.vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:localhost,IP:127.0.0.1', '--out', 'server-2');
  let going = true;
  let calls = 0;
  const failed = [];
  const load = Array.from({ length: 4 }, async (unused, i) => {
    while (going) {
      if (i === 0) world.clients.delete('sapporo-counter {"fresh":true}'); // and new connections all the time
      const outcome = await reasonOf(world.client('sapporo-counter', i === 0 ? { fresh: true } : {})
        .Records.getHistory({ resident: addressee(1) }));
      calls += 1;
      if (outcome !== 'OK') failed.push(outcome);
    }
  });
  await until(() => calls > 50);
  put('server-2/certificate.pem', 'server/certificate.pem'); // does not fit the key yet
  put('server-2/key.pem', 'server/key.pem');
  await until(async () => (await handshake('sapporo-counter')).server !== before_);
  const so_far = calls;
  await until(() => calls > so_far + 50);
  going = false;
  await Promise.all(load);
  assert.deepEqual(failed, []);

  // A certificate without its key: the pair in use stays.
  const now = (await handshake('sapporo-counter')).server;
  await world.vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:localhost', '--out', 'server-3');
  put('server-3/certificate.pem', 'server/certificate.pem');
  await logged(/TLS files not taken.*KEY_INVALID/);
  assert.equal((await handshake('sapporo-counter')).server, now);
  process.kill(world.daemon.pid, 'SIGHUP'); // said again
  await until(() => (world.daemon.output().match(/KEY_INVALID/g) || []).length >= 2);
  put('server-2/certificate.pem', 'server/certificate.pem');
});

test('a connection does not outlive its client\'s certificate, and the ended one gets none', async () => {
  shortCertificate('stranger', -60, 4);
  const held = tlsConnect({ port: world.port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'],
    ca: readFileSync(world.path('ca', 'certificate.pem')), cert: readFileSync(world.path('stranger', 'certificate.pem')),
    key: readFileSync(world.path('stranger', 'key.pem')) });
  await new Promise((resolve, reject) => { held.once('data', resolve); held.once('error', reject); });
  await new Promise((resolve) => { held.on('close', resolve); held.on('error', () => {}); held.resume(); });
  assert.ok(!await isServed('stranger'));
  assert.match((await handshake('stranger')).how, /expired|closed/);
  shortCertificate('stranger', -60, 3600); // the same key again
  assert.ok(await isServed('stranger'));
});

test('a certificate of hours is renewed, one that was revoked is not', async () => {
  const refused = await world.vrx('pki', 'renew', '--ca', 'ca', '--certificate', 'sapporo-kiosk/certificate.pem',
    '--out', 'never.pem').then(() => 'renewed', ({ message }) => message);
  assert.match(refused, /WRONG_STATE/);
  await world.vrx('pki', 'renew', '--ca', 'ca', '--certificate', 'sapporo-console/certificate.pem', '--hours', '1',
    '--out', 'sapporo-console/certificate.pem'); // in its place
  world.disconnect();
  assert.equal(await reasonOf(world.client('sapporo-console').Tenancy.listTerminals()), 'OK');
});
