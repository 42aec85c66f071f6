// SPDX-License-Identifier: Apache-2.0
// Terminals that are lost, found and exchanged, on a running daemon: what stops at once, what stays so while the
// municipality is sealed and after a restart, and what the administrators are told.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { World, until } from './harness.mjs';
import { addressee, ask, hanako } from './steps.mjs';

let world;

before(async () => { world = await World.make(); });
after(() => world?.close());

const openssl = (...args) => execFileSync('openssl', args, { cwd: world.folder, stdio: ['ignore', 'pipe', 'pipe'] });
const list = async () => JSON.parse(await world.well('sapporo-console', 'terminal', 'list', '--json'));
const digestOf = (terminal) => openssl('x509', '-in', `${terminal}/certificate.pem`, '-noout', '-pubkey', '-out',
  'pubkey.pem') && execFileSync('sh', ['-c',
  'openssl pkey -pubin -in pubkey.pem -outform DER | openssl dgst -sha256 -r | cut -c1-64'], { cwd: world.folder })
  .toString().trim();
const row = async (terminal) => {
  const digest = digestOf(terminal);
  return (await list()).find(({ spki_sha256: key }) => key === digest);
};
const reasonOf = (promise) => promise.then(() => 'OK', ({ reason, message }) => reason || message);
const status = (terminal) => reasonOf(world.client(terminal).Tenancy.status());

test('a suspension ends a running stream and every connection, and holds while sealed and after a restart', async () => {
  const counter = world.client('sapporo-counter');
  await counter.Records.registerResident({ resident: hanako });
  const kashiwa = world.client('kashiwa-counter');
  await kashiwa.Records.registerResident({ resident: hanako });
  // Kashiwa's own counter watches a transfer that does not end: Sapporo is sealed meanwhile.
  await world.seal('sapporo');
  const queryId = await ask(kashiwa, addressee(1));
  const stream = kashiwa.Exchange.watchTransfer({ queryId })[Symbol.asyncIterator]();
  await stream.next();
  const rest = stream.next().then(({ done }) => (done ? 'ended' : 'a message'), (error) => error);
  await world.well('kashiwa-console', 'terminal', 'suspend', '--certificate', 'kashiwa-counter/certificate.pem');
  const how = await rest;
  assert.ok(how instanceof Error, `${how}`);
  assert.equal(await reasonOf(kashiwa.Records.getHistory({ resident: addressee(1) })), 'TERMINAL_SUSPENDED');
  assert.equal(await status('kashiwa-counter'), 'TERMINAL_SUSPENDED');
  assert.equal(await status('kashiwa-kiosk'), 'OK');

  await world.seal('kashiwa');
  assert.equal(await status('kashiwa-counter'), 'TERMINAL_SUSPENDED');
  await world.endDaemon('SIGKILL');
  await world.startDaemon();
  assert.equal(await status('kashiwa-counter'), 'TERMINAL_SUSPENDED');
  assert.equal(await status('kashiwa-kiosk'), 'OK');
  await world.unseal('kashiwa');
  await world.unseal('sapporo');
  assert.equal(await status('kashiwa-counter'), 'TERMINAL_SUSPENDED');

  await world.well('kashiwa-console', 'terminal', 'reinstate', '--certificate', 'kashiwa-counter/certificate.pem');
  assert.equal(await status('kashiwa-counter'), 'OK');
});

test('the last console is not suspended, nor does a counter suspend anybody', async () => {
  const refused = await world.at('sapporo-console', 'terminal', 'suspend', '--certificate',
    'sapporo-console/certificate.pem');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /LAST_CONSOLE/);
  const other = await world.at('sapporo-counter', 'terminal', 'suspend', '--certificate',
    'sapporo-kiosk/certificate.pem');
  assert.match(other.stderr, /TERMINAL_KIND/);
  const foreign = await world.at('sapporo-console', 'terminal', 'suspend', '--digest', digestOf('kashiwa-counter'));
  assert.match(foreign.stderr, /TERMINAL_UNKNOWN/);
});

test('a console replaces itself: it is answered, and the new one unseals', async () => {
  await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', 'second console', '--out', 'sapporo-console-2');
  world.places.set('sapporo-console-2', world.places.get('sapporo-console')); // the same people
  const fresh = (await world.well('sapporo-console', 'terminal', 'replace', '--certificate',
    'sapporo-console/certificate.pem', '--by', 'sapporo-console-2/certificate.pem')).trim();
  assert.equal(fresh, digestOf('sapporo-console-2'));
  assert.equal(await status('sapporo-console'), 'TERMINAL_SUSPENDED');
  const terminals = JSON.parse(await world.well('sapporo-console-2', 'terminal', 'list', '--json'));
  const before = terminals.find(({ state }) => state === 'replaced');
  assert.equal(before.successor_spki_sha256, fresh);
  assert.equal(terminals.find(({ spki_sha256: key }) => key === fresh).kind, 'console');
  await world.client('sapporo-console-2').Tenancy.seal();
  execFileSync('mv', ['sapporo-console', 'sapporo-console-1'], { cwd: world.folder });
  execFileSync('mv', ['sapporo-console-2', 'sapporo-console'], { cwd: world.folder });
  world.disconnect();
  await world.unseal('sapporo');
  const again = await world.at('sapporo-console', 'terminal', 'reinstate', '--certificate',
    'sapporo-console-1/certificate.pem');
  assert.match(again.stderr, /WRONG_STATE/);
});

test('the list knows whose certificate ends soon, from the certificate or from the connection', async () => {
  await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', 'short', '--days', '20', '--out', 'short');
  await world.well('sapporo-console', 'terminal', 'register', '--certificate', 'short/certificate.pem', '--kind',
    'kiosk', '--label', 'short');
  assert.equal((await row('short')).certificate_ends_soon, false, 'one of 20 days, with 20 left');
  const end = new Date(openssl('x509', '-in', 'short/certificate.pem', '-noout', '-enddate').toString()
    .replace('notAfter=', ''));
  assert.equal(new Date((await row('short')).certificate_not_after).getTime(), end.getTime());

  // The same key in a certificate that is in its last third; the terminal shows it and the list follows.
  openssl('req', '-new', '-key', 'short/key.pem', '-subj', '/CN=short', '-out', 'short.csr');
  execFileSync('sh', ['-c', 'printf "keyUsage=critical,digitalSignature\\nextendedKeyUsage=clientAuth\\n" > short.ext'],
    { cwd: world.folder });
  openssl('x509', '-req', '-in', 'short.csr', '-CA', 'ca/certificate.pem', '-CAkey', 'ca/key.pem', '-CAcreateserial',
    '-days', '21', '-extfile', 'short.ext', '-out', 'short/certificate.pem');
  assert.equal(await reasonOf(world.client('short').Records.getHistory({ resident: addressee(1) })), 'TERMINAL_KIND');
  const counter = await row('sapporo-counter');
  assert.equal(counter.certificate_ends_soon, false);
  assert.equal(counter.state, 'active');
});

test('administrators are told in the list, by status and in the log', async () => {
  openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'old.key',
    '-subj', '/CN=old', '-out', 'old.csr');
  openssl('x509', '-req', '-in', 'old.csr', '-CA', 'ca/certificate.pem', '-CAkey', 'ca/key.pem', '-CAcreateserial',
    '-days', '1', '-extfile', 'short.ext', '-out', 'old.pem');
  assert.equal((await world.client('sapporo-kiosk').Tenancy.status()).tenants[0].terminalsEnding, 0);
  // A day's certificate that nobody renews: the clock of the list is not ours, so its beginning is moved instead.
  const from = new Date(Date.now() - 20 * 3600e3).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const until_ = new Date(Date.now() + 4 * 3600e3).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  execFileSync('sh', ['-c', ': > index.txt && echo 01 > serial && printf "[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\n\
serial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n" > ca.cnf'],
  { cwd: world.folder });
  openssl('ca', '-batch', '-config', 'ca.cnf', '-in', 'old.csr', '-cert', 'ca/certificate.pem', '-keyfile', 'ca/key.pem',
    '-startdate', `${from}Z`, '-enddate', `${until_}Z`, '-extfile', 'short.ext', '-out', 'old.pem', '-notext');
  await world.well('sapporo-console', 'terminal', 'register', '--certificate', 'old.pem', '--kind', 'kiosk', '--label',
    'old');
  const table = await world.at('sapporo-console', 'terminal', 'list');
  assert.match(table.stdout, /ENDS SOON 期限間近/);
  assert.match(table.stderr, /1 certificates end soon/);
  assert.equal((await world.client('sapporo-kiosk').Tenancy.status()).tenants[0].terminalsEnding, 1);
  assert.match((await world.at('sapporo-console', 'status')).stderr, /vrx terminal list/);
  await world.seal('sapporo');
  await world.unseal('sapporo');
  await world.endDaemon();
  await world.startDaemon();
  await world.unseal('sapporo');
  await until(() => /certificates of 1 terminals end soon/.test(world.daemon.output()));
});

test('a certificate that can never be shown is not registered', async () => {
  const refused = await world.at('sapporo-console', 'terminal', 'register', '--certificate',
    'server/certificate.pem', '--kind', 'kiosk');
  assert.match(refused.stderr, /CERTIFICATE_INVALID.*clientAuth/s);
});
