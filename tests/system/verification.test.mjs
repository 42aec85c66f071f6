// SPDX-License-Identifier: Apache-2.0
// The listener for anyone: a certificate that the daemon itself had issued is verified by somebody without a
// certificate of their own, by gRPC and by gRPC-web; nothing else is to be reached there, nobody takes it from others,
// and nothing of it is kept.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import { join } from 'node:path';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import * as protoLoader from '@grpc/proto-loader';
import { claims, makeIssuer, qrText } from './cards.mjs';
import { connect, grpc, refused } from './clients.mjs';
import { World, run, until } from './harness.mjs';
import { root } from './programs.mjs';
import { addressee, applyFor, hanako } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';
import { hanakoSealed, makeSigner, seal } from './vds.mjs';

let world;
let anyone;
let issued;
const sessions = [];

before(async () => {
  world = await World.make({ public: true });
  anyone = world.anyone();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  const counter = world.client('sapporo-counter');
  const applicationId = await applyFor(counter, addressee(1));
  issued = (await counter.Certificates.issue({ applicationId })).certificate;
});

after(async () => {
  sessions.forEach((session) => session.destroy());
  await world?.close();
});

const verify = (request, client = anyone) => client.Verification.verify(request);
const verdict = async (text) => (await verify({ text })).verdict.replace('VERDICT_', '');

// A session of HTTP/2 from an address of the loopback's own choice, so that each test has a quota of its own.
async function sessionFrom(localAddress) {
  const ca = readFileSync(world.path('ca', 'certificate.pem'));
  const session = http2.connect(`https://localhost:${world.publicPort}`, { createConnection: () => tls.connect(
    { host: '127.0.0.1', port: world.publicPort, localAddress, servername: 'localhost', ca, ALPNProtocols: ['h2'] }) });
  session.on('error', () => {});
  sessions.push(session);
  await once(session, 'connect');
  return session;
}

const frame = (message) => Buffer.concat([Buffer.from([0, 0, 0, message.length >> 8, message.length & 255]), message]);
const { Verification } = grpc.loadPackageDefinition(protoLoader.loadSync('vrx/v1/verification.proto',
  { includeDirs: [join(root, 'proto')], longs: Number, enums: String, defaults: true })).vrx.v1;

// One call of Verify as a browser makes it: { fields, body }.
async function webCall(session, text, more = {}) {
  const stream = session.request({ ':method': 'POST', ':path': '/vrx.v1.Verification/Verify',
    'content-type': 'application/grpc-web+proto', ...more });
  stream.end(frame(Verification.service.Verify.requestSerialize({ text })));
  const [fields] = await once(stream, 'response');
  const parts = [];
  for await (const part of stream) parts.push(part);
  return { fields, body: Buffer.concat(parts) };
}

test('a certificate that was issued here is valid, and says what it says', async () => {
  const before = Math.floor(Date.now() / 1000);
  const reply = await verify({ text: issued.text });
  assert.equal(reply.verdict, 'VERDICT_VALID');
  assert.equal(reply.clause, '');
  assert.equal(reply.revocation, 'REVOCATION_UNKNOWN');
  assert.equal(reply.trustListVersion, 1);
  assert.ok(reply.verifiedAt >= before && reply.trustListIssuedAt <= before);
  const { certificate } = reply;
  assert.equal(certificate.kind, 'VERIFIED_KIND_VACCINATION');
  assert.equal(certificate.surname, 'SAPPORO');
  assert.equal(certificate.givenName, 'HANAKO');
  assert.equal(certificate.birthDate, hanako.birthDate);
  assert.equal(certificate.identifier, issued.uvci);
  assert.equal(certificate.country, 'JP');
  assert.equal(certificate.product, 'EU/1/20/1528');
  assert.deepEqual([certificate.dose, certificate.series], [2, 2]);
  assert.deepEqual([certificate.issuedAt, certificate.expiresAt], [issued.issuedAt, issued.expiresAt]);
  const scanned = await verify({ qrContent: Buffer.from(issued.text) });
  assert.deepEqual({ ...scanned, verifiedAt: 0 }, { ...reply, verifiedAt: 0 });
});

test('it says the same as `vrx verify` without a connection', async () => {
  writeFileSync(world.path('shown.txt'), issued.text);
  const { stdout, stderr } = await run('vrx', ['verify', 'shown.txt', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', '--json'], { cwd: world.folder });
  assert.equal(stderr, '');
  const offline = JSON.parse(stdout);
  const { certificate } = await verify({ text: issued.text });
  assert.equal(offline.verdict, 'VALID');
  assert.deepEqual([offline.surname, offline.given, offline.birth_date, offline.date, offline.identifier],
    [certificate.surname, certificate.givenName, certificate.birthDate, certificate.administeredOn,
      certificate.identifier]);
});

test('`vrx verify online` says it too', async () => {
  const at = ['--server', `localhost:${world.publicPort}`, '--ca', 'ca/certificate.pem'];
  const online = await run('vrx', ['verify', 'online', 'shown.txt', ...at, '--json'], { cwd: world.folder });
  assert.equal(online.code, 0, online.stderr);
  const offline = await run('vrx', ['verify', 'shown.txt', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', '--json'], { cwd: world.folder });
  assert.deepEqual(JSON.parse(online.stdout), JSON.parse(offline.stdout));
  const words = await run('vrx', ['verify', 'online', 'shown.txt', ...at], { cwd: world.folder });
  assert.match(words.stdout, /^VALID: .*\n(.*\n)+ {2}revocation unknown/);
  writeFileSync(world.path('other.txt'), 'hello');
  const other = await run('vrx', ['verify', 'online', 'other.txt', ...at], { cwd: world.folder });
  assert.equal(other.code, 16);
  const stranger = await run('vrx', ['verify', 'online', 'shown.txt', '--server', `localhost:${world.publicPort}`, '--ca',
    'csca/certificate.pem'], { cwd: world.folder });
  assert.equal(stranger.code, 1, stranger.stderr);
  assert.match(stranger.stderr, /CERTIFICATE_INVALID/);
});

test('a VDS-NC from here, and from another country that says it is from here', async () => {
  const csca = ['csca/certificate.pem', 'csca/key.pem'];
  const text = seal(hanakoSealed, makeSigner(world.folder, 'seals', csca));
  const { verdict: said, certificate } = await verify({ qrContent: Buffer.from(text) });
  assert.equal(said, 'VERDICT_VALID');
  assert.equal(certificate.format, 'CERTIFICATE_FORMAT_VDS_NC');
  assert.equal(certificate.kind, 'VERIFIED_KIND_VACCINATION');
  assert.deepEqual([certificate.surname, certificate.givenName, certificate.birthDate, certificate.sex,
    certificate.documentNumber, certificate.country, certificate.identifier],
  ['SAPPORO', 'HANAKO', '1985-04-01', 'F', 'TR1234567', 'JPN', 'JP0009990038']);
  assert.ok(certificate.expiresAt > Date.now() / 1000);
  assert.deepEqual(certificate.doses.map(({ number, administeredOn, vaccineCode, product, disease, country, performer,
    lot }) => [number, administeredOn, vaccineCode, product, disease, country, performer, lot]), [
    [1, '2021-06-13', 'XM68M6', 'Comirnaty', 'RA01.0', 'JPN', 'Sapporo City', 'EP2163'],
    [2, '2021-07-05', 'XM68M6', 'Comirnaty', 'RA01.0', 'JPN', 'Sapporo City', 'ER7449']]);
  writeFileSync(world.path('seal.json'), text);
  const online = await run('vrx', ['verify', 'online', 'seal.json', '--server', `localhost:${world.publicPort}`, '--ca',
    'ca/certificate.pem', '--json'], { cwd: world.folder });
  const offline = await run('vrx', ['verify', 'seal.json', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem', '--json'], { cwd: world.folder });
  assert.deepEqual(JSON.parse(online.stdout), JSON.parse(offline.stdout));
  const abroad = makeSigner(world.folder, 'abroad', csca, { country: 'AU' });
  const { verdict: wrong, clause } = await verify({ text: seal(hanakoSealed, abroad) });
  assert.equal(wrong, 'VERDICT_WRONG_KEY_USAGE');
  assert.match(clause, /not of the issuing country/);
});

test('what is no genuine certificate has its verdict, without content', async () => {
  const at = issued.text.length - 20;
  const forged = issued.text.slice(0, at) + (issued.text[at] === 'A' ? 'B' : 'A') + issued.text.slice(at + 1);
  for (const [text, expected] of [[forged, 'DAMAGED'], ['HC1:', 'DAMAGED'], ['HC1:%%%', 'DAMAGED'],
    ['hello', 'NOT_A_CERTIFICATE'], ['x'.repeat(5000), 'NOT_A_CERTIFICATE']]) {
    const reply = await verify({ text });
    assert.equal(reply.verdict, `VERDICT_${expected}`, text.slice(0, 20));
    assert.ok(reply.clause);
    assert.equal(reply.certificate, null);
    assert.equal(reply.revocation, 'REVOCATION_UNKNOWN');
  }
  await refused(verify({}), 'INPUT_FIELD_MISSING');
  await refused(verify({ text: issued.text, qrContent: Buffer.from(issued.text) }), 'INPUT_RANGE');
});

test('a browser verifies by gRPC-web', async () => {
  const session = await sessionFrom('127.0.0.1');
  const { fields, body } = await webCall(session, issued.text, { origin: `https://localhost:${world.publicPort}` });
  assert.equal(fields[':status'], 200);
  assert.equal(fields['content-type'], 'application/grpc-web+proto');
  assert.deepEqual(Object.keys(fields).filter((name) => name.startsWith('access-control')), []);
  const length = body.readUInt32BE(1);
  assert.equal(body[0], 0);
  const reply = Verification.service.Verify.responseDeserialize(body.subarray(5, 5 + length));
  assert.equal(reply.verdict, 'VERDICT_VALID');
  assert.equal(reply.certificate.identifier, issued.uvci);
  assert.equal(body[5 + length], 0x80);
  assert.equal(body.subarray(10 + length).toString(), 'grpc-status: 0\r\n');
});

test('a page of another origin gets no further than its preflight', async () => {
  const session = await sessionFrom('127.0.0.1');
  const stream = session.request({ ':method': 'OPTIONS', ':path': '/vrx.v1.Verification/Verify',
    origin: 'https://elsewhere.example', 'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type' }, { endStream: true });
  const [fields] = await once(stream, 'response');
  assert.equal(fields[':status'], 405);
  assert.deepEqual(Object.keys(fields).filter((name) => name.startsWith('access-control')), []);
  stream.resume();
});

test('the trust list is handed out, once', async () => {
  const { trustList, version, expiresAt } = await anyone.Verification.getTrustList();
  assert.ok(trustList.equals(readFileSync(world.path('trust.cbor'))));
  assert.equal(version, 1);
  assert.ok(expiresAt > Date.now() / 1000);
  const again = await anyone.Verification.getTrustList({ knownVersion: 1 });
  assert.deepEqual(again, { trustList: Buffer.alloc(0), version, expiresAt });
});

test('no other method is to be reached there, with a certificate or without', async () => {
  const terminal = connect(world.publicPort, world.path('sapporo-console'), world.path('ca', 'certificate.pem'));
  const patient = { interval: 60 };
  let tried = 0;
  for (const [service, methods] of Object.entries(anyone)) {
    if (service === 'Verification' || service === 'Law' || typeof methods !== 'object') continue;
    for (const method of Object.keys(methods)) {
      for (const client of [anyone, terminal]) {
        const reply = client[service][method](/^(import|submit)/.test(method) ? [] : {});
        const whole = Symbol.asyncIterator in reply ? reply.next() : reply;
        const { reason, code, message } = await whole.then(() => assert.fail(method), (error) => error);
        if (reason === 'RATE_EXCEEDED') assert.fail(`${message}: the test is too fast for its own quota`);
        assert.equal(code, grpc.status.UNIMPLEMENTED, `${service}.${method}`);
        assert.equal(reason, 'METHOD_UNKNOWN');
        tried++;
        await new Promise((resolve) => { setTimeout(resolve, patient.interval); });
      }
    }
  }
  assert.ok(tried > 60);
  assert.equal((await verify({ text: issued.text }, terminal)).verdict, 'VERDICT_VALID');
  terminal.close();
});

test('health is for anyone: the daemon\'s, not a municipality\'s; reflection and watching are not', async () => {
  const { health, reflection } = grpc.loadPackageDefinition(protoLoader.loadSync(
    ['grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto'],
    { includeDirs: [join(root, 'proto')], keepCase: true, enums: String, oneofs: true })).grpc;
  const make = (Service) => new Service(`localhost:${world.publicPort}`,
    grpc.credentials.createSsl(readFileSync(world.path('ca', 'certificate.pem'))));
  const clients = [make(health.v1.Health), make(reflection.v1.ServerReflection)];
  const check = (service) => new Promise((resolve) => {
    clients[0].Check({ service }, (error, reply) => resolve(error ? grpc.status[error.code] : reply.status));
  });
  const failed = (call) => once(call, 'error').then(([error]) => grpc.status[error.code]);
  assert.equal(await check(''), 'SERVING');
  for (const service of ['tenant/011002', 'tenant/131016', 'vrx.v1.Verification'])
    assert.equal(await check(service), 'NOT_FOUND', service);
  const watching = clients[0].Watch({ service: '' });
  watching.resume();
  assert.equal(await failed(watching), 'UNIMPLEMENTED');
  const asking = clients[1].ServerReflectionInfo();
  const answer = failed(asking);
  asking.on('data', () => assert.fail('an answer'));
  asking.write({ list_services: '' });
  assert.equal(await answer, 'UNIMPLEMENTED');
  clients.forEach((client) => client.close());
});

test('terminals may verify where they call; who is nobody there may not', async () => {
  for (const terminal of ['sapporo-counter', 'sapporo-kiosk', 'kashiwa-console', 'platform'])
    assert.equal((await verify({ text: issued.text }, world.client(terminal))).verdict, 'VERDICT_VALID', terminal);
  await refused(verify({ text: issued.text }, world.client('stranger')), 'TERMINAL_UNKNOWN');
});

test('more than a QR code holds: RESOURCE_EXHAUSTED before it is read', async () => {
  const { code } = await verify({ text: 'x'.repeat(8192) }).catch((error) => error);
  assert.equal(code, grpc.status.RESOURCE_EXHAUSTED);
});

test('who calls too often is refused with advice that holds, and nobody else is', async () => {
  const greedy = await sessionFrom('127.0.0.2');
  const other = await sessionFrom('127.0.0.3');
  const statusOf = async (session) => (await webCall(session, 'hello')).fields['grpc-status'] ?? '0';
  const replies = await Promise.all(Array.from({ length: 380 }, () => webCall(greedy, 'hello')));
  const denied = replies.map(({ fields }) => fields).filter((fields) => 'grpc-status' in fields);
  assert.ok(denied.length > 0 && denied.length <= 190, `${denied.length} refused`);
  for (const fields of denied) {
    assert.equal(fields['grpc-status'], '8');
    assert.match(decodeURIComponent(fields['grpc-message']), /calls a second of one address; try again in 0\.1 s$/);
  }
  assert.equal(await statusOf(other), '0');
  await new Promise((resolve) => { setTimeout(resolve, 200); });
  assert.equal(await statusOf(greedy), '0');
});

test('who takes no advice is sent away', async () => {
  const flood = await sessionFrom('127.0.0.4');
  const away = once(flood, 'goaway');
  for (let i = 0; i < 600 && !flood.closed && !flood.destroyed; i++) {
    const stream = flood.request({ ':method': 'POST', ':path': '/nothing', 'content-type': 'application/grpc' });
    stream.on('error', () => {});
    stream.resume().end();
    if (i % 50 === 0) await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  const [code] = await away;
  assert.equal(code, http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  assert.equal(await verdict('hello'), 'NOT_A_CERTIFICATE');
});

test('an address has so many connections, and no more', async () => {
  const sockets = [];
  const open = async (localAddress) => {
    const socket = net.connect({ host: '127.0.0.1', port: world.publicPort, localAddress });
    socket.on('error', () => {});
    await once(socket, 'connect');
    sockets.push(socket);
    return socket;
  };
  for (let i = 0; i < 128; i++) await open('127.0.0.5');
  const extra = await open('127.0.0.5');
  extra.resume();
  await once(extra, 'close');
  assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 1);
  assert.equal((await webCall(await sessionFrom('127.0.0.6'), 'hello')).fields[':status'], 200);
  sockets.forEach((socket) => socket.destroy());
  await until(async () => sessionFrom('127.0.0.5').then(() => true, () => false));
});

async function signTrust(version, signer, out, ...more) {
  await world.vrx('pki', 'trust-list', '--authority', 'authority', '--version', String(version), '--days', '30', '--csca',
    'csca/certificate.pem', '--signer', `${signer}/certificate.pem`, '--out', out, ...more);
}
const put = (file) => { // as an operator would: never half a file
  copyFileSync(world.path(file), world.path('trust.next'));
  renameSync(world.path('trust.next'), world.path('trust.cbor'));
};
const version = async () => (await anyone.Verification.getTrustList({ knownVersion: 1 })).version;

test('a newer trust list counts within seconds, an older one never', async () => {
  copyFileSync(world.path('trust.cbor'), world.path('trust1'));
  await world.vrx('pki', 'dsc', '--csca', 'csca', '--name', 'another signer', '--out', 'dsc2');
  await signTrust(2, 'dsc2', 'trust2');
  await signTrust(3, 'dsc', 'trust3');
  put('trust2');
  await until(async () => await version() === 2);
  assert.equal(await verdict(issued.text), 'ISSUER_UNKNOWN');
  put('trust3');
  await until(async () => await version() === 3);
  assert.equal(await verdict(issued.text), 'VALID');
  put('trust1');
  await until(() => /trust list not taken.*DIRECTORY_STALE/.test(world.daemon.output()));
  assert.equal(await version(), 3);
});

test('nor after a restart', async () => {
  await world.endDaemon();
  await assert.rejects(world.startDaemon(), /trust_list\.version ascends/);
  put('trust3');
  await world.startDaemon('--public-certificate', 'public/certificate.pem', '--public-key', 'public/key.pem')
    .then(() => assert.fail('there is none'), (error) => assert.match(String(error), /not started/));
  await world.vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:localhost,IP:127.0.0.1', '--out', 'public');
  await world.startDaemon('--public-certificate', 'public/certificate.pem', '--public-key', 'public/key.pem');
  anyone = world.anyone();
  assert.equal(await version(), 3);
});

test('a SMART Health Card is verified when the trust list names its issuer', async () => {
  const issuer = await makeIssuer('https://cards.sapporo.example');
  const person = { family: 'SAPPORO', given: ['HANAKO'], birthDate: hanako.birthDate };
  const text = qrText(await issuer.sign(claims(issuer.url, person,
    [{ date: '2021-06-22', lot: 'EY0779', performer: '札幌市' }, { date: '2021-07-13' }], {}, { rid: 'MKyCxh7p6uQ' })));
  assert.equal(await verdict(text), 'ISSUER_UNKNOWN');
  writeFileSync(world.path('jwks.json'), JSON.stringify(issuer.jwks));
  await signTrust(4, 'dsc', 'trust4', '--shc-issuer', issuer.url, '--shc-keys', 'jwks.json');
  put('trust4');
  await until(async () => await version() === 4);
  const { verdict: said, certificate } = await verify({ text });
  assert.equal(said, 'VERDICT_VALID');
  assert.equal(certificate.format, 'CERTIFICATE_FORMAT_SMART_HEALTH_CARD');
  assert.deepEqual([certificate.surname, certificate.authority, certificate.identifier, certificate.expiresAt],
    ['SAPPORO', issuer.url, 'MKyCxh7p6uQ', 0]);
  assert.deepEqual(certificate.doses.map(({ administeredOn, vaccineCode, lot, performer }) =>
    [administeredOn, vaccineCode, lot, performer]), [['2021-06-22', '208', 'EY0779', '札幌市'], ['2021-07-13', '208', '', '']]);
  assert.equal((await verify({ text: issued.text })).certificate.format, 'CERTIFICATE_FORMAT_HCERT');
  writeFileSync(world.path('card.txt'), text);
  const [online, offline] = await Promise.all([
    ['online', 'card.txt', '--server', `localhost:${world.publicPort}`, '--ca', 'ca/certificate.pem'],
    ['card.txt', '--trust-list', 'trust4', '--authority', 'authority/certificate.pem'],
  ].map((args) => run('vrx', ['verify', ...args, '--json'], { cwd: world.folder })));
  assert.equal(online.code, 0, online.stderr);
  assert.equal(JSON.parse(offline.stdout).format, 'SHC');
  assert.deepEqual(JSON.parse(online.stdout), JSON.parse(offline.stdout));
});

test('the listener for anyone may have a certificate of its own', async () => {
  const shown = async (port) => {
    const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect').catch(() => {});
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const own = (folder) => new X509Certificate(readFileSync(world.path(folder, 'certificate.pem'))).fingerprint256;
  assert.equal(await shown(world.publicPort), own('public'));
});

test('settings that do not go together are said', async () => {
  const settings = ['--state', 'state', '--certificate', 'server/certificate.pem', '--key', 'server/key.pem',
    '--client-ca', 'ca/certificate.pem', '--authority', 'authority/certificate.pem', '--directory', 'directory.cbor',
    '--permits', 'permits.cbor', '--issuer', 'issuer.sock', '--check-config'];
  for (const [more, clause] of [
    [['--public-listen', '127.0.0.1:0'], /public-listen needs trust-list/],
    [['--public-listen', 'here', '--trust-list', 'trust.cbor'], /public-listen: ADDRESS:PORT/],
    [['--public-key', 'server/key.pem'], /public-certificate and public-key belong together/],
    [['--trust-list', 'trust1'], /trust_list\.version ascends/],
    [['--trust-list', 'nothing'], /NOT_FOUND/]]) {
    const result = await run('vrxd', [...settings, ...more], { cwd: world.folder });
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, clause);
  }
  const usable = await run('vrxd', [...settings, '--trust-list', 'trust.cbor', '--public-listen', '127.0.0.1:0'],
    { cwd: world.folder });
  assert.equal(usable.code, 0, usable.stderr);
});

test('nothing of it is kept: no line in the log, no entry in a ledger', async () => {
  await verify({}).catch(() => {});
  await world.unseal('sapporo');
  const entries = await world.well('sapporo-console', 'audit', 'entries', '--json');
  assert.doesNotMatch(entries, /Verification/);
  await world.endDaemon();
  const log = readFileSync(world.path('vrxd.log'), 'utf8');
  assert.doesNotMatch(log, /Verification\/(?!Verify.*TERMINAL_UNKNOWN)|SAPPORO|HANAKO|HC1:|"call":"\/grpc/);
  assert.ok(existsSync(world.path('state', 'trust')));
});
