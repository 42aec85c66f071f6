// SPDX-License-Identifier: Apache-2.0
// Both programs by one command: vrx-start runs them, each as its own user where it is root, and again when one ends;
// vrxd goes on without the issuer, says so, and issues again when it is back, with nothing done to vrxd.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as protoLoader from '@grpc/proto-loader';
import { grpc, refused } from './clients.mjs';
import { get, parse, valueOf } from './exposition.mjs';
import { until, World } from './harness.mjs';
import { program, root as project, run, start, unlimited } from './programs.mjs';
import { addressee, applyFor } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const { health } = grpc.loadPackageDefinition(protoLoader.loadSync('grpc/health/v1/health.proto',
  { includeDirs: [join(project, 'proto')], keepCase: true, enums: String })).grpc;

const root = process.getuid() === 0;
// Of Debian's base-passwd, which every system has; neither is used for anything here otherwise.
const users = { vrxd: { name: 'nobody', uid: 65534 }, 'vrx-issuer': { name: 'daemon', uid: 1 } };

let world;
let counter;
let number = 0; // of the applicant

// The number of the process that runs as this program now.
const pidOf = (name) => Number([...world.daemon.output().matchAll(new RegExp(`^vrx-start: ${name} is process (\\d+)$`, 'gm'))]
  .at(-1)[1]);
const count = (pattern) => [...world.daemon.output().matchAll(pattern)].length;
// Kills it; resolves when it serves again.
async function killed(name, serves) {
  const before_ = count(serves);
  process.kill(pidOf(name), 'SIGKILL');
  await until(() => count(serves) > before_);
}
const issuerServes = /^vrx-issuer: serving on/gm;
const vrxdServes = /^vrxd: listening on \S+:\d+$/gm;

const metric = async (name) => valueOf(parse((await get({ socketPath: world.path('run', 'metrics.sock') })).text), name);
const status = (pid) => Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
  .map((line) => line.split(/:\s*/)));

async function issue() {
  number += 1;
  const applicationId = await applyFor(counter, addressee(number));
  return (await counter.Certificates.issue({ applicationId })).certificate;
}

const conf = (values) => Object.entries(values).map(([name, value]) => `${name} = ${value}\n`).join('');

function configure() {
  const limits = {};
  for (let i = 0; i < unlimited.length; i += 2) limits[unlimited[i].slice(2)] = unlimited[i + 1];
  writeFileSync(world.path('vrxd.conf'), conf({ state: "'state'", listen: "'127.0.0.1:0'",
    certificate: "'server/certificate.pem'", key: "'server/key.pem'", 'client-ca': "'ca/certificate.pem'",
    authority: "'authority/certificate.pem'", directory: "'directory.cbor'", permits: "'permits.cbor'",
    issuer: "'run/issuer/socket'", metrics: "'run/metrics.sock'", 'platform-terminal': "{'platform/certificate.pem'}",
    ...limits }));
  writeFileSync(world.path('vrx-issuer.conf'), `# of one test\n\n${conf({ socket: 'run/issuer/socket', state: '"issuer"',
    directory: "'directory.cbor'", 'authority-key': 'authority/certificate.pem', certificate: 'dsc/certificate.pem',
    key: 'dsc/key.pem' })}`);
}

// What is whose: each program's secrets are readable for its own user alone.
function handOver() {
  mkdirSync(world.path('run', 'issuer'), { recursive: true });
  if (!root) return;
  chmodSync(world.folder, 0o755);
  for (const folder of ['server', 'ca', 'authority', 'platform', 'dsc']) chmodSync(world.path(folder), 0o755);
  const own = (uid, ...names) => names.forEach((name) => chownSync(world.path(name), uid, uid));
  own(users.vrxd.uid, 'state', 'server', 'run');
  own(users['vrx-issuer'].uid, 'issuer', 'dsc', 'run/issuer');
  chownSync(world.path('server', 'key.pem'), users.vrxd.uid, users.vrxd.uid);
  chownSync(world.path('dsc', 'key.pem'), users['vrx-issuer'].uid, users['vrx-issuer'].uid);
}

// A daemon that asks for nobody, so that no log-in is waited for after a restart.
function copyPrograms() {
  mkdirSync(world.path('bin'));
  copyFileSync(program('vrxd-unattended'), world.path('bin', 'vrxd'));
  copyFileSync(program('vrx-issuer'), world.path('bin', 'vrx-issuer'));
}

const arguments_ = () => ['--config', world.folder, '--programs', world.path('bin'),
  ...(root ? ['--vrxd-user', users.vrxd.name, '--issuer-user', String(users['vrx-issuer'].uid)] : [])];

async function startBoth() {
  world.daemon = start('vrx-start', arguments_(), { cwd: world.folder,
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', LSAN_OPTIONS: 'detect_leaks=0' } });
  [, world.port] = await world.daemon.says(/vrxd: listening on \S+:(\d+)\n/);
  await world.daemon.says(issuerServes);
}

before(async () => {
  world = new World({ unattended: true });
  await world.makePlatform();
  copyPrograms();
  configure();
  handOver();
  await startBoth();
  await world.makeTenants();
  counter = world.client('sapporo-counter');
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
});

after(() => world?.close());

test('one command, and a certificate is issued', async () => {
  assert.match((await issue()).uvci, /^URN:UVCI:01:JP:/);
});

test('each runs as its own user, with no more rights than it needs', { skip: !root && 'needs root' }, () => {
  for (const [name, { uid }] of Object.entries(users)) {
    const own = status(pidOf(name));
    assert.equal(own.Uid, Array(4).fill(uid).join('\t'), name);
    assert.equal(own.Gid, Array(4).fill(uid).join('\t'), name);
    assert.equal(Number.parseInt(own.CapEff, 16), 0, name);
    assert.equal(Number.parseInt(own.CapPrm, 16), 0, name);
    assert.equal(own.NoNewPrivs, '1', name);
  }
  const starter = status(world.daemon.pid);
  const kept = (1 << 5) | (1 << 6) | (1 << 7); // CAP_KILL, CAP_SETGID, CAP_SETUID
  assert.equal(Number.parseInt(starter.CapPrm, 16), kept);
  assert.equal(starter.NoNewPrivs, '1');
});

test('vrx-start holds no file open but its log', () => {
  const open = readdirSync(`/proc/${world.daemon.pid}/fd`).map(Number).filter((fd) => fd > 2);
  assert.deepEqual(open, []);
});

test('without the issuer vrxd goes on and says so; the same application is served when it is back', async () => {
  const watched = [];
  const read = (...path) => readFileSync(world.path(...path));
  const client = new health.v1.Health(`localhost:${world.port}`, grpc.credentials.createSsl(
    read('ca', 'certificate.pem'), read('platform', 'key.pem'), read('platform', 'certificate.pem')));
  const watch = client.Watch({ service: 'issuer' });
  watch.on('data', ({ status: now }) => watched.push(now)).on('error', () => {});
  await until(() => watched.length === 1);
  const vrxd = pidOf('vrxd');
  const applicationId = await applyFor(counter, addressee(90));
  // Each end makes the pause longer: in the third there is time to look round.
  for (let i = 0; i < 2; i += 1) await killed('vrx-issuer', issuerServes);
  process.kill(pidOf('vrx-issuer'), 'SIGKILL');
  await until(() => watched.length === 2);
  await refused(counter.Certificates.issue({ applicationId }), 'ISSUER_UNAVAILABLE');
  const told = await world.at('sapporo-counter', 'certificate', 'issue', '--application', applicationId.toString('hex'));
  assert.equal(told.code, 1);
  assert.match(told.stderr, /the application stays open[\s\S]*vrx certificate issue --application [0-9a-f]{32}/);
  assert.equal(await metric('vrx_issuer_up'), 0);
  assert.match(await world.well('platform', 'status'), /not available/);
  assert.equal((await counter.Records.getHistory({ resident: addressee(1) })).doses.length > 0, true);
  assert.match(world.daemon.output(), /"issuer is away".*ISSUER_UNAVAILABLE/);
  await until(() => watched.length >= 3 && watched.at(-1) === 'SERVING');
  assert.equal(watched[0], 'SERVING');
  assert.equal(watched[1], 'NOT_SERVING');
  assert.match((await counter.Certificates.issue({ applicationId })).certificate.uvci, /^URN:UVCI:/);
  assert.match(world.daemon.output(), /"issuer is back"/);
  assert.equal(await metric('vrx_issuer_up'), 1);
  assert.equal(pidOf('vrxd'), vrxd, 'vrxd was not started again');
  watch.cancel();
  client.close();
  const pauses = [...world.daemon.output().matchAll(/vrx-issuer ended, signal 9; again in ([\d.]+) s/g)];
  assert.deepEqual(pauses.map(([, seconds]) => Number(seconds)), [0.5, 1, 2]);
});

test('vrxd is started again too', async () => {
  world.disconnect();
  await killed('vrxd', vrxdServes);
  [, world.port] = [...world.daemon.output().matchAll(/vrxd: listening on \S+:(\d+)\n/g)].at(-1);
  await world.unseal('sapporo');
  counter = world.client('sapporo-counter');
  assert.match((await issue()).uvci, /^URN:UVCI:/);
});

test('SIGTERM ends vrxd first, then the issuer', async () => {
  await world.endDaemon();
  assert.match(world.daemon.output(), /vrxd ended, status 0\n[\s\S]*vrx-issuer ended, status 0\n/);
  world.daemon = null;
});

test('neither stays when vrx-start is killed', async () => {
  await startBoth();
  const pids = Object.keys(users).map(pidOf);
  await world.endDaemon('SIGKILL');
  const gone = (pid) => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return true;
    }
  };
  await until(() => pids.every(gone));
  world.daemon = null;
});

test('what no other start would mend ends it', async () => {
  const ends = async (expected, ...args) => {
    const told = await run('vrx-start', args, { cwd: world.folder });
    assert.equal(told.code, 2, told.stderr);
    assert.match(told.stderr, expected);
  };
  await ends(/--config is missing/);
  const [, , , programs, ...as] = arguments_();
  await ends(/status 127/, '--config', world.folder, '--programs', world.path('nowhere'), ...as);
  writeFileSync(world.path('vrx-issuer.conf'), 'socket = run/issuer/socket\nnonsense\n');
  await ends(/line 2 is not "name = value"/, '--config', world.folder, '--programs', programs, ...as);
  writeFileSync(world.path('vrx-issuer.conf'), 'sockets = run/issuer/socket\n');
  await ends(/sockets/, '--config', world.folder, '--programs', programs, ...as);
  if (!root) return;
  await ends(/there is no user nobody-at-all/, '--config', world.folder, '--vrxd-user', 'nobody-at-all');
  await ends(/is root, which neither of them needs/, '--config', world.folder, '--vrxd-user', '0');
  await ends(/two users/, '--config', world.folder, '--vrxd-user', 'daemon', '--issuer-user', 'daemon');
});
