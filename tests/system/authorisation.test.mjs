// SPDX-License-Identifier: Apache-2.0
// The reviewed matrix of who may call what (tests/unit/vrxd/authorisation.tsv) against the daemon itself: every method
// for callers of most kinds, over the wire, with real certificates, real log-ins and a message that no method takes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Refusal, grpc } from './clients.mjs';
import { World } from './harness.mjs';
import { allRoles, register } from './people.mjs';
import { root } from './programs.mjs';

const noMessage = Buffer.from([0x78, 1]); // field 15: no request has one
const roles = allRoles.map((name) => name.slice('ROLE_'.length));
const idleSeconds = 3;

// { method: { caller: answer } }
const reviewed = {};
for (const line of readFileSync(join(root, 'tests/unit/vrxd/authorisation.tsv'), 'utf8').split('\n')) {
  if (!line || line.startsWith('#')) continue;
  const [method, answer, callers] = line.split('\t').map((cell) => cell.trim());
  for (const caller of callers.split(' ').flatMap((name) => (name.endsWith('/every-role')
    ? roles.map((role) => name.replace('every-role', role)) : [name])))
    (reviewed[method] ??= {})[caller] = answer;
}

let world;
const connections = [];

// Nobody calls every method in a second; who tries is told so, which is not what is asked here.
const unlimited = ['system', 'seat', 'operator', 'municipality', 'address'].flatMap((who) => [
  `--${who}-calls-second`, '0', ...(who === 'municipality' || who === 'address' ? []
    : [`--${who}-failed-minute`, '0', `--${who}-failed-hour`, '0'])]);

before(async () => {
  world = await World.make();
  await world.endDaemon();
  await world.startDaemon(...unlimited);
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
});
after(async () => {
  for (const connection of connections) connection.close();
  await world?.close();
});

// A connection without any service of its own: methods are asked for by their paths.
function open(folder) {
  const read = (name) => readFileSync(world.path(folder, name));
  const credentials = folder ? grpc.credentials.createSsl(readFileSync(world.path('ca', 'certificate.pem')),
    read('key.pem'), read('certificate.pem'))
    : grpc.credentials.createSsl(readFileSync(world.path('ca', 'certificate.pem')));
  const connection = new grpc.Client(`localhost:${world.port}`, credentials,
    { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });
  connections.push(connection);
  return connection;
}

// On the wire every kind of call is a message and an end; the daemon answers as its row says.
function answerTo(connection, method, session) {
  const metadata = new grpc.Metadata();
  metadata.set('vrx-operator', 'yamada');
  if (session) metadata.set('vrx-session', session);
  return new Promise((resolve) => {
    const same = (bytes) => bytes;
    const call = connection.makeBidiStreamRequest(`/${method}`, same, same, metadata, {});
    call.on('data', () => {});
    call.on('error', (error) => {
      const { reason } = new Refusal(error, method);
      resolve(reason === 'INPUT_FIELD_UNKNOWN' ? 'ALLOWED' : reason || grpc.status[error.code]);
    });
    call.on('end', () => resolve('OK'));
    call.write(noMessage);
    call.end();
  });
}

async function check(caller, folder, session) {
  const connection = open(folder);
  const wrong = [];
  for (const method of Object.keys(reviewed)) {
    const answer = await answerTo(connection, method, session);
    if (answer !== reviewed[method][caller]) wrong.push(`${method} by ${caller}: ${answer}`);
  }
  assert.deepEqual(wrong, []);
}

test('the file speaks of every method that there is', () => {
  const all = ['sapporo-console'].flatMap((terminal) => Object.entries(world.client(terminal)))
    .filter(([, service]) => typeof service === 'object')
    .flatMap(([service, methods]) => Object.keys(methods)
      .map((method) => `vrx.v1.${service}/${method[0].toUpperCase()}${method.slice(1)}`));
  assert.deepEqual(all.filter((method) => !reviewed[method]), []);
});

test('nobody gets a connection without a certificate', async () => {
  const connection = open(null);
  assert.equal(await answerTo(connection, 'vrx.v1.Tenancy/Status'), 'UNAVAILABLE');
});

test('who is nobody, the platform, and who acts without a person', async () => {
  await check('nobody', 'stranger');
  await check('platform', 'platform');
  await check('kiosk', 'sapporo-kiosk');
  await check('health-system', 'sapporo-system');
  await check('health-system/token-unknown', 'sapporo-system', 'A'.repeat(43));
});

test('counter and console with nobody logged in, and with what is no session there', async () => {
  const tokens = { counter: await world.session('sapporo-counter'), console: await world.session('sapporo-console') };
  const foreign = { counter: await world.session('kashiwa-counter'), console: await world.session('kashiwa-console') };
  for (const kind of ['counter', 'console']) {
    await check(`${kind}/no-session`, `sapporo-${kind}`);
    await check(`${kind}/token-unknown`, `sapporo-${kind}`, 'A'.repeat(43));
    await check(`${kind}/session-of-other-town`, `sapporo-${kind}`, foreign[kind]);
  }
  await check('counter/session-of-other-terminal', 'sapporo-counter', tokens.console);
  await check('console/session-of-other-terminal', 'sapporo-console', tokens.counter);
});

test('counter and console with one role, and with a PIN that is due for change', async () => {
  const admin = world.client('sapporo-console');
  for (const role of ['REGISTRAR', 'AUDITOR', 'ADMINISTRATOR']) {
    const operator = await register(admin, `only.${role}`, [`ROLE_${role}`]);
    for (const kind of ['counter', 'console']) {
      const { session } = await operator.logIn(world.client(`sapporo-${kind}`));
      await check(`${kind}/${role}`, `sapporo-${kind}`, session);
    }
  }
  const fresh = await register(admin, 'fresh', allRoles);
  for (const kind of ['counter', 'console']) {
    const { session } = await fresh.logInAsIs(world.client(`sapporo-${kind}`));
    await check(`${kind}/pin-due`, `sapporo-${kind}`, session);
  }
});

test('sessions of operators who were suspended', async () => {
  const admin = world.client('sapporo-console');
  const leaver = await register(admin, 'leaver', allRoles.slice(0, -1));
  const sessions = {};
  for (const kind of ['counter', 'console'])
    sessions[kind] = (await leaver.logIn(world.client(`sapporo-${kind}`))).session;
  await admin.Operators.suspendOperator({ operatorId: 'leaver' });
  for (const kind of ['counter', 'console'])
    await check(`${kind}/operator-suspended`, `sapporo-${kind}`, sessions[kind]);
});

test('a console that was suspended, also with a session', async () => {
  await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', 'spare', '--out', 'spare');
  await world.well('sapporo-console', 'terminal', 'register', '--certificate', 'spare/certificate.pem', '--kind',
    'console', '--label', 'spare');
  await world.well('sapporo-console', 'terminal', 'suspend', '--certificate', 'spare/certificate.pem');
  await check('suspended/console', 'spare');
  await check('suspended/console/ADMINISTRATOR', 'spare', await world.session('sapporo-console'));
});

test('terminals of a sealed municipality', async () => {
  await world.seal('kashiwa');
  await check('sealed/console', 'kashiwa-console');
  await check('sealed/other', 'kashiwa-counter');
});

test('sessions that nobody used for too long', async () => {
  const sessions = {};
  await world.endDaemon();
  await world.startDaemon('--session-idle-seconds', String(idleSeconds), ...unlimited);
  await world.unseal('sapporo');
  for (const kind of ['counter', 'console']) sessions[kind] = await world.session(`sapporo-${kind}`);
  await new Promise((resolve) => { setTimeout(resolve, (idleSeconds + 1) * 1000); });
  for (const kind of ['counter', 'console'])
    await check(`${kind}/session-idle`, `sapporo-${kind}`, sessions[kind]);
});
