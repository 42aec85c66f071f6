// SPDX-License-Identifier: Apache-2.0
// What does not look like a well-behaved gRPC client: each ends in the answer that its protocol has,
// or in a closed connection, and the next client never notices.
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { call, clientOf, grpc, startEcho, u32 } from './echo.mjs';
import { makePki } from './pki.mjs';

let pki;
let echo;

before(async () => {
  pki = makePki();
  echo = await startEcho(pki, { threads: 1 });
});

after(async () => {
  const { code } = await echo.stop();
  pki.remove();
  assert.equal(code, 0);
});

async function assertServing() {
  assert.ok(echo.alive());
  const client = clientOf(pki, echo.port);
  const { error, reply } = await call(client, 'unary', Buffer.from('still here'));
  client.close();
  assert.equal(error, null);
  assert.equal(reply.toString(), 'still here');
}

const tlsOptions = (certificate = 'terminal') => ({
  host: '127.0.0.1', port: echo.port, servername: 'localhost', ca: pki.read('ca.pem'),
  ALPNProtocols: ['h2'],
  ...(certificate && { key: pki.read(`${certificate}.key`), cert: pki.read(`${certificate}.pem`) }),
});

// What the peer sent until the connection ended, and the error it ended with, if any.
function exchange(socket, bytes) {
  return new Promise((resolve) => {
    const received = [];
    let failure = null;
    socket.on('data', (data) => received.push(data));
    socket.on('error', (error) => { failure = error; });
    socket.on('close', () => resolve({ received: Buffer.concat(received), failure }));
    if (bytes) socket.write(bytes);
  });
}

test('plain HTTP/1', async () => {
  const { received } = await exchange(net.connect(echo.port, '127.0.0.1'),
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.ok(!received.includes('HTTP/'));
  await assertServing();
});

test('garbage instead of a handshake', async () => {
  await exchange(net.connect(echo.port, '127.0.0.1'), Buffer.alloc(5000, 0xa5));
  await assertServing();
});

test('a connection that ends within the handshake', async () => {
  const socket = net.connect(echo.port, '127.0.0.1');
  const ended = exchange(socket, Buffer.from([22, 3, 1, 2, 0, 1]));
  socket.end();
  await ended;
  await assertServing();
});

test('TLS 1.2', async () => {
  const { failure } = await exchange(tls.connect({
    ...tlsOptions(), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }));
  assert.match(failure.code, /PROTOCOL_VERSION/);
  await assertServing();
});

test('ALPN without h2', async () => {
  const { failure } = await exchange(tls.connect({ ...tlsOptions(), ALPNProtocols: ['http/1.1'] }));
  assert.match(failure.code, /NO_APPLICATION_PROTOCOL/);
  await assertServing();
});

test('no ALPN at all', async () => {
  const { received } = await exchange(tls.connect({ ...tlsOptions(), ALPNProtocols: undefined }),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.equal(received.length, 0);
  await assertServing();
});

for (const [certificate, alert] of [
  [null, /CERTIFICATE_REQUIRED/], ['stranger', /UNKNOWN_CA/], ['expired', /CERTIFICATE_EXPIRED/],
  ['server', /UNSUPPORTED_CERTIFICATE/]]) {
  test(`client certificate: ${certificate ?? 'none'}`, async () => {
    const { received, failure } = await exchange(tls.connect(tlsOptions(certificate)),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    assert.equal(received.length, 0);
    assert.match(failure.code, alert);
    await assertServing();
  });
}

test('client certificate without clientAuth (RFC 5280 §4.2.1.12)', async () => {
  const { received } = await exchange(tls.connect(tlsOptions('purposeless')),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.equal(received.length, 0);
  await assertServing();
});

test('garbage instead of HTTP/2', async () => {
  const { received } = await exchange(tls.connect(tlsOptions()), Buffer.alloc(5000, 0xa5));
  assert.ok(received.length < 200, 'no more than settings and a farewell');
  await assertServing();
});

// Requests by hand over node's own HTTP/2 client.

function connect() {
  const session = http2.connect(`https://localhost:${echo.port}`, tlsOptions());
  session.on('error', () => {});
  return session;
}

const head = (path, extra = {}) => ({
  ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...extra });

const framed = (message, flag = 0) => Buffer.concat([Buffer.from([flag]), u32(message.length), message]);

function request(session, headers, body) {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    const result = { body: Buffer.alloc(0) };
    stream.on('response', (fields) => { result.head = fields; });
    stream.on('trailers', (fields) => { result.trailers = fields; });
    stream.on('data', (data) => { result.body = Buffer.concat([result.body, data]); });
    stream.on('error', reject);
    stream.on('close', () => resolve({ ...result, reset: stream.rstCode }));
    if (body) stream.write(body);
    stream.end();
  });
}

async function oneRequest(headers, body) {
  const session = connect();
  try {
    return await request(session, headers, body);
  } finally {
    session.close();
  }
}

test('an ordinary call, byte for byte', async () => {
  const { head: fields, body, trailers } =
    await oneRequest(head('/test.Echo/Unary'), framed(Buffer.from('abc')));
  assert.equal(fields[':status'], 200);
  assert.equal(fields['content-type'], 'application/grpc');
  assert.equal(fields['grpc-accept-encoding'], 'identity,gzip');
  assert.equal(fields['grpc-encoding'], undefined);
  assert.equal(fields['grpc-status'], undefined);
  assert.equal(body.toString('hex'), '0000000003616263');
  assert.equal(trailers['grpc-status'], '0');
});

test('content type with codec and parameter is accepted', async () => {
  const { trailers } = await oneRequest(
    head('/test.Echo/Unary', { 'content-type': 'application/grpc+proto;charset=utf-8' }),
    framed(Buffer.alloc(1)));
  assert.equal(trailers['grpc-status'], '0');
});

for (const type of ['application/json', 'application/grpc-web-text', 'application/grpcx', 'text/plain']) {
  test(`content type ${type} is 415`, async () => {
    const { head: fields } = await oneRequest(head('/test.Echo/Unary', { 'content-type': type }));
    assert.equal(fields[':status'], 415);
  });
}

test('GET is 405', async () => {
  const { head: fields } = await oneRequest({ ':method': 'GET', ':path': '/test.Echo/Unary' });
  assert.equal(fields[':status'], 405);
  assert.equal(fields.allow, 'POST');
});

test('compressed and plain messages on one stream', async () => {
  const { trailers, body } = await oneRequest(
    head('/test.Echo/Collect', { 'grpc-encoding': 'gzip' }), Buffer.concat([
      framed(gzipSync(Buffer.alloc(27182)), 1), framed(Buffer.alloc(45904)), framed(gzipSync(''), 1)]));
  assert.equal(trailers['grpc-status'], '0');
  assert.deepEqual([body.readUInt32BE(5), body.readUInt32BE(9)], [3, 73086]);
});

test('a compressed message of exactly the limit', async () => {
  const { trailers, body } = await oneRequest(
    head('/test.Echo/Unary', { 'grpc-encoding': 'gzip' }), framed(gzipSync(Buffer.alloc(4 << 20)), 1));
  assert.equal(trailers['grpc-status'], '0');
  assert.ok(body.equals(framed(Buffer.alloc(4 << 20))));
});

const refusals = [
  ['grpc-encoding deflate', head('/test.Echo/Unary', { 'grpc-encoding': 'deflate' }), framed(Buffer.alloc(1)), 12],
  ['a compressed message that is not gzip', head('/test.Echo/Unary', { 'grpc-encoding': 'gzip' }), framed(Buffer.alloc(9), 1), 13],
  ['a compressed message over the limit', head('/test.Echo/Unary', { 'grpc-encoding': 'gzip' }), framed(gzipSync(Buffer.alloc((4 << 20) + 1)), 1), 8],
  ['a compressed message of 64 MiB', head('/test.Echo/Unary', { 'grpc-encoding': 'gzip' }), framed(gzipSync(Buffer.alloc(64 << 20)), 1), 8],
  ['compressed flag of 2', head('/test.Echo/Unary', { 'grpc-encoding': 'gzip' }), framed(gzipSync(Buffer.alloc(9)), 2), 13],
  ['unknown method', head('/test.Echo/None'), framed(Buffer.alloc(1)), 12],
  ['grpc-timeout without unit', head('/test.Echo/Unary', { 'grpc-timeout': '100' }), null, 3],
  ['grpc-timeout of nine digits', head('/test.Echo/Unary', { 'grpc-timeout': '123456789m' }), null, 3],
  ['grpc-timeout 0', head('/test.Echo/Unary', { 'grpc-timeout': '0m' }), null, 4],
  ['compressed flag without encoding', head('/test.Echo/Unary'), framed(Buffer.alloc(1), 1), 13],
  ['message announced above the limit', head('/test.Echo/Unary'), Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), 8],
  ['message that ends early', head('/test.Echo/Unary'), framed(Buffer.alloc(9)).subarray(0, 12), 3],
  ['message head that ends early', head('/test.Echo/Unary'), Buffer.from([0, 0]), 3],
  ['no message', head('/test.Echo/Unary'), null, 12],
  ['two messages to a unary method', head('/test.Echo/Unary'), Buffer.concat([framed(Buffer.alloc(1)), framed(Buffer.alloc(1))]), 12],
  ['client stream that ends within a message', head('/test.Echo/Collect'), framed(Buffer.alloc(9)).subarray(0, 12), 3],
  ['header fields over 16 KiB', head('/test.Echo/Unary', { 'x-large': 'a'.repeat(17000) }), framed(Buffer.alloc(1)), 8],
];

for (const [name, fields, body, status] of refusals) {
  test(`trailers-only: ${name}`, async () => {
    const result = await oneRequest(fields, body);
    assert.equal(result.head[':status'], 200);
    assert.equal(result.head['grpc-status'], String(status));
    assert.equal(result.body.length, 0);
    assert.equal(result.trailers, undefined);
    assert.equal(result.head['grpc-accept-encoding'], 'identity,gzip');
  });
}

test('a refusal before the body is complete stops the body (RFC 9113 §8.1)', async () => {
  const session = connect();
  const stream = session.request(head('/test.Echo/Unary'));
  stream.write(Buffer.from([1, 0, 0, 0, 9, 0]));
  const [fields] = await new Promise((resolve) => stream.on('response', (...all) => resolve(all)));
  assert.equal(fields['grpc-status'], '13');
  stream.resume();
  await new Promise((resolve) => stream.on('close', resolve));
  assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
  session.close();
});

// Floods. Each must end in GOAWAY with ENHANCE_YOUR_CALM for the flooder, and for nobody else.

// Frames by hand, for node's own client would not do this.
const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const bytes = Buffer.alloc(9);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  return Buffer.concat([bytes, payload]);
}

// A request's head in HPACK: two indexed fields, the others literal without indexing.
const hpack = (path) => Buffer.concat([
  Buffer.from([0x83, 0x87]), // :method POST, :scheme https
  ...[[':path', path], [':authority', 'localhost'], ['content-type', 'application/grpc']]
    .map(([name, value]) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name),
      Buffer.from([value.length]), Buffer.from(value)]))]);

function goawayCode(bytes) {
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    if (bytes[at + 3] === 7) return bytes.readUInt32BE(at + 13);
  return null;
}

async function cancelledSoFar() {
  const client = clientOf(pki, echo.port);
  const { reply } = await call(client, 'cancelled', Buffer.alloc(0));
  client.close();
  return reply.readUInt32BE(0);
}

for (const [name, frames] of [
  ['RST_STREAM', [frame(3, 0, 1, u32(8))]],
  // Node's own client, and so grpc-js, ends a stream before it resets it.
  ['END_STREAM and RST_STREAM in one breath', [frame(0, 1, 1), frame(3, 0, 1, u32(8))]],
  ['the end of the connection', []]]) {
  test(`a client stream that is given up by ${name} is no complete one`, async () => {
    const before = await cancelledSoFar();
    const socket = tls.connect(tlsOptions());
    const ended = exchange(socket, Buffer.concat([preface, frame(1, 4, 1, hpack('/test.Echo/Collect')),
      frame(0, 0, 1, framed(Buffer.alloc(10))), ...frames]));
    socket.end();
    await ended;
    while ((await cancelledSoFar()) !== before + 1);
  });
}

test('rapid reset (CVE-2023-44487)', async () => {
  const streams = Array.from({ length: 1000 }, (_, i) => Buffer.concat([
    frame(1, 4, 2 * i + 1, hpack('/test.Echo/Wait')), frame(3, 0, 2 * i + 1, u32(8))]));
  const { received } = await exchange(tls.connect(tlsOptions()), Buffer.concat([preface, ...streams]));
  assert.equal(goawayCode(received), http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await assertServing();
});

test('resets that the server is made to send (CVE-2025-8671)', async () => {
  const streams = Array.from({ length: 1000 }, (_, i) => Buffer.concat([
    frame(1, 4, 2 * i + 1, hpack('/test.Echo/Wait')),
    frame(8, 0, 2 * i + 1, u32(0))])); // a WINDOW_UPDATE of nothing is a stream error
  const { received } = await exchange(tls.connect(tlsOptions()), Buffer.concat([preface, ...streams]));
  assert.notEqual(goawayCode(received), null);
  await assertServing();
});

for (const [name, one] of [
  ['PING', frame(6, 0, 0, Buffer.alloc(8))],
  ['SETTINGS', frame(4, 0, 0)],
  ['PRIORITY', frame(2, 0, 1, Buffer.from([0, 0, 0, 3, 15]))]]) {
  test(`a flood of ${name}`, async () => {
    const { received } = await exchange(tls.connect(tlsOptions()),
      Buffer.concat([preface, ...Array(3000).fill(one)]));
    assert.equal(goawayCode(received), http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await assertServing();
  });
}

test('a flood of CONTINUATION (CVE-2024-28182)', async () => {
  const { received } = await exchange(tls.connect(tlsOptions()), Buffer.concat([
    preface, frame(1, 0, 1, Buffer.from([0x83])), ...Array(2000).fill(frame(9, 0, 1, Buffer.alloc(0)))]));
  assert.ok(received.length < 200, 'settings, and the end');
  await assertServing();
});

test('a peer that does not read stops its own stream only', async () => {
  const socket = tls.connect(tlsOptions());
  await new Promise((resolve) => socket.on('secureConnect', resolve));
  socket.pause();
  const windows = Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff]); // SETTINGS_INITIAL_WINDOW_SIZE
  socket.write(Buffer.concat([preface, frame(4, 0, 0, windows),
    frame(8, 0, 0, u32(0x7fff0000 - 65535)), // WINDOW_UPDATE of the connection
    frame(1, 4, 1, hpack('/test.Echo/Spread')), frame(0, 1, 1, framed(u32(1 << 30, 1 << 16)))]));
  for (let i = 0; i < 20; i++) await assertServing();
  socket.destroy();
  await assertServing();
});

test('200 connections at once', async () => {
  const sessions = Array.from({ length: 200 }, connect);
  const results = await Promise.all(sessions.map((session, i) =>
    request(session, head('/test.Echo/Unary'), framed(u32(i)))));
  results.forEach(({ body }, i) => assert.equal(body.readUInt32BE(5), i));
  sessions.forEach((session) => session.close());
});

test('without an authority of clients the listener asks for no certificate', async () => {
  const open = await startEcho(pki, { clientCa: '' });
  const client = clientOf(pki, open.port, { certificate: null });
  const { error, reply } = await call(client, 'peer', Buffer.alloc(0));
  assert.equal(error, null);
  assert.ok(reply.subarray(0, 32).equals(Buffer.alloc(32)));
  client.close();
  await open.stop();
});

test('a server certificate that the client does not trust', async () => {
  const client = new grpc.Client(`localhost:${echo.port}`,
    grpc.credentials.createSsl(pki.read('stranger-ca.pem')), { 'grpc.enable_retries': 0 });
  await assert.rejects(new Promise((resolve, reject) =>
    client.waitForReady(Date.now() + 500, (error) => (error ? reject(error) : resolve()))));
  client.close();
  await assertServing();
});
