// SPDX-License-Identifier: Apache-2.0
// Streams in both directions, and the end of a server with calls in flight.
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
  client = clientOf(pki, echo.port);
});

after(async () => {
  client.close();
  await echo.stop();
  pki.remove();
});

const cancelledSoFar = async () =>
  (await call(client, 'cancelled', Buffer.alloc(0))).reply.readUInt32BE(0);

// Sends count messages of the given size, waiting where the client library asks to.
function collect(count, size) {
  return new Promise((resolve) => {
    const stream = client.collect((error, reply) => resolve({ error, reply }));
    let sent = 0;
    const more = () => {
      while (sent < count)
        if (!stream.write(Buffer.alloc(size, sent++ & 255))) {
          stream.once('drain', more);
          return;
        }
      stream.end();
    };
    more();
  });
}

for (const [count, size] of [[0, 0], [1, 0], [10000, 37], [40, 100000], [3, 4 << 20]]) {
  test(`client stream of ${count} messages of ${size} bytes`, async () => {
    const { error, reply } = await collect(count, size);
    assert.equal(error, null);
    assert.deepEqual([reply.readUInt32BE(0), reply.readUInt32BE(4)], [count, count * size]);
  });
}

function spread(count, size, onMessage = () => {}) {
  return new Promise((resolve) => {
    const stream = client.spread(u32(count, size));
    let received = 0;
    let inOrder = true;
    stream.on('data', (message) => {
      inOrder &&= message.length === size && (size < 4 || message.readUInt32BE(0) === count - received);
      received++;
      onMessage(stream, received);
    });
    stream.on('error', () => {});
    stream.on('status', ({ code }) => resolve({ code, received, inOrder }));
  });
}

for (const [count, size] of [[0, 0], [1, 4], [10000, 100], [30, 1 << 20]]) {
  test(`server stream of ${count} messages of ${size} bytes`, async () => {
    assert.deepEqual(await spread(count, size),
      { code: grpc.status.OK, received: count, inOrder: true });
  });
}

test('server stream of 10000 messages to a reader that pauses', async () => {
  const result = await spread(10000, 1000, (stream, received) => {
    if (received % 1000) return;
    stream.pause();
    setTimeout(() => stream.resume(), 10);
  });
  assert.deepEqual(result, { code: grpc.status.OK, received: 10000, inOrder: true });
});

test('a server stream that the client gives up is told to the server', async () => {
  const before = await cancelledSoFar();
  const { code, received } = await spread(1 << 30, 1000, (stream, n) => {
    if (n === 10) stream.cancel();
  });
  assert.equal(code, grpc.status.CANCELLED);
  assert.ok(received < 1 << 20);
  while ((await cancelledSoFar()) === before);
});

test('a deadline ends a server stream that never ends', async () => {
  const before = await cancelledSoFar();
  const code = await new Promise((resolve) => {
    const stream = client.spread(u32(1 << 30, 100), { deadline: Date.now() + 100 });
    stream.on('data', () => {});
    stream.on('error', (error) => resolve(error.code));
  });
  assert.equal(code, grpc.status.DEADLINE_EXCEEDED);
  while ((await cancelledSoFar()) === before);
});

test('SIGTERM: every call that was taken is answered', async () => {
  const other = await startEcho(pki);
  const clients = Array.from({ length: 4 }, () => clientOf(pki, other.port));
  const calls = clients.flatMap((one) =>
    Array.from({ length: 20 }, () => call(one, 'wait', u32(400, 77))));
  await Promise.all(clients.map((one) => call(one, 'unary', Buffer.alloc(1))));
  other.terminate();
  const replies = await Promise.all(calls);
  for (const { error, reply } of replies) {
    assert.equal(error, null);
    assert.equal(reply.readUInt32BE(4), 77);
  }
  const { code, output } = await other.ended();
  assert.equal(code, 0);
  assert.match(output, /^cancelled 0$/m);
  clients.forEach((one) => one.close());
});

test('SIGTERM under load: a call is answered or was never begun', async () => {
  const other = await startEcho(pki);
  const clients = Array.from({ length: 4 }, () => clientOf(pki, other.port));
  const codes = {};
  let answered = 0;
  const hammer = async (one) => {
    for (;;) {
      const { error } = await call(one, 'unary', Buffer.alloc(50));
      if (error) {
        codes[error.code] = (codes[error.code] ?? 0) + 1;
        return;
      }
      if (++answered === 1000) other.terminate();
    }
  };
  await Promise.all(clients.flatMap((one) => Array.from({ length: 10 }, () => hammer(one))));
  const { code, output } = await other.ended();
  assert.equal(code, 0);
  assert.match(output, /^cancelled 0$/m);
  assert.deepEqual(Object.keys(codes), [String(grpc.status.UNAVAILABLE)]);
  clients.forEach((one) => one.close());
});
