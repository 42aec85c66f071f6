// SPDX-License-Identifier: Apache-2.0
// Each limit is met by one caller while the others go on unharmed; the refusal says how long to wait, and that is true;
// the ledger has it; an alert reaches who watches, once, and is acknowledged.
import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Refusal, refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee, hanako, numberOf } from './steps.mjs';

const CALLS = 5; // a second at a seat; twice that at once
const PERSONS = 4; // a minute
const FAILED = 3;
const small = ['--seat-calls-second', String(CALLS), '--seat-persons-minute', String(PERSONS), '--seat-failed-minute',
  String(FAILED), '--operator-calls-second', '0', '--operator-persons-minute', '0', '--operator-failed-minute', '0'];

let world;
let watched; // alerts as they come
let watching;
const history = (terminal, number) => world.client(terminal).Records.getHistory({ resident: addressee(number) });
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
// As the ledger names a terminal.
const digestOf = (terminal) => createHash('sha256').update(new X509Certificate(readFileSync(world.path(terminal,
  'certificate.pem'))).publicKey.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16);
// Slowly: the console has a limit too.
const entries = async () => (await pause(500)) ?? (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line)).filter(({ outcome }) => outcome === 'RATE_EXCEEDED');

before(async () => {
  world = await World.make({ limited: true });
  const rows = Array.from({ length: 10 }, (_, at) => ({ ...hanako, addresseeNumber: String(at + 1),
    individualNumber: numberOf(at + 1) }));
  for (const resident of rows) {
    await world.client('sapporo-system').Records.registerResident({ resident });
    await world.client('kashiwa-system').Records.registerResident({ resident });
  }
  await world.endDaemon();
  await world.startDaemon(...small);
  await world.unseal('sapporo');
  await world.unseal('kashiwa');
  watched = [];
  const stream = world.client('sapporo-console').Alerts.watchAlerts();
  watching = (async () => {
    try {
      for await (const { alert } of stream) watched.push(alert);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // the daemon ends
    }
  })();
});

after(async () => {
  await world?.close();
  await watching;
});

const rung = (kind, terminal) => watched.filter((alert) => alert.kind === `ALERT_KIND_${kind}` &&
  alert.terminal === terminal);

test('too many calls: one terminal waits, the others do not, and the advice is true', async () => {
  const flood = await Promise.allSettled(Array.from({ length: 200 }, () => history('sapporo-counter', 1)));
  const passed = flood.filter(({ status }) => status === 'fulfilled').length;
  const reasons = flood.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  assert.ok(passed >= 2 * CALLS && passed < 100, `${passed} of 200`);
  for (const { reason, message, retryMs } of reasons) {
    assert.equal(reason, 'RATE_EXCEEDED');
    assert.match(message, /RESOURCE_EXHAUSTED.*calls a second at one terminal; try again in \d+\.\d s/);
    assert.ok(retryMs > 0 && retryMs <= 1000, `${retryMs} ms`);
  }
  await history('sapporo-system', 1);
  await world.client('sapporo-kiosk').Tenancy.status();
  await history('kashiwa-counter', 1);
  const refusal = await until(() => history('sapporo-counter', 1).then(() => null, (error) => error));
  await pause(refusal.retryMs + 1); // a timer may be early by less than that
  await history('sapporo-counter', 1);
  const counter = digestOf('sapporo-counter');
  await until(() => rung('RATE', counter).length);
  await pause(1500);
  const found = (await entries()).filter(({ terminal }) => terminal === counter);
  assert.ok(found.length >= 1 && found.length < 20, `${found.length} entries of ${reasons.length} refusals`);
  assert.match(world.daemon.output(), /"event":"alert RATE","subject":"011002"/);
});

test('every refused call of a flood is in the ledger, alone or as a number', async () => {
  const before_ = await entries();
  const standsFor = (basis = '') => Number(/^(\d+) refused calls together$/.exec(basis)?.[1] ??
    1 + Number(/^and (\d+) refused calls before it$/.exec(basis)?.[1] ?? 0));
  const sum = (list) => list.reduce((total, { basis }) => total + standsFor(basis), 0);
  const flood = await Promise.allSettled(Array.from({ length: 100 }, () => history('sapporo-counter', 1)));
  const refusals = flood.filter(({ status }) => status === 'rejected').length;
  await until(async () => sum(await entries()) - sum(before_) === refusals);
});

test('too many persons: those that were seen stay seen, others wait', async () => {
  await pause(2000);
  const numbers = [2, 3, 4];
  for (const number of numbers) await history('sapporo-counter', number);
  const refusal = await refused(history('sapporo-counter', 5), 'RATE_EXCEEDED');
  assert.equal(refusal.clause, 'limit: persons a minute');
  assert.ok(refusal.retryMs > 30000 && refusal.retryMs <= 61000, `${refusal.retryMs} ms`);
  await pause(500);
  await history('sapporo-counter', 4);
  await history('sapporo-system', 5);
  await history('kashiwa-counter', 5);
  const counter = digestOf('sapporo-counter');
  await until(() => rung('PERSONS', counter).length);
  assert.equal(rung('PERSONS', counter)[0].events, 1);
  const entry = (await entries()).at(-1);
  assert.equal(entry.method, '/vrx.v1.Records/GetHistory');
  assert.ok(entry.person, 'the ledger says, under its token, whom it was about');
});

test('look-ups that find nobody run out', async () => {
  const console_ = world.client('kashiwa-console').Records;
  const guess = (at) => console_.getHistory({ resident: { individualNumber: numberOf(70000000000 + at) } });
  await pause(1000);
  await refused(console_.getHistory({ resident: { individualNumber: '123456789012' } }), 'CHECK_DIGIT_WRONG');
  for (let at = 1; at < FAILED; at += 1) await refused(guess(at), 'NOT_FOUND');
  const refusal = await refused(guess(9), 'RATE_EXCEEDED');
  assert.equal(refusal.clause, 'limit: look-ups a minute that find nobody');
  await refused(console_.getHistory({ resident: addressee(1) }), 'RATE_EXCEEDED');
  await history('kashiwa-counter', 1);
  await history('kashiwa-system', 1);
  await refused(world.client('kashiwa-counter').Records.getHistory({ resident: addressee(4711) }), 'NOT_FOUND');
});

test('alerts are shown, acknowledged and ring again', async () => {
  await pause(2000);
  const list = async (...more) => JSON.parse(await world.well('sapporo-console', 'alerts', ...more, '--json'));
  const counter = digestOf('sapporo-counter');
  const alerts = await list();
  assert.deepEqual(alerts.map(({ kind }) => kind).sort(), ['PERSONS', 'RATE']);
  for (const { terminal } of alerts) assert.equal(terminal, counter);
  const rate = alerts.find(({ kind }) => kind === 'RATE');
  assert.ok(rate.events > 100, `${rate.events} events`); // two floods, one alert
  assert.equal(rung('RATE', counter).length, 1);
  await world.well('sapporo-console', 'alerts', 'acknowledge', '--id', String(rate.id));
  assert.equal((await world.at('sapporo-console', 'alerts', 'acknowledge', '--id', String(rate.id))).code, 1);
  assert.equal((await list()).length, 1);
  const [seen] = (await list('--all')).filter(({ kind }) => kind === 'RATE');
  assert.ok(seen.acknowledged_at);
  assert.match(await world.well('sapporo-console', 'alerts'), /PERSONS 対象者が多すぎる/);
  await Promise.allSettled(Array.from({ length: 50 }, () => history('sapporo-counter', 1)));
  await until(() => rung('RATE', counter).length === 2);
  await pause(1000);
  await refused(world.client('sapporo-counter').Alerts.listAlerts(), 'TERMINAL_KIND');
  await refused(world.client('platform').Alerts.listAlerts(), 'TERMINAL_KIND');
});

test('a municipality sees its own alerts only, and no person in them', async () => {
  const { alerts } = await world.client('kashiwa-console').Alerts.listAlerts({ all: true });
  assert.deepEqual(alerts.map(({ kind }) => kind), ['ALERT_KIND_FAILED_LOOKUPS']);
  assert.equal(alerts[0].terminal, digestOf('kashiwa-console'));
  assert.doesNotMatch(JSON.stringify([alerts, watched]), /札幌|123456789|4711/);
});

test('outside of the office\'s hours a record rings, or stays closed', async () => {
  await pause(2000);
  const days = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'];
  const dayIn = (ahead) => days[(Math.floor((Date.now() / 1000 + 9 * 3600) / 86400) + ahead) % 7];
  const hours = async (...more) => JSON.parse(await world.well('sapporo-console', 'office-hours', ...more, '--json'));
  assert.equal((await hours()).on, false);
  await history('sapporo-counter', 1);
  assert.equal(rung('OFF_HOURS', digestOf('sapporo-counter')).length, 0);
  const set = await hours('--on', '--day', dayIn(3), '--from', '00:00', '--until', '24:00'); // neither today nor soon
  assert.equal(set[dayIn(3)], true);
  assert.equal(set[dayIn(0)], false);
  await history('sapporo-counter', 1);
  await until(() => rung('OFF_HOURS', digestOf('sapporo-counter')).length === 1);
  await hours('--refuse');
  const refusal = await refused(history('sapporo-counter', 1), 'OFFICE_CLOSED');
  assert.ok(refusal.retryMs > 86400e3 && refusal.retryMs <= 3 * 86400e3, `${refusal.retryMs} ms`);
  await history('sapporo-system', 1);
  await history('kashiwa-counter', 1);
  await pause(1000);
  await refused(world.client('sapporo-counter').Alerts.setOfficeHours({ hours: { on: false } }), 'TERMINAL_KIND');
  await refused(world.client('sapporo-console').Alerts.setOfficeHours({ hours: { on: true, days: 1, fromMinute: 5,
    untilMinute: 5 } }), 'INPUT_RANGE');
  assert.equal((await world.at('sapporo-console', 'office-hours', '--from', '8:30')).code, 2);
  await hours('--day', dayIn(0), '--day', dayIn(1));
  await history('sapporo-counter', 1);
  assert.equal((await hours('--off')).on, false);
});

test('vrx says in seconds how long to wait', async () => {
  await pause(2000);
  await Promise.allSettled(Array.from({ length: 50 }, () => history('kashiwa-counter', 1)));
  const { code, stderr } = await world.at('kashiwa-counter', 'history', '--addressee', '1');
  assert.equal(code, 1);
  assert.match(stderr, /RATE_EXCEEDED: limit: calls a second at one terminal - try again in \d s \/ \d秒後に/);
});
