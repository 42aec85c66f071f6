// SPDX-License-Identifier: Apache-2.0
// The municipality's standing order to erase: nothing goes without it or outside of its window; in the window vrxd
// erases by itself what is past its time, once, while others are served, also when it is killed in between. Its entries
// say that it was the daemon and by whose order.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let orderedBy;
let cutoff;
const console_ = () => world.client('sapporo-console');

// A window around now, or one that ended an hour ago: Japan's time, the whole year UTC+9.
const minuteOfDay = () => Math.floor(((Date.now() / 1000 + 9 * 3600) % 86400) / 60);
const shifted = (minutes) => (minuteOfDay() + minutes + 1440) % 1440;
const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const old = async () => (await collect(console_().Records.export())).flatMap(({ doses }) => doses)
  .filter(({ administeredOn }) => administeredOn < cutoff);
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line)).filter(({ method }) => method === '/vrx.v1.Retention/Erase');
const schedule = async (...more) =>
  JSON.parse(await world.well('sapporo-console', 'retention', 'schedule', ...more, '--json'));

before(async () => {
  world = await World.make();
  cutoff = new Date(Date.now() - 1826 * 86400e3).toISOString().slice(0, 10);
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 500 }));
  assert.ok((await old()).length > 10);
});

after(() => world?.close());

test('a new municipality has no standing order; only an administrator at a console gives one', async () => {
  assert.deepEqual(await schedule(), { on: false, from: '02:00', until: '05:00', operator: '', running: false });
  const set = { schedule: { on: true, fromMinute: 0, untilMinute: 1 } };
  for (const terminal of ['sapporo-counter', 'sapporo-system', 'sapporo-kiosk', 'platform']) {
    await refused(world.client(terminal).Retention.getSchedule(), 'TERMINAL_KIND');
    await refused(world.client(terminal).Retention.setSchedule(set), 'TERMINAL_KIND');
  }
  const nobody = world.client('sapporo-console', { operator: '' });
  await refused(nobody.Retention.setSchedule(set), 'SESSION_REQUIRED');
  const { Retention } = console_();
  await refused(Retention.setSchedule({}), 'INPUT_FIELD_MISSING');
  await refused(Retention.setSchedule({ schedule: { on: true, fromMinute: 1440, untilMinute: 1 } }), 'INPUT_RANGE');
  await refused(Retention.setSchedule({ schedule: { on: true, fromMinute: 7, untilMinute: 7 } }), 'INPUT_RANGE');
  await refused(Retention.setSchedule({ schedule: { on: true, untilMinute: 7, operator: 'x' } }), 'INPUT_FIELD_UNKNOWN');
  for (const wrong of ['24:00', '7:00', '12:60', 'noon'])
    assert.equal((await world.at('sapporo-console', 'retention', 'schedule', '--on', '--from', wrong)).code, 2);
  assert.deepEqual(await entries(), []);
});

test('outside of its window nothing goes', async () => {
  const before_ = await old();
  const set = await schedule('--on', '--from', clock(shifted(-180)), '--until', clock(shifted(-60)));
  assert.equal(set.on, true);
  assert.equal(set.operator, world.operator('sapporo-console'));
  orderedBy = set.operator;
  await new Promise((resolve) => { setTimeout(resolve, 2500); }); // some ticks
  assert.equal((await schedule()).ended_at, undefined);
  assert.deepEqual(await old(), before_);
  assert.deepEqual(await entries(), []);
});

test('in its window what is past its time goes by itself, also over a kill, while others are served', async () => {
  const { size } = world.heldCheckpoint('sapporo');
  const calls = [];
  await schedule('--from', clock(shifted(-60)), '--until', clock(shifted(60)));
  await until(async () => {
    calls.push(await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) }));
    return (await entries()).length > 0;
  });
  await world.endDaemon('SIGKILL');
  await world.startDaemon();
  await world.unseal('sapporo');
  await world.unseal('kashiwa');
  const ended = await until(async () => {
    calls.push(await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) }));
    const now = await schedule();
    return now.ended_at && !now.running ? now : null;
  });
  assert.equal(ended.on, true);
  assert.ok(calls.length > 1);
  assert.deepEqual(await old(), []);
  assert.ok(world.heldCheckpoint('sapporo').size > size);
});

test('its entries and its certificate say that the daemon did it, and by whose order', async () => {
  const done = await entries();
  for (const entry of done) {
    assert.equal(entry.terminal, 'vrxd');
    assert.match(entry.basis, /^standing order of \S+ at [0-9a-f]{16}: /);
    assert.equal(entry.basis.split(' ')[3], orderedBy);
    assert.equal(entry.outcome, 'OK');
    assert.equal(entry.person, undefined);
  }
  assert.equal(done.filter(({ basis }) => basis.endsWith(': end of the run')).length, 1);
  const [erasure] = JSON.parse(await world.well('sapporo-console', 'erasure', 'list', '--json'));
  assert.equal(erasure.class, 'vaccination');
  assert.equal(erasure.certified, true);
  assert.ok(done.some(({ basis }) => basis.endsWith(': erasure certificate')));
  await world.well('sapporo-console', 'erasure', 'show', '--id', erasure.erasure_id, '--out', 'erased.cose');
  const told = JSON.parse(await world.vrx('erasure', 'verify', 'erased.cose', '--keyring',
    'custodian-011002/keyring.cbor', '--json'));
  assert.equal(told.operator, orderedBy);
  assert.equal(told.terminal, 'vrxd');
});

test('a window is served once, and an order that was taken back erases nothing', async () => {
  const count = (await entries()).length;
  await new Promise((resolve) => { setTimeout(resolve, 2500); });
  assert.equal((await entries()).length, count);
  assert.equal((await schedule('--off')).on, false);
  await schedule('--from', clock(shifted(-30)));
  await new Promise((resolve) => { setTimeout(resolve, 2500); });
  assert.equal((await entries()).length, count);
});

test('the other municipality, which gave no order, kept everything', async () => {
  const kashiwa = JSON.parse(await world.well('kashiwa-console', 'erasure', 'list', '--json'));
  assert.deepEqual(kashiwa, []);
});
