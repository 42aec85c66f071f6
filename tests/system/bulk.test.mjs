// SPDX-License-Identifier: Apache-2.0
// A list of movers from Kashiwa to Sapporo, as an office does it: handed in as a file, agreed to by a second person,
// run, killed in the middle and gone on with, and every row accounted for. VRX_BULK_ROWS is how many rows (200),
// VRX_KILLS how often the daemon is killed (2); with VRX_DAEMONS=2 each municipality has a daemon of its own, and both
// are killed.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { Apart, fileOf, makeMovers, many } from './movers.mjs';
import { addressee, medical } from './steps.mjs';

const ROWS = Number(process.env.VRX_BULK_ROWS ?? 200);
const KILLS = Number(process.env.VRX_KILLS ?? 2);
const PACE = Math.max(60, Math.ceil(ROWS / 10)); // rows a second: the run lasts long enough to be killed in

let world;
let movers; // { resident, sapporo: addressee number there, held: their doses there, what, line, evidenceId, consentId }
let list; // as it was handed in

// What is done with the mover of this number, besides being asked for.
const kinds = { 7: 'no consent', 13: 'unknown', 21: 'revoked', 33: 'protected' };
const of = (what) => movers.filter((mover) => mover.what === what);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

before(async () => {
  world = await (process.env.VRX_DAEMONS === '2' ? Apart : World).make();
  movers = await makeMovers(world, ROWS, (at) => kinds[at % 40] ?? 'plain');
  await many(of('protected'), ({ sapporo }) => world.client('sapporo-console').Records.setProtection(
    { resident: addressee(sapporo), noAutomaticAnswer: true }));
});
after(() => world?.close());

const cells = (mover) => [mover.row.addresseeNumber, '011002', mover.what === 'no consent' ? '' : hex(mover.consentId),
  hex(mover.evidenceId), 'dose lot'];
const vrx = async (...args) => (await world.well('kashiwa-counter', 'bulk', ...args, '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const lists = async () => (await world.client('kashiwa-counter').Bulk.listBulks()).lists;
const now = async () => (await lists()).find(({ listId }) => hex(listId) === list.list_id);

test('rows with a basis are kept, the others refused with line and reason', async () => {
  const nobody = ['99999999', '011002', '', '', 'dose'];
  const wrong = ['x', '011003', '12', '', 'name'];
  writeFileSync(world.path('movers.csv'), fileOf([...movers.map(cells), nobody, wrong]));
  [list] = await vrx('submit', 'movers.csv');
  const without = of('no consent');
  assert.equal(list.rows, ROWS - without.length);
  assert.equal(list.refused, without.length + 2);
  assert.equal(list.state, 'submitted');
  const expected = [...without.map(({ line }) => `${line} consent_id CONSENT_MISSING`),
    `${ROWS + 2} resident NOT_FOUND`, `${ROWS + 3} addressee_number INPUT_MALFORMED`,
    `${ROWS + 3} from_municipality CHECK_DIGIT_WRONG`, `${ROWS + 3} consent_id INPUT_MALFORMED`,
    `${ROWS + 3} items INPUT_RANGE`];
  assert.deepEqual(list.errors.map(({ line, field_en: field, reason }) => `${line} ${field} ${reason}`), expected);
});

test('nobody starts it alone, or with another digest, and who agrees sees which', async () => {
  const counter = world.client('kashiwa-counter', { agree: null });
  const listId = Buffer.from(list.list_id, 'hex');
  const digest = Buffer.from(list.digest, 'hex');
  await refused(counter.Bulk.startBulk({ listId, digest: Buffer.alloc(32) }), 'CONFLICT');
  await refused(counter.Bulk.startBulk({ listId: Buffer.alloc(16), digest }), 'NOT_FOUND');
  const { action } = await refused(counter.Bulk.startBulk({ listId, digest }), 'SECOND_PERSON_NEEDED');
  const shown = await world.well('kashiwa-console', 'action', 'show', '--action', action);
  assert.ok(shown.includes(list.digest) && shown.includes(list.list_id), shown);
  assert.equal((await now()).state, 'BULK_STATE_SUBMITTED');
  await counter.Actions.withdrawAction({ action: Buffer.from(action, 'hex') });
});

// The progress; a long list is not counted all the time.
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
async function asked() {
  if (ROWS > 5000) await pause(500);
  return (await now()).asked;
}

test(`it runs, is killed ${KILLS} times, and goes on by itself`, async (t) => {
  await many(of('revoked'), ({ consentId }) => world.client('kashiwa-counter').Exchange.revokeConsent({ consentId }));
  await world.endDaemon();
  await world.startDaemon('--bulk-rows-second', String(PACE));
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
  await world.well('kashiwa-counter', 'bulk', 'start', '--list', list.list_id);
  const begun = performance.now();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const at = await until(async () => {
      const count = await asked();
      return count >= (ROWS * kill) / (KILLS + 2) && count;
    });
    await world.endDaemon('SIGKILL');
    for (const town of ['sapporo', 'kashiwa']) await world.checkVault(town);
    await world.startDaemon('--bulk-rows-second', String(PACE));
    for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
    const { asked: left, state } = await now();
    t.diagnostic(`killed at ${at} rows, gone on from at most ${left}`);
    assert.ok(left >= at, 'what was told is durable');
    assert.equal(state, 'BULK_STATE_RUNNING');
  }
  const told = await vrx('watch', '--list', list.list_id);
  const last = told.at(-1);
  t.diagnostic(`${ROWS} rows in ${Math.round((performance.now() - begun) / 1000)} s; ${JSON.stringify(last.transfers)}`);
  assert.equal(last.state, 'done');
  assert.equal(last.turned_down, of('revoked').length);
  assert.equal(last.asked, list.rows - of('revoked').length);
  assert.deepEqual(last.transfers, { NO_RECORD: of('unknown').length + of('protected').length,
    IMPORTED: of('plain').length });
});

test('each row has its result, and each dose came once', async () => {
  const results = new Map((await vrx('results', '--list', list.list_id)).map((row) => [row.line, row]));
  assert.equal(results.size, ROWS + 1); // the line that is no row was not sent
  const outcome = { plain: 'IMPORTED', unknown: 'NO_RECORD', protected: 'NO_RECORD', revoked: 'refused',
    'no consent': 'refused' };
  for (const { line, what, held } of movers) {
    const result = results.get(line);
    assert.equal(result.state, outcome[what], `line ${line}, ${what}`);
    assert.equal(result.reason, { revoked: 'CONSENT_REVOKED', 'no consent': 'CONSENT_MISSING' }[what]);
    assert.equal(result.doses_imported, what === 'plain' ? held.length : 0, `line ${line}`);
    assert.equal(result.doses_known, 0);
  }
  assert.equal(new Set([...results.values()].map(({ query_id: id }) => id).filter(Boolean)).size, list.rows);
  const counter = world.client('kashiwa-counter');
  await many(of('plain').slice(0, 20), async ({ row, held }) => {
    const { doses } = await counter.Records.getHistory({ resident: addressee(row.addresseeNumber) });
    assert.deepEqual(doses.map(medical), held);
  });
});

test('the ledger has one entry for each row, and names list, question, answer and run', async (t) => {
  if (ROWS > 5000) return t.skip('more text than a test holds');
  const entries = (await world.well('kashiwa-console', 'audit', 'entries', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line));
  const run = entries.filter(({ method }) => method === 'exchange/bulk');
  const rows = run.filter(({ person }) => person);
  assert.equal(rows.length, list.rows);
  assert.equal(rows.filter(({ outcome }) => outcome === 'OK').length, list.rows - of('revoked').length);
  assert.ok(run.every(({ terminal, request }) => terminal === 'vrxd' && request === list.list_id));
  const basis = `bulk list ${list.list_id}`;
  const about = entries.filter((entry) => entry.basis === basis && entry.outcome === 'OK');
  assert.ok(about.every(({ commitment }) => commitment === list.digest));
  const methods = about.map(({ method }) => method.split('/').at(-1));
  assert.equal(methods.filter((method) => method === 'bulk').length, 2, 'checked, and done');
  for (const method of ['SubmitBulk', 'StartBulk', 'WatchBulk', 'GetBulkResults']) assert.ok(methods.includes(method), method);
});

test('what is stopped is not asked, and does not start again', async () => {
  writeFileSync(world.path('some.csv'), fileOf(of('plain').slice(0, 3).map(cells)));
  const [other] = await vrx('submit', 'some.csv');
  await world.well('kashiwa-counter', 'bulk', 'stop', '--list', other.list_id);
  const result = await world.alone('kashiwa-counter', 'bulk', 'start', '--list', other.list_id);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /WRONG_STATE/);
  const states = (await vrx('results', '--list', other.list_id)).map(({ state }) => state);
  assert.deepEqual(states, ['waiting', 'waiting', 'waiting']);
  assert.equal((await world.alone('kashiwa-counter', 'bulk', 'watch', '--list', other.list_id)).code, 1);
});
