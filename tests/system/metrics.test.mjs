// SPDX-License-Identifier: Apache-2.0
// What a daemon tells its operator: in the form that Prometheus reads, true to what was done, with no label that is not
// bounded, and only to who is on the same machine.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { constants, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { reasons, refused } from './clients.mjs';
import { get, parse, valueOf } from './exposition.mjs';
import { World, towns, until } from './harness.mjs';
import { program, root } from './programs.mjs';
import { addressee } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;

before(async () => {
  world = await World.make();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
});

after(() => world?.close());

const place = () => ({ socketPath: world.path('metrics.sock') });

async function metrics() {
  const { status, type, text } = await get(place());
  assert.equal(status, 200);
  assert.equal(type, 'text/plain; version=0.0.4; charset=utf-8');
  return parse(text);
}

test('it is well-formed, and every name stands in the operations page', async () => {
  const families = await metrics();
  assert.ok(families.size > 25);
  const page = readFileSync(join(root, 'docs', 'operations.md'), 'utf8');
  for (const { name } of families.values()) assert.ok(page.includes(`\`${name}\``), `${name} in docs/operations.md`);
});

test('calls are counted by method and outcome, and timed', async () => {
  const counter = world.client('sapporo-counter');
  const ok = { method: 'Records/GetHistory', outcome: 'OK' };
  const wrong = { method: 'Records/GetHistory', outcome: 'CHECK_DIGIT_WRONG' };
  await world.session('sapporo-counter');
  const earlier = await metrics();
  for (let i = 0; i < 5; i += 1) await counter.Records.getHistory({ resident: addressee(1) });
  await refused(counter.Records.getHistory({ resident: { individualNumber: '123456789010' } }), 'CHECK_DIGIT_WRONG');
  const later = await metrics();
  const grown = (name, labels, suffix) => valueOf(later, name, labels, suffix) - valueOf(earlier, name, labels, suffix);
  assert.equal(grown('vrx_calls_total', ok), 5);
  assert.equal(grown('vrx_calls_total', wrong), 1);
  assert.equal(grown('vrx_call_seconds', { method: ok.method }, '_count'), 6);
  assert.ok(grown('vrx_call_seconds', { method: ok.method }, '_sum') > 0);
  assert.equal(grown('vrx_jobs_total'), 6);
  assert.equal(grown('vrx_batch_jobs', {}, '_sum'), 6);
  assert.ok(grown('vrx_commit_seconds', {}, '_count') >= 1);
  assert.ok(grown('vrx_commit_seconds', {}, '_sum') > 0);
});

test('what is no method is counted as none', async () => {
  const earlier = valueOf(await metrics(), 'vrx_calls_total', { method: 'none', outcome: 'METHOD_UNKNOWN' });
  const read = (...names) => readFileSync(world.path(...names));
  const session = connectHttp2(`https://localhost:${world.port}`, { ca: read('ca', 'certificate.pem'),
    cert: read('sapporo-counter', 'certificate.pem'), key: read('sapporo-counter', 'key.pem') });
  const status = await new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/vrx.v1.Records/Nothing',
      'content-type': 'application/grpc', te: 'trailers' }, { endStream: true });
    stream.on('response', (head) => resolve(head['grpc-status'])).on('error', reject).resume();
  });
  session.close();
  assert.equal(status, '12');
  assert.equal(valueOf(await metrics(), 'vrx_calls_total', { method: 'none', outcome: 'METHOD_UNKNOWN' }), earlier + 1);
});

test('vaults are told open and sealed, with their codes', async () => {
  const earlier = await metrics();
  assert.equal(valueOf(earlier, 'vrx_vaults', { state: 'open' }), 2);
  assert.equal(valueOf(earlier, 'vrx_vault_open', { municipality: towns.kashiwa.code }), 1);
  await world.seal('kashiwa');
  await until(async () => valueOf(await metrics(), 'vrx_vaults', { state: 'sealed' }) === 1, 'Kashiwa is told sealed');
  const later = await metrics();
  assert.equal(valueOf(later, 'vrx_vault_open', { municipality: towns.kashiwa.code }), 0);
  assert.equal(valueOf(later, 'vrx_vault_open', { municipality: towns.sapporo.code }), 1);
  assert.equal(valueOf(later, 'vrx_vault_queue_jobs', { municipality: towns.sapporo.code }), 0);
  await refused(world.client('kashiwa-counter').Records.getHistory({ resident: addressee(1) }), 'TENANT_SEALED');
  assert.equal(valueOf(await metrics(), 'vrx_calls_total', { method: 'Records/GetHistory', outcome: 'TENANT_SEALED' }), 1);
  await world.unseal('kashiwa');
});

test('handshakes that fail and connections that stay are told', async () => {
  const earlier = await metrics();
  await new Promise((resolve, reject) => {
    const socket = connectTcp(world.port, '127.0.0.1', () => socket.end('GET / HTTP/1.1\r\n\r\n'));
    socket.resume().on('close', resolve).on('error', reject);
  });
  const later = await metrics();
  assert.equal(valueOf(later, 'vrx_handshakes_failed_total'), valueOf(earlier, 'vrx_handshakes_failed_total') + 1);
  assert.ok(valueOf(later, 'vrx_connections') >= 1);
  assert.ok(valueOf(later, 'vrx_connections_accepted_total') > valueOf(earlier, 'vrx_connections_accepted_total'));
  for (const limit of ['connections', 'address', 'terminal', 'handshake', 'head', 'headers', 'resets', 'controls', 'flood', 'stall', 'ping'])
    assert.equal(valueOf(later, 'vrx_connections_limited_total', { listener: 'terminals', limit }), 0);
});

test('what expires is told by the second', async () => {
  const families = await metrics();
  const expiry = (of) => valueOf(families, 'vrx_expiry_timestamp_seconds', { of });
  const { validTo } = new X509Certificate(readFileSync(world.path('server', 'certificate.pem')));
  assert.equal(expiry('certificate'), Date.parse(validTo) / 1000);
  const days = (seconds) => (seconds - Date.now() / 1000) / 86400;
  for (const of of ['directory', 'permits']) assert.ok(days(expiry(of)) > 29 && days(expiry(of)) <= 30.1, of);
});

test('the process tells of itself', async () => {
  const families = await metrics();
  const started = valueOf(families, 'process_start_time_seconds');
  assert.ok(Math.abs(Date.now() / 1000 - started) < 600);
  const kernel = readFileSync(`/proc/${world.daemon.pid}/status`, 'utf8'); // nothing is locked under a sanitizer
  assert.equal(valueOf(families, 'vrx_memory_locked_bytes'), Number(/VmLck:\s+(\d+) kB/.exec(kernel)[1]) * 1024);
  assert.ok(valueOf(families, 'process_resident_memory_bytes') > valueOf(families, 'vrx_memory_locked_bytes'));
  assert.ok(valueOf(families, 'process_open_fds') < valueOf(families, 'process_max_fds'));
  assert.match(families.get('vrx_build_info').samples[0].labels.version, /^\d+\.\d+\.\d+$/);
  await until(async () => valueOf(await metrics(), 'vrx_ticks_total') > valueOf(families, 'vrx_ticks_total'), 'it ticks');
});

// A label with a value that a caller chooses, or that there is one of for each person, would make the series endless.
test('the example of alert rules speaks of what is told', async () => {
  const families = await metrics();
  const rules = readFileSync(join(root, 'docs', 'alerts.yml'), 'utf8');
  const names = new Set([...rules.matchAll(/\b(vrx|process)_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, '')));
  assert.ok(names.size > 10);
  for (const name of names) assert.ok(families.has(name), `${name} of docs/alerts.yml`);
  for (const [, outcome] of rules.matchAll(/outcome=~"([^"]*)"/g))
    for (const name of outcome.split('|')) assert.ok(reasons[name], `${name} of docs/alerts.yml`);
});

test('no label is another than these, and none has a terminal, an operator or a person in it', async () => {
  const allowed = {
    method: /^(none|[A-Z][A-Za-z]+\/[A-Z][A-Za-z]+|grpc\.[a-zA-Z0-9.]+\/[A-Z][A-Za-z]+)$/,
    outcome: /^[A-Z][A-Z0-9_]*$/,
    municipality: /^\d{6}$/,
    limit: /^[a-z]+$/,
    listener: /^terminals$/,
    state: /^(open|sealed|waiting|running)$/,
    of: /^(certificate|directory|permits)$/,
    version: /^\d+\.\d+\.\d+$/,
    le: /^(\+Inf|[0-9.]+)$/,
  };
  for (const { name, samples } of (await metrics()).values())
    for (const { labels } of samples)
      for (const [label, value] of Object.entries(labels)) {
        assert.ok(allowed[label], `${name}{${label}}`);
        assert.match(value, allowed[label], `${name}{${label}}`);
      }
});

test('the socket is for the daemon\'s user and group; other paths and methods get nothing', async () => {
  assert.equal(statSync(world.path('metrics.sock')).mode & 0o777, 0o660);
  assert.equal((await get(place(), '/')).status, 404);
  assert.equal((await get(place(), '/metrics?x=1')).status, 200);
  assert.ok((await get(place(), '/metrics', 'POST')).status >= 400);
  assert.ok((await get(place(), '/metrics', 'DELETE')).status >= 400);
});

test('it goes with the daemon, a socket that was left is replaced, and a file is not', async () => {
  await world.endDaemon();
  assert.ok(!existsSync(world.path('metrics.sock')));
  await world.startDaemon();
  await world.endDaemon('SIGKILL');
  assert.ok(existsSync(world.path('metrics.sock')));
  await world.startDaemon();
  await metrics();
  await world.endDaemon();
  writeFileSync(world.path('metrics.sock'), 'something else');
  await assert.rejects(world.startDaemon());
  assert.match(world.daemon.output(), /"not started".*FILE_REFUSED/);
  rmSync(world.path('metrics.sock'));
});

// A pipe that is full already: the first line that is written there waits for ever.
function fullPipe() {
  const path = world.path('unread');
  execFileSync('mkfifo', [path]);
  const filled = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  assert.throws(() => { for (;;) writeSync(filled, Buffer.alloc(4096, 'x')); }, { code: 'EAGAIN' });
  return openSync(path, constants.O_RDWR);
}

test('it serves on when nobody reads its log, and ends', async () => {
  await world.startDaemon();
  const [, ...args] = readFileSync(`/proc/${world.daemon.pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  await world.endDaemon();
  const child = spawn(program('vrxd'), args, { cwd: world.folder, stdio: ['ignore', 'pipe', fullPipe()] });
  const ended = once(child, 'exit');
  try {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
    [, world.port] = await until(() => /listening on \S+:(\d+)\n/.exec(said));
    const counter = world.client('sapporo-counter');
    for (let i = 0; i < 20; i += 1) // each of them logs a line
      await refused(counter.Records.getHistory({ resident: addressee(1) }), 'TENANT_SEALED');
    const families = await metrics();
    assert.equal(valueOf(families, 'vrx_calls_total', { method: 'Records/GetHistory', outcome: 'TENANT_SEALED' }), 20);
    assert.equal(valueOf(families, 'vrx_log_lines_total'), 0);
    world.disconnect();
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    child.kill('SIGKILL'); // nothing where it has ended
  }
});

test('only a loopback address is taken', async () => {
  await world.startDaemon('--metrics', '127.0.0.1:0');
  const [, port] = await world.daemon.says(/vrxd: metrics on port (\d+)\n/);
  const { status, text } = await get({ host: '127.0.0.1', port });
  assert.equal(status, 200);
  assert.ok(parse(text).size > 25);
  await world.endDaemon();
  for (const wrong of ['0.0.0.0:0', '[::]:0', '192.0.2.1:9440', 'localhost:9440', '127.0.0.1', 'nonsense']) {
    await assert.rejects(world.startDaemon('--metrics', wrong), wrong);
    assert.match(world.daemon.output(), /"not started".*INPUT_RANGE/, wrong);
  }
  world.daemon = undefined;
});
