// SPDX-License-Identifier: Apache-2.0
// gRPC's interoperability cases (interop-test-descriptions) with @grpc/grpc-js as the client; each test
// has the name of its case.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as loader from '@grpc/proto-loader';
import { credentialsOf, grpc, startServer } from './echo.mjs';
import { makePki } from './pki.mjs';

const proto = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'interop.proto');
const { testing } = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true })).grpc;

let pki;
let server;
let client;
let compressing;
const clients = [];

function connect(Service, options = {}) {
  const one = new Service(`localhost:${server.port}`, credentialsOf(pki), {
    'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0, ...options });
  clients.push(one);
  return one;
}

before(async () => {
  pki = makePki();
  server = await startServer('interop_server', pki);
  client = connect(testing.TestService);
  compressing = connect(testing.TestService,
    { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });
});

after(async () => {
  clients.forEach((one) => one.close());
  const { code } = await server.stop();
  pki.remove();
  assert.equal(code, 0);
});

const zeros = (size) => ({ body: Buffer.alloc(size) });
const sizes = [31415, 9, 2653, 58979];
const requestSizes = [27182, 8, 1828, 45904];
const largeRequest = { response_size: 314159, payload: zeros(271828) };

// All that a call with one reply has to tell.
function call(one, name, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve) => {
    const result = {};
    const pending = one[name](request, metadata, (error, reply) => Object.assign(result, { error, reply }));
    pending.on('metadata', (head) => { result.head = head; });
    pending.on('status', (status) => setImmediate(() => resolve({ ...result, status })));
  });
}

// The same of a stream, from now until its end.
function outcome(stream, onReply = () => {}) {
  return new Promise((resolve) => {
    const result = { replies: [] };
    stream.on('metadata', (head) => { result.head = head; });
    stream.on('data', (reply) => {
      result.replies.push(reply.payload.body);
      onReply(result.replies.length);
    });
    stream.on('error', () => {});
    stream.on('status', (status) => resolve({ ...result, status }));
  });
}

function assertLarge({ error, reply }) {
  assert.equal(error, null);
  assert.ok(reply.payload.body.equals(Buffer.alloc(314159)));
}

function assertReplies({ replies, status }) {
  assert.equal(status.code, grpc.status.OK);
  assert.equal(replies.length, sizes.length);
  replies.forEach((body, i) => assert.ok(body.equals(Buffer.alloc(sizes[i]))));
}

const parametersOf = (i) => ({ response_parameters: [{ size: sizes[i] }], payload: zeros(requestSizes[i]) });

test('empty_unary', async () => {
  const { error, reply } = await call(client, 'EmptyCall', {});
  assert.equal(error, null);
  assert.notEqual(reply, null);
});

test('large_unary', async () => {
  assertLarge(await call(client, 'UnaryCall', largeRequest));
});

test('client_compressed_unary', async () => {
  const expecting = { ...largeRequest, expect_compressed: { value: true } };
  const probe = await call(client, 'UnaryCall', expecting);
  assert.equal(probe.error.code, grpc.status.INVALID_ARGUMENT);
  assertLarge(await call(compressing, 'UnaryCall', expecting));
  assertLarge(await call(client, 'UnaryCall', { ...largeRequest, expect_compressed: { value: false } }));
});

// The standard's case mixes both kinds of message in one stream, which grpc_transport.test.mjs does by
// hand: grpc-js compresses all of a stream or nothing.
test('client_compressed_streaming', async () => {
  for (const [one, code] of [[client, grpc.status.INVALID_ARGUMENT], [compressing, grpc.status.OK]]) {
    const { error, reply } = await new Promise((resolve) => {
      const stream = one.StreamingInputCall((error, reply) => resolve({ error, reply }));
      stream.write({ expect_compressed: { value: true }, payload: zeros(27182) });
      stream.write({ expect_compressed: { value: true }, payload: zeros(45904) });
      stream.end();
    });
    assert.equal(error?.code ?? 0, code);
    if (!code) assert.equal(reply.aggregated_payload_size, 73086);
  }
});

test('client_streaming', async () => {
  const { error, reply } = await new Promise((resolve) => {
    const stream = client.StreamingInputCall((error, reply) => resolve({ error, reply }));
    for (const size of requestSizes) stream.write({ payload: zeros(size) });
    stream.end();
  });
  assert.equal(error, null);
  assert.equal(reply.aggregated_payload_size, 74922);
});

test('server_streaming', async () => {
  assertReplies(await outcome(client.StreamingOutputCall(
    { response_parameters: sizes.map((size) => ({ size })) })));
});

test('ping_pong', async () => {
  const stream = client.FullDuplexCall();
  const done = outcome(stream, (count) => {
    if (count < sizes.length) stream.write(parametersOf(count));
    else stream.end();
  });
  stream.write(parametersOf(0));
  assertReplies(await done);
});

test('empty_stream', async () => {
  const stream = client.FullDuplexCall();
  const done = outcome(stream);
  stream.end();
  const { replies, status } = await done;
  assert.equal(status.code, grpc.status.OK);
  assert.equal(replies.length, 0);
});

test('custom_metadata', async () => {
  const initial = 'test_initial_metadata_value';
  const trailing = Buffer.from([0xab, 0xab, 0xab]);
  const metadata = new grpc.Metadata();
  metadata.set('x-grpc-test-echo-initial', initial);
  metadata.set('x-grpc-test-echo-trailing-bin', trailing);
  const unary = await call(client, 'UnaryCall', largeRequest, metadata);
  assertLarge(unary);
  const stream = client.FullDuplexCall(metadata);
  const done = outcome(stream);
  stream.write({ response_parameters: [{ size: 314159 }], payload: zeros(271828) });
  stream.end();
  for (const { head, status } of [unary, await done]) {
    assert.equal(status.code, grpc.status.OK);
    assert.deepEqual(head.get('x-grpc-test-echo-initial'), [initial]);
    assert.deepEqual(status.metadata.get('x-grpc-test-echo-trailing-bin'), [trailing]);
  }
});

for (const [name, message] of [
  ['status_code_and_message', 'test status message'],
  ['special_status_message', '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n']]) {
  test(name, async () => {
    const request = { response_status: { code: grpc.status.UNKNOWN, message } };
    const unary = await call(client, 'UnaryCall', request);
    const stream = client.FullDuplexCall();
    const done = outcome(stream);
    stream.write(request);
    stream.end();
    for (const { status } of [unary, await done]) {
      assert.equal(status.code, grpc.status.UNKNOWN);
      assert.equal(status.details, message);
    }
  });
}

test('unimplemented_method', async () => {
  const { error } = await call(client, 'UnimplementedCall', {});
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
});

test('unimplemented_service', async () => {
  const { error } = await call(connect(testing.UnimplementedService), 'UnimplementedCall', {});
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
});

test('cancel_after_begin', async () => {
  const error = await new Promise((resolve) => {
    const stream = client.StreamingInputCall((failure) => resolve(failure));
    // The case cancels at once; grpc-js then begins the call nevertheless and never ends it.
    stream.write({ payload: zeros(1) }, () => stream.cancel());
  });
  assert.equal(error.code, grpc.status.CANCELLED);
});

test('cancel_after_first_response', async () => {
  const stream = client.FullDuplexCall();
  const done = outcome(stream, () => stream.cancel());
  stream.write(parametersOf(0));
  const { replies, status } = await done;
  assert.equal(status.code, grpc.status.CANCELLED);
  assert.equal(replies.length, 1);
});

test('timeout_on_sleeping_server', async () => {
  const stream = client.FullDuplexCall(new grpc.Metadata(), { deadline: Date.now() + 1 });
  const done = outcome(stream);
  stream.write({ payload: zeros(27182) });
  const { status } = await done;
  assert.equal(status.code, grpc.status.DEADLINE_EXCEEDED);
});
