// SPDX-License-Identifier: Apache-2.0
// Operators, their log-in and their sessions, from a municipality's first unseal on: nobody is there but who is made
// here. Each client is of one session, or of none.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, connect, refused } from './clients.mjs';
import { towns, until, World } from './harness.mjs';
import { codeAt, Operator, presentStep } from './people.mjs';

let world;
const opened = [];
const people = {}; // by id
let admin; // client of the first administrator's session
const auditors = []; // ids of those who have not logged in yet: who must wait for a code is somebody else's turn

// At a terminal of Sapporo, with this session's token or none; and with a name that is claimed only.
function at(kind, session = null) {
  const client = connect(world.port, world.path(`sapporo-${kind}`), world.path('ca', 'certificate.pem'),
    { operator: 'claimed', session: () => session });
  opened.push(client);
  return client;
}

async function logIn(kind, id) {
  const { session } = await people[id].logIn(at(kind));
  return session;
}

const loggedIn = async (kind, id) => at(kind, await logIn(kind, id));

async function register(client, operatorId, ...roles) {
  const names = roles.map((role) => `ROLE_${role}`);
  people[operatorId] = new Operator(operatorId,
    await client.Operators.registerOperator({ operatorId, displayName: '山田 花子', roles: names }));
  return people[operatorId];
}

async function registerTerminal(client, kind, word) {
  const certificate = new X509Certificate(readFileSync(world.path(`sapporo-${kind}`, 'certificate.pem')));
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  await client.Tenancy.registerTerminal({ terminal: {
    spkiSha256: createHash('sha256').update(spki).digest(), kind: `TERMINAL_KIND_${word}`, label: kind } });
}

// An auditor who logs in for the first time.
const fresh = (kind = 'console') => logIn(kind, auditors.pop());
const isIn = (session) => at('console', session).Retention.getClasses();

// What log-in is given, with what is to be wrong in it.
const attempt = (id, change = {}) => ({ operatorId: id, pin: people[id]?.pin ?? '493817',
  code: people[id] ? codeAt(people[id].secret, people[id].freeStep() ?? presentStep()) : '000000', ...change });

before(async () => {
  world = new World();
  await world.makePlatform();
  await world.startIssuer();
  await startDaemon();
  await world.well('platform', 'tenant', 'create', '--keyring', `custodian-${towns.sapporo.code}/keyring.cbor`,
    '--console', 'sapporo-console/certificate.pem');
  await world.unseal('sapporo');
});

after(async () => {
  disconnect();
  await world?.close();
});

function disconnect() {
  for (const client of opened.splice(0)) client.close();
}

async function startDaemon(...more) {
  disconnect();
  await world.startDaemon(...more);
}

async function restart(signal, ...more) {
  await world.endDaemon(signal);
  await startDaemon(...more);
  await world.unseal('sapporo');
}

test('the first administrator is registered without a session, once', async () => {
  const console = at('console');
  await refused(console.Operators.listOperators(), 'SESSION_REQUIRED');
  await refused(console.Operators.registerOperator({ operatorId: 'auditor', roles: ['ROLE_AUDITOR'] }), 'ROLE_MISSING');
  await register(console, 'admin', 'ADMINISTRATOR', 'AUDITOR');
  assert.match(people.admin.secret, /^[A-Z2-7]{32}$/);
  assert.match(people.admin.pin, /^\d{8}$/);
  await refused(console.Operators.registerOperator({ operatorId: 'second', roles: ['ROLE_ADMINISTRATOR'] }),
    'SESSION_REQUIRED');
});

test('with the initial PIN nothing goes but another PIN', async () => {
  const { admin: operator } = people;
  const reply = await at('console').Operators.logIn(attempt('admin'));
  operator.usedStep = operator.freeStep();
  assert.equal(reply.pinChangeDue, true);
  assert.deepEqual(reply.roles, ['ROLE_AUDITOR', 'ROLE_ADMINISTRATOR']);
  assert.equal(reply.idleSeconds, 900);
  assert.ok(Math.abs(reply.endsAt - Date.now() / 1000 - 43200) < 60);
  admin = at('console', reply.session);
  await refused(admin.Operators.listOperators(), 'PIN_CHANGE_DUE');
  await refused(admin.Operators.changePin({ oldPin: operator.pin, newPin: '123456' }), 'PIN_WEAK');
  await refused(admin.Operators.changePin({ oldPin: operator.pin, newPin: operator.pin }), 'PIN_WEAK');
  await refused(admin.Operators.changePin({ oldPin: 'something', newPin: '493817' }), 'LOGIN_REFUSED');
  await admin.Operators.changePin({ oldPin: operator.pin, newPin: '493817' });
  operator.pin = '493817';
  const { operators } = await admin.Operators.listOperators();
  assert.equal(operators.length, 1);
  assert.equal(operators[0].displayName, '山田 花子');
  assert.equal(operators[0].pinChangeDue, false);
  assert.equal(operators[0].logIns, 1);
  await registerTerminal(admin, 'counter', 'COUNTER');
  await registerTerminal(admin, 'system', 'HEALTH_SYSTEM');
  for (let i = 0; i < 16; i++) auditors.push((await register(admin, `auditor${i}`, 'AUDITOR')).id);
});

test('whatever is wrong is one refusal', async () => {
  await register(admin, 'abe', 'REGISTRAR');
  await register(admin, 'gone', 'REGISTRAR');
  await admin.Operators.suspendOperator({ operatorId: 'gone' });
  const counter = at('counter');
  const right = codeAt(people.abe.secret, presentStep());
  const wrong = [
    attempt('nobody'),
    attempt('abe', { pin: '00000000' }),
    attempt('abe', { code: right === '000000' ? '000001' : '000000' }),
    attempt('abe', { code: codeAt(people.abe.secret, presentStep() - 4) }),
    attempt('gone'),
    attempt('ABE', { pin: people.abe.pin, code: right }),
  ];
  const told = [];
  for (const request of wrong) {
    const { code, reason, clause, retry, ja, message } = await refused(counter.Operators.logIn(request), 'LOGIN_REFUSED');
    told.push(JSON.stringify({ code, reason, clause, retry, ja, message }));
  }
  assert.equal(new Set(told).size, 1, told.join('\n'));
  await logIn('counter', 'abe'); // and a right one goes
  await admin.Operators.reinstateOperator({ operatorId: 'gone' });
});

test('a code opens once, and drifts by one step', async () => {
  const operator = await register(admin, 'chiba', 'REGISTRAR');
  const counter = at('counter');
  // With all of a step left, so that it does not end meanwhile.
  await until(() => Date.now() % 30000 < 20000);
  const step = presentStep();
  const log = (which) => counter.Operators.logIn(attempt('chiba', { code: codeAt(operator.secret, which) }));
  await refused(log(step - 2), 'LOGIN_REFUSED');
  await log(step - 1);
  await refused(log(step - 1), 'LOGIN_REFUSED');
  await log(step + 1);
  await refused(log(step + 1), 'LOGIN_REFUSED');
  await refused(log(step), 'LOGIN_REFUSED'); // later ones only
  operator.usedStep = step + 1;
});

test('of two log-ins with one code at once one goes', async () => {
  const operator = await register(admin, 'doi', 'REGISTRAR');
  const request = attempt('doi');
  const outcomes = await Promise.all([at('counter'), at('counter')].map((client) => client.Operators.logIn(request)
    .then(() => 'OK', ({ reason }) => reason)));
  assert.deepEqual(outcomes.sort(), ['LOGIN_REFUSED', 'OK']);
  operator.usedStep = operator.freeStep();
});

test('a session is of one terminal', async () => {
  const session = await logIn('counter', 'abe');
  await refused(at('console', session).Operators.logOut(), 'SESSION_ENDED');
  await refused(at('counter', `${session.slice(0, -1)}`).Operators.logOut(), 'SESSION_ENDED');
  await refused(at('counter').Operators.logOut(), 'SESSION_REQUIRED');
  await refused(at('system', session).Operators.logOut(), 'TERMINAL_KIND');
  const counter = at('counter', session);
  await refused(counter.Operators.changePin({ oldPin: 'wrong one', newPin: '582049' }), 'LOGIN_REFUSED');
  await counter.Operators.logOut();
  await refused(counter.Operators.logOut(), 'SESSION_ENDED');
});

test('only administrators manage operators, and not themselves', async () => {
  await register(admin, 'endo', 'AUDITOR');
  const endo = await loggedIn('console', 'endo');
  await refused(endo.Operators.listOperators(), 'ROLE_MISSING');
  await refused(endo.Operators.registerOperator({ operatorId: 'x', roles: ['ROLE_AUDITOR'] }), 'ROLE_MISSING');
  await refused(endo.Operators.suspendOperator({ operatorId: 'admin' }), 'ROLE_MISSING');
  const { Operators } = admin;
  const roles = ['ROLE_AUDITOR'];
  await refused(Operators.changeRoles({ operatorId: 'admin', roles }), 'OWN_ACCOUNT');
  await refused(Operators.resetOperator({ operatorId: 'admin' }), 'OWN_ACCOUNT');
  await refused(Operators.reinstateOperator({ operatorId: 'admin' }), 'OWN_ACCOUNT');
  await refused(Operators.suspendOperator({ operatorId: 'admin' }), 'LAST_ADMINISTRATOR');
  await refused(Operators.registerOperator({ operatorId: 'abe', roles }), 'ALREADY_EXISTS');
  await refused(Operators.registerOperator({ operatorId: 'a b', roles }), 'INPUT_TEXT');
  await refused(Operators.registerOperator({ operatorId: 'x', roles: [] }), 'INPUT_RANGE');
  await refused(Operators.registerOperator({ operatorId: 'x', roles: [...roles, ...roles] }), 'INPUT_DUPLICATE_KEY');
  await refused(Operators.registerOperator({ operatorId: 'x', roles: ['ROLE_UNSPECIFIED'] }), 'INPUT_RANGE');
  await refused(Operators.changeRoles({ operatorId: 'noone', roles }), 'NOT_FOUND');
  await refused(Operators.resetOperator({ operatorId: 'noone' }), 'NOT_FOUND');
  await refused(Operators.suspendOperator({ operatorId: 'noone' }), 'NOT_FOUND');
  await refused(Operators.reinstateOperator({ operatorId: 'endo' }), 'WRONG_STATE');
});

test('other roles, a reset and a suspension end sessions at once', async () => {
  const operator = await register(admin, 'fukui', 'AUDITOR');
  let fukui = await loggedIn('console', 'fukui');
  await admin.Operators.changeRoles({ operatorId: 'fukui', roles: ['ROLE_REGISTRAR'] });
  await refused(fukui.Operators.listOperators(), 'SESSION_ENDED');
  fukui = await loggedIn('console', 'fukui');
  await refused(fukui.Operators.listOperators(), 'ROLE_MISSING');
  const { enrolmentUri, initialPin } = await admin.Operators.resetOperator({ operatorId: 'fukui' });
  await refused(fukui.Operators.listOperators(), 'SESSION_ENDED');
  await refused(at('console').Operators.logIn(attempt('fukui')), 'LOGIN_REFUSED'); // neither the old telephone
  people.fukui = new Operator('fukui', { enrolmentUri, initialPin });
  assert.notEqual(people.fukui.secret, operator.secret);
  await refused(at('console').Operators.logIn(attempt('fukui', { pin: operator.pin })), 'LOGIN_REFUSED'); // nor PIN
  fukui = await loggedIn('console', 'fukui');
  await admin.Operators.suspendOperator({ operatorId: 'fukui' });
  await refused(fukui.Operators.listOperators(), 'SESSION_ENDED');
  await refused(admin.Operators.suspendOperator({ operatorId: 'fukui' }), 'WRONG_STATE');
});

test('a suspension ends a stream that is open', async () => {
  const id = auditors.pop();
  const auditor = await loggedIn('console', id);
  const alerts = register(admin, 'watcher', 'ADMINISTRATOR').then(() => loggedIn('console', 'watcher'));
  const stream = (await alerts).Alerts.watchAlerts();
  const ended = collect(stream).then(() => 'OK', ({ reason }) => reason);
  await auditor.Retention.getClasses();
  await admin.Operators.suspendOperator({ operatorId: 'watcher' });
  assert.equal(await ended, 'SESSION_ENDED');
});

test('a PIN that is changed ends the operator\'s other sessions', async () => {
  const operator = people.abe;
  const one = await loggedIn('counter', 'abe');
  const other = await loggedIn('counter', 'abe');
  await one.Operators.changePin({ oldPin: operator.pin, newPin: '582049' });
  operator.pin = '582049';
  await refused(other.Operators.logOut(), 'SESSION_ENDED');
  await one.Operators.logOut();
});

test('every try stands in the ledger, without PIN, code or who is nobody', async () => {
  const entries = await collect(admin.Ledger.exportEntries({}));
  const text = Buffer.concat(entries.map(({ entry }) => entry));
  assert.ok(text.includes('/vrx.v1.Operators/LogIn'));
  for (const secret of ['nobody', '493817', '582049', people.abe.secret, people.fukui.pin])
    assert.ok(!text.includes(secret), secret);
  assert.ok(text.includes('fukui: regi')); // whom ChangeRoles was about, and what they became
});

test('failures slow one operator at one terminal down, and nobody else', async () => {
  await restart('SIGTERM', '--log-in-wait-seconds', '2', '--log-in-tries', '3');
  const counter = at('counter');
  for (const id of ['auditor0', 'stranger']) {
    for (let i = 0; i < 3; i++)
      await refused(counter.Operators.logIn(attempt(id, { pin: 'wrong one' })), 'LOGIN_REFUSED');
    const { retryMs } = await refused(counter.Operators.logIn(attempt(id)), 'RATE_EXCEEDED'); // a right one, too
    assert.ok(retryMs === undefined || (retryMs > 0 && retryMs <= 2000), String(retryMs));
  }
  await fresh('counter'); // somebody else there
  await logIn('console', 'auditor0'); // and the same one elsewhere
});

test('a restart gives no guess back', async () => {
  await sleep(2100);
  await refused(at('counter').Operators.logIn(attempt('auditor0', { pin: 'wrong one' })), 'LOGIN_REFUSED');
  await restart('SIGKILL', '--log-in-wait-seconds', '2', '--log-in-tries', '3');
  await refused(at('counter').Operators.logIn(attempt('auditor0')), 'RATE_EXCEEDED'); // 4 seconds by now
});

test('a terminal at which many fail waits, and others do not', async () => {
  await restart('SIGTERM', '--log-in-terminal-tries', '8');
  const counter = at('counter');
  let refusal = 'LOGIN_REFUSED';
  for (let i = 0; refusal === 'LOGIN_REFUSED' && i < 20; i++)
    ({ reason: refusal } = await counter.Operators.logIn(attempt(`nobody${i}`)).catch((error) => error));
  assert.equal(refusal, 'RATE_EXCEEDED');
  await refused(counter.Operators.logIn(attempt(auditors.at(-1))), 'RATE_EXCEEDED');
  await fresh('console');
});

test('a session ends when it is idle, and at its end', async () => {
  await restart('SIGTERM', '--session-idle-seconds', '2', '--session-seconds', '5');
  const session = await fresh();
  const began = Date.now();
  while (Date.now() - began < 3500) {
    await isIn(session);
    await sleep(300);
  }
  await until(() => Date.now() - began > 5100);
  await refused(isIn(session), 'SESSION_ENDED');
  const other = await fresh();
  await sleep(2100);
  await refused(isIn(other), 'SESSION_ENDED');
});

test('a seal and a restart end every session', async () => {
  await restart('SIGTERM');
  admin = await loggedIn('console', 'admin');
  const session = await fresh();
  await admin.Tenancy.seal();
  await world.unseal('sapporo');
  await refused(isIn(session), 'SESSION_ENDED');
  const other = await fresh();
  await restart('SIGTERM');
  await refused(isIn(other), 'SESSION_ENDED');
});

test('a daemon that is killed gives no code twice', async () => {
  for (let i = 0; i < 4; i++) {
    const request = attempt(auditors.pop());
    const reply = at('console').Operators.logIn(request).then(() => 'OK', () => 'lost');
    await sleep(60 * i); // before, while and after the PIN is hashed
    await restart('SIGKILL', '--log-in-tries', '100');
    const first = await reply;
    const again = await at('console').Operators.logIn(request).then(() => 'OK', ({ reason }) => reason);
    if (first === 'OK') assert.equal(again, 'LOGIN_REFUSED');
    const third = await at('console').Operators.logIn(request).then(() => 'OK', ({ reason }) => reason);
    assert.equal(third, 'LOGIN_REFUSED'); // whichever of them it opened for
  }
});
