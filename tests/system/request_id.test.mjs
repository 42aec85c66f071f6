// SPDX-License-Identifier: Apache-2.0
// One number for a call, wherever it is spoken of: in the reply, in the log, in the ledger, on the issuer's side, and
// on the screen of who was refused. The caller's own where it gives a good one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { World, towns, until } from './harness.mjs';
import { addressee, applyFor } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let session;

before(async () => {
  world = await World.make();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  const read = (...names) => readFileSync(world.path(...names));
  session = connect(`https://localhost:${world.port}`, { ca: read('ca', 'certificate.pem'),
    cert: read('sapporo-counter', 'certificate.pem'), key: read('sapporo-counter', 'key.pem') });
});

after(async () => {
  session?.close();
  await world?.close();
});

// A call without a message's field: { id, status } of its reply's head.
function call(path, metadata = {}) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers',
      'vrx-operator': 'system.test', ...metadata });
    stream.on('response', (head) => resolve({ id: head['vrx-request-id'], status: head['grpc-status'] }));
    stream.on('error', reject).resume();
    stream.end(Buffer.alloc(5));
  });
}

const history = '/vrx.v1.Records/GetHistory';
const given = '0123456789abcdeffedcba9876543210';
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));

test('a call has a number of its own in reply, log and ledger', async () => {
  const { id, status } = await call(history);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.notEqual(status, '0');
  await until(() => world.daemon.output().includes(`"request":"${id}"`));
  const found = (await entries()).filter(({ request }) => request === id);
  assert.equal(found.length, 1);
  assert.match(found[0].method, /Records\/GetHistory/);
  assert.notEqual((await call(history)).id, id);
});

test('a good one of the caller\'s is kept, in each form and under each name', async () => {
  for (const metadata of [{ 'vrx-request-id': given }, { 'vrx-request-id': given.toUpperCase() },
    { 'x-request-id': '01234567-89ab-cdef-fedc-ba9876543210' },
    { 'x-request-id': 'f'.repeat(32), 'vrx-request-id': given },
    { 'x-request-id': given, 'vrx-request-id': 'nonsense' }])
    assert.equal((await call(history, metadata)).id, given, JSON.stringify(metadata));
  assert.equal((await entries()).filter(({ request }) => request === given).length, 5);
});

test('what is no number is replaced, and stands nowhere', async () => {
  const secret = 'my-name-is-hanako-sapporo-0123456';
  for (const value of [secret, '', '0'.repeat(32), `${given}0`, `${given.slice(1)}g`]) {
    const { id } = await call(history, { 'vrx-request-id': value });
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.notEqual(id, given);
    assert.notEqual(id, '0'.repeat(32));
  }
  assert.ok(!world.daemon.output().includes(secret));
});

test('a call that went well has it too', async () => {
  const head = await new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc', te: 'trailers', 'vrx-request-id': given });
    stream.on('response', resolve).on('error', reject).resume();
    stream.end(Buffer.alloc(5));
  });
  assert.equal(head['vrx-request-id'], given);
  assert.equal(head['grpc-status'], undefined, 'the status follows the reply');
});

test('what became no call has none', async () => {
  const { id, status } = await call('/vrx.v1.Records/Nothing');
  assert.equal(status, '12');
  assert.equal(id, undefined);
});

test('vrx says it to who is refused', async () => {
  const { code, stderr } = await world.at('sapporo-counter', 'history', '--addressee', '999999');
  assert.notEqual(code, 0);
  const [, id] = /\n {5}request ([0-9a-f]{32}) - say this number .*お問い合わせ/.exec(stderr) ?? [];
  assert.ok(id, stderr);
  await until(() => world.daemon.output().includes(`"request":"${id}"`));
});

test('the issuer\'s log speaks of the same call as the ledger', async () => {
  const counter = world.client('sapporo-counter');
  const applicationId = await applyFor(counter, addressee(1));
  await counter.Certificates.issue({ applicationId });
  const [, id] = await world.issuer.says(
    new RegExp(` issued ${towns.sapporo.code} ${applicationId.toString('hex')} request ([0-9a-f]{32})\n`));
  const found = (await entries()).filter(({ request }) => request === id);
  assert.ok(found.some(({ method }) => method.endsWith('Certificates/Issue')));
});
