// SPDX-License-Identifier: Apache-2.0
// Clients for every service of proto/vrx/v1, made by @grpc/proto-loader and @grpc/grpc-js from the .proto files
// alone: nothing of VRX's own encoders is in between. A refusal is thrown as a Refusal, with what
// grpc-status-details-bin says; that is decoded here by hand, a second time and independently.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';
import { root } from './programs.mjs';

const names = ['Records', 'Exchange', 'Certificates', 'Ledger', 'Retention', 'Tenancy', 'Backups', 'Operators',
  'Verification', 'Actions', 'Alerts', 'Approvals', 'Bulk', 'Law', 'Reviews', 'Peer', 'Kiosk'];
const definition = protoLoader.loadSync(names.map((name) => `vrx/v1/${name.toLowerCase()}.proto`), {
  includeDirs: [join(root, 'proto')], longs: Number, enums: String, defaults: true, oneofs: true,
});
export const { v1 } = grpc.loadPackageDefinition(definition).vrx;

// What reasons.def says of a reason: { category, retry }.
export const reasons = Object.fromEntries([...readFileSync(join(root, 'proto/base/reasons.def'), 'utf8')
  .matchAll(/^VRX_REASON\((\w+),\s*(\d+), (\w+),\s*(\w+),/gm)]
  .map(([, name, value, category, retry]) => [name, { value: Number(value), category, retry }]));

// The fields of one protobuf message: [number, integer or bytes] each.
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
    if (tag % 8 === 0) {
      found.push([tag >> 3, value]);
    } else {
      assert.equal(tag % 8, 2, 'google.rpc.Status has integers and bytes only');
      found.push([tag >> 3, buffer.subarray(at, at + value)]);
      at += value;
    }
  }
  return found;
}

const one = (list, number) => list.find(([key]) => key === number)?.[1];

// Milliseconds of a google.rpc.RetryInfo: { Duration retry_delay = 1 { int64 seconds = 1; int32 nanos = 2 } }.
function retryDelay(info) {
  const duration = fields(one(fields(info), 1));
  return (one(duration, 1) ?? 0) * 1000 + Math.ceil((one(duration, 2) ?? 0) / 1e6);
}

// google.rpc.ErrorInfo out of a google.rpc.Status, and google.rpc.RetryInfo where it follows.
function errorInfo(binary, code) {
  const status = fields(binary);
  assert.equal(one(status, 1), code, 'the code inside is the one outside');
  const [any, more] = status.filter(([key]) => key === 3).map(([, detail]) => fields(detail));
  assert.equal(one(any, 1).toString(), 'type.googleapis.com/google.rpc.ErrorInfo');
  if (more) assert.equal(one(more, 1).toString(), 'type.googleapis.com/google.rpc.RetryInfo');
  const retryMs = more ? retryDelay(one(more, 2)) : 0;
  const info = fields(one(any, 2));
  assert.equal(one(info, 2).toString(), 'vrx');
  const metadata = Object.fromEntries(info.filter(([key]) => key === 3).map(([, entry]) => {
    const pair = fields(entry);
    return [one(pair, 1).toString(), one(pair, 2).toString()];
  }));
  return { reason: one(info, 1).toString(), clause: metadata.clause ?? '', retry: metadata.retry, ja: metadata.ja,
    retryMs, action: metadata.action };
}

export class Refusal extends Error {
  constructor(error, method) {
    const [binary] = error.metadata?.get('grpc-status-details-bin') ?? [];
    const info = binary ? errorInfo(binary, error.code) : { reason: '', clause: '', retry: '', ja: '' };
    super(`${method}: ${grpc.status[error.code]} ${info.reason} ${error.details}`);
    this.code = error.code;
    Object.assign(this, info);
  }
}

// The call must be refused, for this reason, with the retry advice of the table and a text in Japanese.
export async function refused(promise, reason) {
  const refusal = await promise.then(
    (reply) => assert.fail(`this should have been refused (${reason}): ${JSON.stringify(reply)}`), (error) => error);
  assert.ok(refusal instanceof Refusal, refusal?.stack);
  assert.equal(refusal.reason, reason, refusal.message);
  assert.equal(refusal.retry, reasons[reason].retry);
  assert.match(refusal.ja, /[\u3040-\u30ff\u4e00-\u9fff]/);
  return refusal;
}

// Again, once somebody else has agreed; agree(action) is who asks them to, or null.
async function agreed(error, agree) {
  if (!agree || error.reason !== 'SECOND_PERSON_NEEDED') throw error;
  await agree(error.action);
}

// metadata(session): of one call; without an argument with the session of whoever is logged in.
function callUnary(client, name, metadata, agree) {
  return async (message = {}, { session, ...options } = {}) => {
    const ask = async () => {
      const sent = await metadata(session);
      return new Promise((resolve, reject) => {
        client[name](message, sent, options,
          (error, reply) => (error ? reject(new Refusal(error, name)) : resolve(reply)));
      });
    };
    return ask().catch((error) => agreed(error, agree).then(ask));
  };
}

// messages: any iterable, sent as the window allows.
function callUpload(client, name, metadata) {
  return async (messages) => {
    const sent = await metadata();
    let call;
    const reply = new Promise((resolve, reject) => {
      call = client[name](sent, (error, value) => (error ? reject(new Refusal(error, name)) : resolve(value)));
    });
    reply.catch(() => {});
    let over = false;
    call.on('status', () => { over = true; });
    for (const message of messages) {
      if (over) break;
      if (!call.write(message))
        await Promise.race([new Promise((resolve) => { call.once('drain', resolve); }), reply.catch(() => {})]);
    }
    call.end();
    return reply;
  };
}

// An async iterable of replies; leaving its loop cancels the call.
function callReplies(client, name, metadata, agree) {
  return async function* replies(message = {}, again = true) {
    const call = client[name](message, await metadata());
    try {
      for await (const reply of call) yield reply;
    } catch (error) {
      await agreed(new Refusal(error, name), again && agree);
      yield* replies(message, false);
    } finally {
      call.cancel();
    }
  };
}

export async function collect(replies) {
  const list = [];
  for await (const reply of replies) list.push(reply);
  return list;
}

// { Records, Exchange, …, close }: every method by its name in lower camel case. folder: a terminal's, or null for
// a client without a certificate; raw: bytes in the requests' place, as they are; session: asked before each call
// for the token of who is logged in, or null; operator: the name, or what gives it then; agree: has the second person
// agree to what the call waits for, or null.
export function connect(port, folder, ca,
  { host = 'localhost', operator = 'system.test', raw = false, session = null, agree = null } = {}) {
  const read = (name) => readFileSync(join(folder, name));
  const credentials = folder
    ? grpc.credentials.createSsl(readFileSync(ca), read('key.pem'), read('certificate.pem'))
    : grpc.credentials.createSsl(readFileSync(ca));
  const metadata = async (given) => {
    const sent = new grpc.Metadata();
    const token = given === undefined ? await session?.() : given;
    const name = typeof operator === 'function' ? operator() : operator;
    if (name) sent.set('vrx-operator', name);
    if (token) sent.set('vrx-session', token);
    return sent;
  };
  const opened = [];
  const services = Object.fromEntries(names.map((name) => {
    const methods = Object.fromEntries(Object.entries(v1[name].service).map(([key, method]) =>
      [key, raw ? { ...method, requestSerialize: (bytes) => bytes } : method]));
    const Client = grpc.makeGenericClientConstructor(methods, name);
    const client = new Client(`${host}:${port}`, credentials, {
      'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0, 'grpc.max_send_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': 50, 'grpc.ssl_target_name_override': 'localhost',
    });
    opened.push(client);
    return [name, Object.fromEntries(Object.entries(methods).map(([key, method]) => {
      const call = method.requestStream ? callUpload : method.responseStream ? callReplies : callUnary;
      return [key[0].toLowerCase() + key.slice(1), call(client, key, metadata, agree)];
    }))];
  }));
  return { ...services, close: () => opened.forEach((client) => client.close()) };
}

export { grpc };
