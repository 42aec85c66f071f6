// SPDX-License-Identifier: Apache-2.0
// gRPC-web (binary) on the same port: byte for byte, and as @connectrpc/connect-web, the client library of
// browsers, sees it. A browser's fetch is stood in for by Node's HTTP/2 client, for Node's own speaks HTTP/1.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import http2 from 'node:http2';
import { after, before, test } from 'node:test';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { startServer, u32 } from './echo.mjs';
import { makePki } from './pki.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const buf = join(here, 'node_modules', '@bufbuild', 'buf-linux-x64', 'bin', 'buf');

let pki;
let server;
let session;
let client;
let nobody;

before(async () => {
  pki = makePki();
  server = await startServer('interop_server', pki);
  session = http2.connect(`https://localhost:${server.port}`, {
    ca: pki.read('ca.pem'), key: pki.read('terminal.key'), cert: pki.read('terminal.pem') });
  const set = execFileSync(buf, ['build', join(here, '..', 'support'), '-o', '-#format=binpb']);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
  const transport = createGrpcWebTransport({
    baseUrl: `https://localhost:${server.port}`, useBinaryFormat: true, fetch });
  client = createClient(registry.getService('grpc.testing.TestService'), transport);
  nobody = createClient(registry.getService('grpc.testing.UnimplementedService'), transport);
});

after(async () => {
  session.close();
  const { code } = await server.stop();
  pki.remove();
  assert.equal(code, 0);
});

// As much of fetch as the transport uses.
async function fetch(url, { method, headers, body, signal }) {
  const stream = session.request({ ':method': method, ':path': new URL(url).pathname,
    ...Object.fromEntries(headers) });
  signal?.addEventListener('abort', () => stream.close(http2.constants.NGHTTP2_CANCEL));
  const head = new Promise((resolve, reject) => {
    stream.once('response', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(signal?.reason ?? new Error('closed')));
  });
  stream.end(body);
  const { ':status': status, ...fields } = await head;
  const content = stream.endAfterHeaders ? null : Readable.toWeb(stream);
  return new Response(content, { status, headers: Object.entries(fields).filter(([name]) => name[0] !== ':') });
}

// A call by hand: the response's head, its body, and whether HTTP/2 trailers came.
function post(path, body, type = 'application/grpc-web+proto') {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type });
    const result = { body: Buffer.alloc(0), trailers: false };
    stream.on('response', (fields) => { result.head = fields; });
    stream.on('trailers', () => { result.trailers = true; });
    stream.on('data', (data) => { result.body = Buffer.concat([result.body, data]); });
    stream.on('error', reject);
    stream.on('close', () => resolve(result));
    stream.end(body);
  });
}

const framed = (message, flag = 0) => Buffer.concat([Buffer.from([flag]), u32(message.length), message]);
const zeros = (size) => ({ body: new Uint8Array(size) });
const sizes = [31415, 9, 2653, 58979];

test('byte for byte: a message and the trailers are the body', async () => {
  for (const type of ['application/grpc-web', 'application/grpc-web+proto']) {
    const { head, body, trailers } =
      await post('/grpc.testing.TestService/EmptyCall', framed(Buffer.alloc(0)), type);
    assert.equal(head[':status'], 200);
    assert.equal(head['content-type'], 'application/grpc-web+proto');
    assert.equal(head['grpc-status'], undefined);
    assert.ok(body.equals(Buffer.concat([
      framed(Buffer.alloc(0)), framed(Buffer.from('grpc-status: 0\r\n'), 0x80)])));
    assert.equal(trailers, false);
  }
});

test('byte for byte: without a message the trailers are in the head', async () => {
  const { head, body } = await post('/grpc.testing.TestService/None', framed(Buffer.alloc(0)));
  assert.equal(head[':status'], 200);
  assert.equal(head['content-type'], 'application/grpc-web+proto');
  assert.equal(head['grpc-status'], '12');
  assert.equal(body.length, 0);
});

test('a trailer frame from the client is no message', async () => {
  const { head } = await post('/grpc.testing.TestService/EmptyCall', framed(Buffer.from('a: b\r\n'), 0x80));
  assert.equal(head['grpc-status'], '13');
});

test('base64 text is 415', async () => {
  const { head } = await post('/grpc.testing.TestService/EmptyCall', 'AAAAAAA=', 'application/grpc-web-text');
  assert.equal(head[':status'], 415);
});

// A page of another origin must ask first; nothing here says yes.
test('a preflight of another origin is refused', async () => {
  const stream = session.request({ ':method': 'OPTIONS', ':path': '/grpc.testing.TestService/EmptyCall',
    origin: 'https://elsewhere.example', 'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type' }, { endStream: true });
  const fields = await new Promise((resolve) => stream.on('response', resolve));
  assert.equal(fields[':status'], 405);
  assert.deepEqual(Object.keys(fields).filter((name) => name.startsWith('access-control')), []);
  stream.resume();
});

test('empty_unary', async () => {
  assert.ok(await client.emptyCall({}));
});

test('large_unary', async () => {
  const { payload } = await client.unaryCall({ responseSize: 314159, payload: zeros(271828) });
  assert.deepEqual(payload.body, new Uint8Array(314159));
});

test('server_streaming', async () => {
  const received = [];
  for await (const { payload } of client.streamingOutputCall({
    responseParameters: sizes.map((size) => ({ size })) })) received.push(payload.body.length);
  assert.deepEqual(received, sizes);
});

test('custom_metadata', async () => {
  let head;
  let trailer;
  await client.unaryCall({ responseSize: 10 }, {
    headers: { 'x-grpc-test-echo-initial': 'test_initial_metadata_value',
      'x-grpc-test-echo-trailing-bin': 'q6ur' },
    onHeader: (fields) => { head = fields; },
    onTrailer: (fields) => { trailer = fields; } });
  assert.equal(head.get('x-grpc-test-echo-initial'), 'test_initial_metadata_value');
  assert.equal(trailer.get('x-grpc-test-echo-trailing-bin'), 'q6ur');
});

for (const [name, message] of [
  ['status_code_and_message', 'test status message'],
  ['special_status_message', '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n']]) {
  test(name, async () => {
    const responseStatus = { code: 2, message };
    const refused = (error) => error.code === Code.Unknown && error.rawMessage === message;
    await assert.rejects(client.unaryCall({ responseStatus }), refused);
    await assert.rejects(async () => {
      for await (const reply of client.streamingOutputCall({
        responseParameters: [{ size: 10 }], responseStatus })) assert.equal(reply.payload.body.length, 10);
    }, refused);
  });
}

test('unimplemented_method and unimplemented_service', async () => {
  await assert.rejects(client.unimplementedCall({}), { code: Code.Unimplemented });
  await assert.rejects(nobody.unimplementedCall({}), { code: Code.Unimplemented });
});
