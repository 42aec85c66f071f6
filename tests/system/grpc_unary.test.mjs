// SPDX-License-Identifier: Apache-2.0
// gRPC's semantics as @grpc/grpc-js, an independent implementation, sees them: calls with one reply.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, clientOf, grpc, startEcho, u32 } from './echo.mjs';
import { makePki } from './pki.mjs';

let pki;
let echo;
let client;

before(async () => {
  pki = makePki();
  echo = await startEcho(pki);
  client = clientOf(pki, echo.port, { options: { 'grpc.max_send_message_length': -1 } });
});

after(async () => {
  client.close();
  const { code } = await echo.stop();
  pki.remove();
  assert.equal(code, 0);
});

for (const name of ['unary', 'inline']) {
  test(`${name}: empty message`, async () => {
    const { error, reply } = await call(client, name, Buffer.alloc(0));
    assert.equal(error, null);
    assert.equal(reply.length, 0);
  });

  test(`${name}: 1 MiB comes back as it was`, async () => {
    const message = Buffer.alloc(1 << 20);
    for (let i = 0; i < message.length; i++) message[i] = (i * 31 + (i >> 8)) & 255;
    const { error, reply } = await call(client, name, message);
    assert.equal(error, null);
    assert.ok(reply.equals(message));
  });

  test(`${name}: exactly the limit of 4 MiB`, async () => {
    const message = Buffer.alloc(4 << 20, 7);
    const { error, reply } = await call(client, name, message);
    assert.equal(error, null);
    assert.ok(reply.equals(message));
  });
}

test('a message over 4 MiB is RESOURCE_EXHAUSTED', async () => {
  const { error } = await call(client, 'unary', Buffer.alloc((4 << 20) + 1));
  assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
});

test('an unknown method is UNIMPLEMENTED', async () => {
  const { error } = await call(client, 'unknown', Buffer.alloc(3));
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
});

test('200 calls in parallel get their own replies', async () => {
  const results = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    call(client, i % 2 ? 'unary' : 'inline', u32(i))));
  results.forEach(({ error, reply }, i) => {
    assert.equal(error, null);
    assert.equal(reply.readUInt32BE(0), i);
  });
});

// google.rpc.Status, decoded here a second time, by hand.
function fields(buffer) {
  const found = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = buffer[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < buffer.length) {
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 0) {
      found.push([tag >> 3, value]);
    } else {
      assert.equal(tag & 7, 2);
      found.push([tag >> 3, buffer.subarray(at, at + value)]);
      at += value;
    }
  }
  return found;
}

test('a refusal carries its reason, clause and retry advice', async () => {
  const { error } = await call(client, 'refuse', Buffer.from('CONSENT_REVOKED'));
  assert.equal(error.code, grpc.status.PERMISSION_DENIED);
  assert.equal(error.details, 'the consent was revoked: Clause 7 第七条: 100% of it');
  const [binary] = error.metadata.get('grpc-status-details-bin');
  const status = fields(binary);
  assert.deepEqual(status[0], [1, grpc.status.PERMISSION_DENIED]);
  assert.equal(status[1][1].toString(), 'the consent was revoked');
  const any = fields(status[2][1]);
  assert.equal(any[0][1].toString(), 'type.googleapis.com/google.rpc.ErrorInfo');
  const info = fields(any[1][1]);
  assert.equal(info[0][1].toString(), 'CONSENT_REVOKED');
  assert.equal(info[1][1].toString(), 'vrx');
  const metadata = Object.fromEntries(info.slice(2).map(([, entry]) => {
    const [[, key], [, value]] = fields(entry);
    return [key.toString(), value.toString()];
  }));
  assert.deepEqual(metadata, {
    clause: 'Clause 7 第七条: 100% of it',
    retry: 'NEVER',
    ja: '本人同意は撤回されています',
  });
});

test('a passed deadline is DEADLINE_EXCEEDED and the server stops the call', async () => {
  const before = (await call(client, 'cancelled', Buffer.alloc(0))).reply.readUInt32BE(0);
  const { error } = await call(client, 'wait', u32(60000), { deadline: 100 });
  assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  let now = before;
  while (now === before) // ends by the test runner's time limit if the server never hears
    now = (await call(client, 'cancelled', Buffer.alloc(0))).reply.readUInt32BE(0);
  assert.equal(now, before + 1);
});

test('a cancelled call is told to the server', async () => {
  const before = (await call(client, 'cancelled', Buffer.alloc(0))).reply.readUInt32BE(0);
  const code = await new Promise((resolve) => {
    const pending = client.wait(u32(60000), (error) => resolve(error.code));
    setTimeout(() => pending.cancel(), 50);
  });
  assert.equal(code, grpc.status.CANCELLED);
  let now = before;
  while (now === before)
    now = (await call(client, 'cancelled', Buffer.alloc(0))).reply.readUInt32BE(0);
  assert.equal(now, before + 1);
});

test('the server knows the terminal by its key, and gives each call an id', async () => {
  const metadata = new grpc.Metadata();
  metadata.set('vrx-test', 'seen');
  const first = (await call(client, 'peer', Buffer.alloc(0), { metadata })).reply;
  const second = (await call(client, 'peer', Buffer.alloc(0))).reply;
  assert.ok(first.subarray(0, 32).equals(pki.spki('terminal')));
  assert.ok(first.subarray(32, 64).equals(second.subarray(32, 64)), 'one connection, one exporter');
  assert.ok(!first.subarray(32, 64).equals(Buffer.alloc(32)));
  assert.ok(!first.subarray(64, 80).equals(second.subarray(64, 80)));
  assert.equal(first.subarray(80).toString(), 'seen');
  assert.equal(second.length, 80);
});
