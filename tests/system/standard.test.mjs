// SPDX-License-Identifier: Apache-2.0
// gRPC's own services on the daemon: health as any client library asks for it, reflection as `buf curl` uses it to
// call what it has no .proto file of.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as protoLoader from '@grpc/proto-loader';
import { grpc } from './clients.mjs';
import { World } from './harness.mjs';
import { root } from './programs.mjs';

const buf = join(root, 'tests', 'system', 'node_modules', '@bufbuild', 'buf-linux-x64', 'bin', 'buf');
const { health, reflection } = grpc.loadPackageDefinition(protoLoader.loadSync(
  ['grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto'],
  { includeDirs: [join(root, 'proto')], keepCase: true, enums: String, oneofs: true })).grpc;

let world;
const clients = [];

before(async () => { world = await World.make(); });

after(async () => {
  clients.forEach((one) => one.close());
  await world?.close();
});

function client(Service, terminal) {
  const read = (...path) => readFileSync(world.path(...path));
  const one = new Service(`localhost:${world.port}`, grpc.credentials.createSsl(read('ca', 'certificate.pem'),
    read(terminal, 'key.pem'), read(terminal, 'certificate.pem')),
  { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });
  clients.push(one);
  return one;
}

// The status, or the name of the gRPC code with which it was refused.
const check = (terminal, service) => new Promise((resolve) => {
  client(health.v1.Health, terminal).Check({ service },
    (error, reply) => resolve(error ? grpc.status[error.code] : reply.status));
});

// What a watcher has been told: until(list) resolves when it is that.
function watch(terminal, service) {
  const told = [];
  const call = client(health.v1.Health, terminal).Watch({ service });
  let changed = () => {};
  call.on('data', ({ status }) => { told.push(status); changed(); });
  call.on('error', (error) => { told.push(grpc.status[error.code]); changed(); });
  return {
    until: async (expected) => {
      while (told.length < expected.length) await new Promise((resolve) => { changed = resolve; });
      assert.deepEqual(told, expected);
    },
    cancel: () => call.cancel(),
  };
}

test('who may ask for whose health', async () => {
  const kinds = ['console', 'counter', 'system', 'kiosk'];
  for (const terminal of ['platform', ...kinds.map((kind) => `sapporo-${kind}`)]) {
    assert.equal(await check(terminal, ''), 'SERVING', terminal);
    assert.equal(await check(terminal, 'tenant/011002'), 'SERVING', terminal);
    assert.equal(await check(terminal, 'tenant/122173'), terminal === 'platform' ? 'SERVING' : 'NOT_FOUND', terminal);
    for (const nothing of ['tenant/131016', 'tenant/', 'tenant', 'tenant/0110020', 'vrx.v1.Records'])
      assert.equal(await check(terminal, nothing), 'NOT_FOUND', `${terminal} ${nothing}`);
  }
  assert.equal(await check('stranger', ''), 'UNAUTHENTICATED');
  assert.equal(await check('stranger', 'tenant/011002'), 'UNAUTHENTICATED');
});

test('a sealed vault is NOT_SERVING, and its watchers hear of every change', async () => {
  const watchers = [watch('platform', 'tenant/122173'), watch('kashiwa-counter', 'tenant/122173')];
  const other = watch('sapporo-counter', 'tenant/122173');
  const daemon = watch('sapporo-counter', '');
  for (const one of watchers) await one.until(['SERVING']);
  await other.until(['SERVICE_UNKNOWN']);
  await world.seal('kashiwa');
  for (const one of watchers) await one.until(['SERVING', 'NOT_SERVING']);
  assert.equal(await check('kashiwa-counter', 'tenant/122173'), 'NOT_SERVING');
  assert.equal(await check('platform', 'tenant/122173'), 'NOT_SERVING');
  assert.equal(await check('platform', 'tenant/011002'), 'SERVING');
  await world.unseal('kashiwa');
  for (const one of watchers) {
    await one.until(['SERVING', 'NOT_SERVING', 'SERVING']);
    one.cancel();
    await one.until(['SERVING', 'NOT_SERVING', 'SERVING', 'CANCELLED']);
  }
  await other.until(['SERVICE_UNKNOWN']);
  await daemon.until(['SERVING']);
  other.cancel();
  daemon.cancel();
});

test('asking leaves no entry in the ledger', async () => {
  const size = async () => (await world.client('sapporo-console').Ledger.getCheckpoint()).note.split('\n')[1];
  const before = Number(await size());
  await check('sapporo-counter', 'tenant/011002');
  await check('sapporo-counter', 'tenant/122173');
  await ask([{ list_services: '' }]);
  assert.equal(Number(await size()), before + 1, 'the first look at the checkpoint');
});

function ask(questions, terminal = 'sapporo-counter') {
  return new Promise((resolve) => {
    const answers = [];
    const call = client(reflection.v1.ServerReflection, terminal).ServerReflectionInfo();
    call.on('data', (answer) => answers.push(answer));
    call.on('error', () => {});
    call.on('status', ({ code }) => resolve({ code: grpc.status[code], answers }));
    questions.forEach((question) => call.write(question));
    call.end();
  });
}

test('reflection answers each question, in order, and what is not there with an error of its own', async () => {
  const questions = [{ list_services: '*', host: 'a.example' }, { file_by_filename: 'vrx/v1/common.proto' },
    { file_containing_symbol: 'vrx.v1.Records' }, { file_containing_symbol: 'vrx.v1.Records.GetHistory' },
    { file_containing_symbol: 'grpc.health.v1.HealthCheckResponse.ServingStatus' },
    { all_extension_numbers_of_type: 'vrx.v1.GetHistoryRequest' }];
  const missing = [{ file_by_filename: 'vrx/v1/nothing.proto' }, { file_containing_symbol: 'vrx.v1.Nothing' },
    { file_containing_symbol: 'vrx.v1' }, { file_containing_symbol: 'vrx.v1.Records.' },
    { file_containing_symbol: '' }, { all_extension_numbers_of_type: 'vrx.v1.Nothing' },
    { file_containing_extension: { containing_type: 'vrx.v1.GetHistoryRequest', extension_number: 1 } }];
  const { code, answers } = await ask([...questions, ...missing, {}]);
  assert.equal(code, 'OK');
  const [services, common, records, method, nested, extensions, ...errors] = answers;
  assert.equal(services.valid_host, 'a.example');
  const names = services.list_services_response.service.map(({ name }) => name);
  for (const name of ['vrx.v1.Records', 'vrx.v1.Tenancy', 'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection']) assert.ok(names.includes(name), name);
  assert.equal(common.file_descriptor_response.file_descriptor_proto.length, 1);
  const files = records.file_descriptor_response.file_descriptor_proto;
  assert.ok(files[0].includes('vrx/v1/records.proto'));
  assert.ok(files.some((file) => file.equals(common.file_descriptor_response.file_descriptor_proto[0])));
  assert.deepEqual(method.file_descriptor_response, records.file_descriptor_response);
  assert.ok(nested.file_descriptor_response.file_descriptor_proto[0].includes('grpc/health/v1/health.proto'));
  assert.equal(extensions.all_extension_numbers_response.base_type_name, 'vrx.v1.GetHistoryRequest');
  assert.equal(errors.length, missing.length + 1);
  errors.forEach(({ error_response: { error_code: found } }, i) =>
    assert.equal(found, i < missing.length ? grpc.status.NOT_FOUND : grpc.status.INVALID_ARGUMENT));
});

test('a stranger sees nothing of the services', async () => {
  assert.deepEqual(await ask([{ list_services: '' }], 'stranger'), { code: 'UNAUTHENTICATED', answers: [] });
  assert.deepEqual(await ask([], 'stranger'), { code: 'UNAUTHENTICATED', answers: [] });
});

function curl(terminal, ...args) {
  return new Promise((resolve) => {
    execFile(buf, ['curl', '--protocol', 'grpc', '--cacert', world.path('ca', 'certificate.pem'), '--cert',
      world.path(terminal, 'certificate.pem'), '--key', world.path(terminal, 'key.pem'), ...args],
    (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
  });
}

const at = (path = '') => `https://localhost:${world.port}${path}`;

test('buf curl lists every method that proto/ has', async () => {
  const { stdout, stderr } = await curl('sapporo-counter', '--list-methods', at());
  const declared = readdirSync(join(root, 'proto'), { recursive: true })
    .filter((name) => name.endsWith('.proto'))
    .flatMap((name) => {
      const text = readFileSync(join(root, 'proto', name), 'utf8');
      const [, owner] = /^package (.*);/m.exec(text);
      const [, service] = /^service (\w+)/m.exec(text) ?? [];
      return [...text.matchAll(/^  rpc (\w+)\(/gm)].map(([, method]) => `${owner}.${service}/${method}`);
    });
  assert.ok(declared.length > 40);
  assert.deepEqual(stdout.trim().split('\n').sort(), declared.sort(), stderr);
});

test('every method that is listed is there: a stranger is refused as a stranger', async () => {
  const { stdout } = await curl('sapporo-counter', '--list-methods', at());
  const raw = (bytes) => bytes;
  const stranger = client(grpc.Client, 'stranger');
  for (const method of stdout.trim().split('\n')) {
    const code = await new Promise((resolve) => {
      stranger.makeUnaryRequest(`/${method}`, raw, raw, Buffer.alloc(0), (error) => resolve(error.code));
    });
    // A daemon is known or not by the directory: PEER_UNKNOWN.
    assert.equal(grpc.status[code], method === 'vrx.v1.Peer/Deliver' ? 'PERMISSION_DENIED' : 'UNAUTHENTICATED', method);
  }
});

test('buf curl calls by reflection alone', async () => {
  const status = await curl('platform', '-d', '{}', at('/vrx.v1.Tenancy/Status'));
  assert.equal(status.code, 0, status.stderr);
  assert.deepEqual(JSON.parse(status.stdout).tenants.map(({ municipality }) => municipality), ['011002', '122173']);
  const healthy = await curl('sapporo-kiosk', '-d', '{"service":"tenant/011002"}', at('/grpc.health.v1.Health/Check'));
  assert.deepEqual(JSON.parse(healthy.stdout), { status: 'SERVING' });
  const refused = await curl('sapporo-kiosk', '-d', '{}', at('/vrx.v1.Ledger/GetCheckpoint'));
  assert.match(refused.stderr, /permission_denied/);
  const [detail] = JSON.parse(refused.stderr).details;
  assert.ok(Buffer.from(detail.value, 'base64').includes('TERMINAL_KIND'));
});

test('buf curl calls over gRPC-web', async () => {
  const { stdout, stderr } = await curl('platform', '--protocol', 'grpcweb', '-d', '{}', at('/vrx.v1.Tenancy/Status'));
  assert.equal(JSON.parse(stdout).tenants.length, 2, stderr);
});

test('SIGTERM: who watches hears of it, and the daemon waits for nobody', async () => {
  const watcher = watch('platform', '');
  await watcher.until(['SERVING']);
  await world.endDaemon();
  await watcher.until(['SERVING', 'NOT_SERVING', 'UNAVAILABLE']);
  await world.startDaemon();
});
