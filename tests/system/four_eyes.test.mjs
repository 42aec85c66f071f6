// SPDX-License-Identifier: Apache-2.0
// What needs two persons: one asks, another agrees to exactly that, it is done once, and the ledger says who did what.
// At a console with the first administrator, who has every role, and a second person who may approve only.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { register } from './people.mjs';
import { addressee, hanako, taro } from './steps.mjs';

let world;
let admin; // asks
let other; // a client of the same console; sessions are given with each call
let session; // of the second person

before(async () => {
  world = await World.make();
  admin = world.client('sapporo-console', { agree: null });
  other = world.client('sapporo-console');
  session = await world.second('sapporo');
  await admin.Records.registerResident({ resident: hanako });
  await admin.Records.registerResident({ resident: taro });
});
after(() => world?.close());

const asSecond = () => ({ session });
const approve = (action, by = asSecond()) => other.Actions.approveAction({ action: Buffer.from(action, 'hex') }, by);
const get = async (action, by) => other.Actions.getAction({ action: Buffer.from(action, 'hex') }, by);
const stateOf = async (action) => (await get(action, asSecond())).action.state;
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const setClass = (days) => admin.Retention.setClass({ what: 'RETENTION_CLASS_CONSENT', days });
const daysNow = async () => (await admin.Retention.getClasses()).periods
  .find(({ what }) => what === 'RETENTION_CLASS_CONSENT').days;

// Asks, which must be refused for want of a second person: the action that waits.
async function ask(promise) {
  const { action } = await refused(promise, 'SECOND_PERSON_NEEDED');
  assert.match(action, /^[0-9a-f]{32}$/);
  return action;
}

test('an export is done once, after somebody else has agreed', async () => {
  const action = await ask(collect(admin.Records.export()));
  assert.equal(await ask(collect(admin.Records.export())), action, 'asking again is the same question');
  await approve(action);
  assert.equal((await collect(admin.Records.export())).length, 2);
  assert.notEqual(await ask(collect(admin.Records.export())), action, 'a second export is a question of its own');
  assert.equal(await stateOf(action), 'ACTION_STATE_USED');
});

test('the question, the answer and the run name the action in the ledger', async () => {
  const action = await ask(setClass(401));
  await approve(action);
  await setClass(401);
  const found = (await entries()).filter(({ basis }) => basis === `action ${action}`);
  assert.deepEqual(found.map(({ method, outcome, operator }) => [method, outcome, operator]), [
    ['/vrx.v1.Retention/SetClass', 'SECOND_PERSON_NEEDED', 'sapporo.admin'],
    ['/vrx.v1.Actions/ApproveAction', 'OK', 'sapporo.second'],
    ['/vrx.v1.Retention/SetClass', 'OK', 'sapporo.admin'],
  ]);
  const [commitment, ...others] = found.map((entry) => entry.commitment);
  assert.match(commitment, /^[0-9a-f]{64}$/);
  assert.deepEqual(others, [commitment, commitment]);
});

test('who asks does not agree, whatever their roles', async () => {
  const action = await ask(setClass(402));
  const id = { action: Buffer.from(action, 'hex') };
  await refused(admin.Actions.approveAction(id), 'SECOND_PERSON_SAME');
  await refused(admin.Actions.refuseAction(id), 'SECOND_PERSON_SAME');
  await refused(other.Actions.withdrawAction(id, asSecond()), 'NOT_FOUND');
  await admin.Actions.withdrawAction(id);
  await refused(approve(action), 'WRONG_STATE');
  assert.equal(await stateOf(action), 'ACTION_STATE_WITHDRAWN');
  assert.equal(await daysNow(), 401);
});

test('nobody agrees without a session, or without the role', async () => {
  const auditor = await register(admin, 'sapporo.auditor', ['ROLE_AUDITOR']);
  const by = { session: (await auditor.logIn(admin)).session };
  const action = await ask(setClass(403));
  await refused(approve(action, { session: null }), 'SESSION_REQUIRED');
  await refused(approve(action, by), 'ROLE_MISSING');
  await refused(get(action, by), 'ROLE_MISSING');
  await refused(other.Actions.refuseAction({ action: Buffer.from(action, 'hex') }, by), 'ROLE_MISSING');
  assert.ok((await other.Actions.listActions({}, by)).actions.some((one) => one.action.toString('hex') === action));
  assert.equal(await stateOf(action), 'ACTION_STATE_WAITING');
});

test('what is refused is not done, and can be asked anew', async () => {
  const action = await ask(setClass(404));
  await other.Actions.refuseAction({ action: Buffer.from(action, 'hex') }, asSecond());
  assert.notEqual(await ask(setClass(404)), action);
  assert.equal(await daysNow(), 401);
});

test('an agreement is about these bytes', async () => {
  await approve(await ask(setClass(405)));
  await ask(setClass(406));
  assert.equal(await daysNow(), 401);
  await setClass(405);
  assert.equal(await daysNow(), 405);
});

test('what would be refused anyway asks nobody', async () => {
  const before_ = (await admin.Actions.listActions()).actions.length;
  await refused(admin.Retention.setClass({ what: 'RETENTION_CLASS_VACCINATION', days: 1 }), 'INPUT_RANGE');
  await refused(admin.Records.setProtection({ resident: addressee(99) }), 'NOT_FOUND');
  assert.equal((await admin.Actions.listActions()).actions.length, before_);
});

test('who approved and was suspended does not stand by it', async () => {
  const third = await register(other, 'sapporo.third', ['ROLE_APPROVER']);
  const action = await ask(setClass(407));
  await approve(action, { session: (await third.logIn(admin)).session });
  await admin.Operators.suspendOperator({ operatorId: 'sapporo.third' });
  assert.notEqual(await ask(setClass(407)), action);
  assert.equal(await daysNow(), 405);
});

test('hiding somebody does not wait; showing them again does', async () => {
  const resident = addressee(1);
  await admin.Records.setProtection({ resident, noSelfDisclosure: true });
  await admin.Records.setProtection({ resident, noSelfDisclosure: true, noAutomaticAnswer: true });
  const action = await ask(admin.Records.setProtection({ resident, noAutomaticAnswer: true }));
  await ask(admin.Records.setProtection({ resident }));
  await approve(action);
  await admin.Records.setProtection({ resident, noAutomaticAnswer: true });
  await admin.Records.setProtection({ resident, noAutomaticAnswer: true }); // nothing is taken away any more
  await ask(admin.Records.setProtection({ resident }));
});

test('a standing order needs two, and so does taking it back', async () => {
  const order = (on) => admin.Retention.setSchedule({ schedule: { on, fromMinute: 1, untilMinute: 2 } });
  for (const on of [true, false]) {
    await approve(await ask(order(on)));
    assert.equal((await order(on)).schedule.on, on);
  }
});

test('a person is erased after two have said so, and the request goes with them', async () => {
  const subject = { resident: addressee(2) };
  const order = { subject, order: 'order 7' };
  const action = await ask(collect(admin.Retention.erase(order)));
  assert.ok((await get(action, asSecond())).request.includes('order 7'));
  await approve(action);
  const last = (await collect(admin.Retention.erase(order))).at(-1);
  assert.ok(last.erasure.certificate.length > 0);
  assert.equal((await get(action, asSecond())).request.length, 0);
  await refused(collect(admin.Retention.erase({ subject, order: 'order 8' })), 'NOT_FOUND');
});

test('nobody makes up a second person, or becomes one', async () => {
  const roles = (...names) => names.map((name) => `ROLE_${name}`);
  const stooge = (given, by = admin) => by.Operators.registerOperator({ operatorId: 'stooge', roles: given });
  for (const given of ['APPROVER', 'ADMINISTRATOR', 'KEY_CUSTODIAN']) await ask(stooge(roles('AUDITOR', given)));
  await stooge(roles('AUDITOR'));
  await ask(admin.Operators.changeRoles({ operatorId: 'stooge', roles: roles('AUDITOR', 'APPROVER') }));
  await ask(admin.Operators.resetOperator({ operatorId: 'sapporo.second' }));
  await admin.Operators.resetOperator({ operatorId: 'stooge' });
  await other.Operators.changeRoles({ operatorId: 'stooge', roles: roles('AUDITOR', 'APPROVER') });
  await admin.Operators.changeRoles({ operatorId: 'stooge', roles: roles('AUDITOR') });
  const only = await world.second('kashiwa'); // Kashiwa has two administrators, and then one
  const console_ = world.client('kashiwa-console', { agree: null });
  await console_.Operators.suspendOperator({ operatorId: 'kashiwa.second' });
  assert.ok(only);
  await console_.Operators.registerOperator({ operatorId: 'third', roles: roles('ADMINISTRATOR') });
});

test('at the command line', async () => {
  const refusedCommand = await world.alone('sapporo-console', 'retention', 'set', '--class', 'consent', '--days', '410');
  assert.equal(refusedCommand.code, 1);
  assert.match(refusedCommand.stderr, /SECOND_PERSON_NEEDED/);
  assert.match(refusedCommand.stderr, /別の職員が/);
  const [, action] = /vrx action approve --action ([0-9a-f]{32})/.exec(refusedCommand.stderr);
  const listed = JSON.parse(await world.well('sapporo-console', 'action', 'list', '--json'));
  const { state, method, asked_by: asker } = listed.find((one) => one.action === action);
  assert.deepEqual([state, method, asker], ['waiting', 'Retention/SetClass', 'sapporo.admin']);
  const shown = await world.well('sapporo-console', 'action', 'show', '--action', action);
  assert.match(shown, /what +RETENTION_CLASS_CONSENT/);
  assert.match(shown, /days +410/);
  const { request } = JSON.parse(await world.well('sapporo-console', 'action', 'show', '--action', action, '--json'));
  assert.deepEqual(request, { what: 'RETENTION_CLASS_CONSENT', days: 410 });
  const own = await world.alone('sapporo-console', 'action', 'approve', '--action', action);
  assert.match(own.stderr, /SECOND_PERSON_SAME/);
  await approve(action);
  await world.well('sapporo-console', 'retention', 'set', '--class', 'consent', '--days', '410');
  assert.equal(await daysNow(), 410);
  await world.well('sapporo-console', 'action', 'list');
});
