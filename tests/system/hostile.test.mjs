// SPDX-License-Identifier: Apache-2.0
// Bad input of each kind gets a clear error and changes nothing: both municipalities are exported before and after
// and must be the same, and Sapporo's ledger must have gained exactly the denials that are audited, in order.
import assert from 'node:assert/strict';
import { X509Certificate, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { Decoder } from 'cbor-x';
import { collect, grpc, reasons, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { addressee, consentOf, dose, evidenceOf, individual, queryFor } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let counter;
let raw; // the same terminal, but the requests are bytes
let evidenceId;
let held; // what both municipalities have, and how long Sapporo's ledger is
const denials = []; // { method, terminal, outcome }, as the ledger must have them

before(async () => {
  world = await World.make();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  await world.vrx('pki', 'platform-ca', '--name', 'another CA', '--out', 'ca2');
  await world.vrx('pki', 'terminal', '--ca', 'ca2', '--name', 'outsider', '--out', 'outsider');
  counter = world.client('sapporo-counter');
  raw = world.client('sapporo-counter', { raw: true });
  evidenceId = await evidenceOf(counter, addressee(1));
  held = { ...await everything(), size: await ledgerSize() };
});

after(() => world?.close());

async function everything() {
  const exported = {};
  for (const town of ['sapporo', 'kashiwa'])
    exported[town] = await collect(world.client(`${town}-console`).Records.export());
  return exported;
}

async function ledgerSize() {
  const { note } = await world.client('sapporo-console').Ledger.getCheckpoint();
  return Number(note.split('\n')[1]);
}

// The ledger names a terminal by the first 8 bytes of the digest of its public key.
function terminalId(terminal) {
  const { publicKey } = new X509Certificate(readFileSync(world.path(terminal, 'certificate.pem')));
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16);
}

async function denied(method, terminal, reason, promise) {
  const refusal = await refused(promise, reason);
  denials.push({ method: `/vrx.v1.${method}`, terminal: terminalId(terminal), outcome: reasons[reason].value });
  return refusal;
}

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

// [what, method, reason, call], all at Sapporo's counter.
const getHistory = 'Records/GetHistory';
const calls = [
  ['a truncated message', getHistory, 'INPUT_MALFORMED', () => raw.Records.getHistory(bytes([0x0a, 0x10, 0x0a]))],
  ['bytes that are no protobuf', getHistory, 'INPUT_MALFORMED', () => raw.Records.getHistory(Buffer.alloc(64, 0xff))],
  ['a length beyond the message', getHistory, 'INPUT_MALFORMED',
    () => raw.Records.getHistory(bytes([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))],
  ['an unknown field', getHistory, 'INPUT_FIELD_UNKNOWN', () => raw.Records.getHistory(bytes([0x78, 1]))],
  ['an unknown field inside', getHistory, 'INPUT_FIELD_UNKNOWN',
    () => raw.Records.getHistory(bytes([0x0a, 5, 0x12, 1, 0x31, 0x78, 1]))],
  ['text that is not UTF-8', getHistory, 'INPUT_TEXT',
    () => raw.Records.getHistory(bytes([0x0a, 4, 0x12, 2, 0xc3, 0x28]))],
  ['a wrong check digit', getHistory, 'CHECK_DIGIT_WRONG',
    () => counter.Records.getHistory({ resident: individual('123456789010') })],
  ['the number that is never given', getHistory, 'INPUT_RANGE',
    () => counter.Records.getHistory({ resident: individual('000000000000') })],
  ['letters for a number', getHistory, 'INPUT_MALFORMED',
    () => counter.Records.getHistory({ resident: individual("1' OR '1'='1") })],
  ['30 February', 'Records/RecordVaccination', 'DATE_INVALID',
    () => counter.Records.recordVaccination({ resident: addressee(1), dose: dose({ administeredOn: '2022-02-30' }) })],
  ['a date that is none', 'Records/RecordVaccination', 'INPUT_MALFORMED',
    () => counter.Records.recordVaccination({ resident: addressee(1), dose: dose({ administeredOn: 'yesterday' }) })],
  ['a municipality in no directory', 'Exchange/GrantConsent', 'MUNICIPALITY_UNKNOWN',
    () => consentOf(counter, addressee(1), evidenceId, { origins: ['192015'] })],
  ['an identifier of 15 bytes', 'Exchange/RevokeConsent', 'INPUT_RANGE',
    () => counter.Exchange.revokeConsent({ consentId: Buffer.alloc(15) })],
  ['a request in the other municipality\'s name', 'Exchange/RequestTransfer', 'TERMINAL_TENANT',
    () => counter.Exchange.requestTransfer(queryFor(addressee(1), evidenceId, Buffer.alloc(0)))],
  ['an operator of 65 characters', getHistory, 'INPUT_TOO_LARGE', () =>
    world.client('sapporo-counter', { operator: 'x'.repeat(65) }).Records.getHistory({ resident: addressee(1) })],
  ['a console\'s method', 'Records/SetProtection', 'TERMINAL_KIND',
    () => counter.Records.setProtection({ resident: addressee(1) })],
  ['a console\'s stream', 'Ledger/ExportEntries', 'TERMINAL_KIND', () => collect(counter.Ledger.exportEntries())],
  ['a health system\'s stream', 'Records/ImportResidents', 'TERMINAL_KIND',
    () => counter.Records.importResidents([{ rows: [] }])],
  ['registering a terminal', 'Tenancy/RegisterTerminal', 'TERMINAL_KIND',
    () => counter.Tenancy.registerTerminal(
      { terminal: { spkiSha256: Buffer.alloc(32), kind: 'TERMINAL_KIND_CONSOLE' } })],
  ['creating a tenant', 'Tenancy/CreateTenant', 'TERMINAL_KIND', () => counter.Tenancy.createTenant({})],
  ['sealing', 'Tenancy/Seal', 'TERMINAL_KIND', () => counter.Tenancy.seal()],
];

for (const [name, method, reason, call] of calls)
  test(`${name}: ${reason}`, () => denied(method, 'sapporo-counter', reason, call()));

test('a kiosk reads no history: TERMINAL_KIND', () => denied(getHistory, 'sapporo-kiosk', 'TERMINAL_KIND',
  world.client('sapporo-kiosk').Records.getHistory({ resident: addressee(1) })));

test('the platform operator touches no record: TERMINAL_KIND', async () => {
  await refused(world.client('platform').Records.getHistory({ resident: addressee(1) }), 'TERMINAL_KIND');
});

test('a certificate of the CA that nobody registered: TERMINAL_UNKNOWN', async () => {
  const refusal = await refused(world.client('stranger').Records.getHistory({ resident: addressee(1) }),
    'TERMINAL_UNKNOWN');
  assert.equal(refusal.code, grpc.status.UNAUTHENTICATED);
});

test('another municipality\'s terminal registered here: ALREADY_EXISTS', async () => {
  const terminal = await world.at('sapporo-console', 'terminal', 'register', '--certificate',
    'kashiwa-counter/certificate.pem', '--kind', 'counter');
  assert.equal(terminal.code, 1);
  assert.match(terminal.stderr, /ALREADY_EXISTS/);
  denials.push({ method: '/vrx.v1.Tenancy/RegisterTerminal', terminal: terminalId('sapporo-console'),
    outcome: reasons.ALREADY_EXISTS.value });
});

test('more than 4 MiB: RESOURCE_EXHAUSTED before it is read', async () => {
  const error = await raw.Records.getHistory(Buffer.alloc((4 << 20) + 1)).catch((refusal) => refusal);
  assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
});

test('a certificate of another CA: no TLS', async () => {
  const error = await world.client('outsider').Records.getHistory({ resident: addressee(1) }).catch((e) => e);
  assert.equal(error.code, grpc.status.UNAVAILABLE);
});

// What a raw socket gets back until the other side ends it.
async function answerTo(socket, ...sent) {
  const received = [];
  socket.on('data', (data) => received.push(data));
  socket.on('error', () => {});
  for (const data of sent) socket.write(data);
  if (!socket.destroyed) await once(socket, 'close').catch(() => {});
  return Buffer.concat(received);
}

const identity = (options = {}) => ({ port: world.port, host: '127.0.0.1', servername: 'localhost',
  ca: readFileSync(world.path('ca', 'certificate.pem')),
  cert: readFileSync(world.path('sapporo-counter', 'certificate.pem')),
  key: readFileSync(world.path('sapporo-counter', 'key.pem')), ALPNProtocols: ['h2'], ...options });

test('garbage on the port ends that connection', async () => {
  for (let i = 0; i < 5; i++) {
    const socket = net.connect(world.port, '127.0.0.1');
    await answerTo(socket, bytes([0x47 + i]), randomBytes(4096));
  }
});

test('garbage inside TLS ends that connection', async () => {
  const socket = tls.connect(identity());
  await once(socket, 'secureConnect');
  const answer = await answerTo(socket, randomBytes(4096));
  assert.ok(answer.length < 256, 'at most settings and a farewell');
});

test('plain HTTP/1.1 gets no answer', async () => {
  const call = http.get({ port: world.port, host: '127.0.0.1', path: '/' });
  await assert.rejects(once(call, 'response'));
});

test('HTTP/1.1 inside TLS gets no answer', async () => {
  const call = https.get({ ...identity({ ALPNProtocols: ['http/1.1'] }), path: '/', agent: false });
  await assert.rejects(once(call, 'response'));
});

test('TLS 1.2: protocol version', async () => {
  const socket = tls.connect(identity({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }));
  const [error] = await once(socket, 'error');
  assert.match(error.message, /protocol.version/i);
});

test('afterwards both municipalities are as they were', async () => {
  assert.deepEqual({ ...await everything() }, { sapporo: held.sapporo, kashiwa: held.kashiwa });
});

test('the ledger has an entry for each audited denial, in order', async () => {
  const decoder = new Decoder({ mapsAsObjects: false });
  const replies = await collect(world.client('sapporo-console').Ledger.exportEntries({ from: held.size }));
  assert.deepEqual(replies.map(({ index }) => index), replies.map((_, at) => held.size + at));
  const entries = replies.map(({ entry }) => decoder.decode(entry));
  // That an export waits for a second person is no denial.
  const refusals = entries.filter((entry) => ![0, reasons.SECOND_PERSON_NEEDED.value].includes(entry.get(5)));
  assert.deepEqual(refusals.map((entry) => ({ method: entry.get(2), terminal: entry.get(3), outcome: entry.get(5) })),
    denials);
  for (const entry of entries) {
    assert.ok(Math.abs(entry.get(1) - Date.now() / 1000) < 600);
    assert.equal(entry.get(9).length, 16);
  }
  const named = entries.filter((entry) => entry.get(2).endsWith('/RecordVaccination'));
  assert.equal(named.length, 2);
  for (const entry of named) assert.equal(entry.get(6).length, 32, 'about whom, as an HMAC');
});
