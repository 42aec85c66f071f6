// SPDX-License-Identifier: Apache-2.0
// What another municipality asks for about protected persons waits for two officers: they see what would leave, agree
// or refuse, by vrx and by calls of the service; what leaves is what they saw; the ledger says who; and the desk that asked
// sees of a refusal what it sees of a person who is not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World } from './harness.mjs';
import { addressee, ask, dose, hanako, numberOf, taro, watch } from './steps.mjs';

const closesAfter = 5; // seconds
const jiro = { addresseeNumber: '3', individualNumber: numberOf(30000000003), name: '守秘 次郎', kana: 'シュヒ ジロウ',
  birthDate: '1981-05-06', sex: 1, address: '北海道札幌市' };
const unknown = { addresseeNumber: '4', individualNumber: numberOf(40000000004), name: '未知 三子', kana: 'ミチ サンコ',
  birthDate: '1991-01-01', sex: 2, address: '千葉県柏市' };

let world;
let kashiwa; // who asks: the counter
let admin; // one officer, at Sapporo's console; also by vrx
let session; // of another, at the same console
const states = {}; // what Kashiwa's desk saw, by person

before(async () => {
  world = await World.make({ pendingSeconds: closesAfter });
  kashiwa = world.client('kashiwa-counter');
  admin = world.client('sapporo-console');
  session = await world.second('sapporo');
  for (const resident of [hanako, taro, jiro]) {
    await admin.Records.registerResident({ resident });
    await world.client('sapporo-counter').Records.recordVaccination(
      { resident: addressee(resident.addresseeNumber), dose: dose() });
    if (resident !== hanako)
      await admin.Records.setProtection({ resident: addressee(resident.addresseeNumber), noAutomaticAnswer: true });
  }
  for (const resident of [hanako, taro, jiro, unknown]) await kashiwa.Records.registerResident({ resident });
});
after(() => world?.close());

const vrx = async (...args) => JSON.parse(await world.well('sapporo-console', 'approval', ...args, '--json'));
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const hex = (text) => Buffer.from(text, 'hex');

// The last state that the desk sees, and all of them on the way without the times.
async function follow(who) {
  const seen = await watch(kashiwa, await ask(kashiwa, addressee(who.addresseeNumber)));
  states[who.name] = seen.map(({ queryId, requestedAt, deadline, ...rest }) => rest)
    .filter(({ state }) => state !== 'TRANSFER_STATE_REQUESTED');
  return seen.at(-1);
}

let approved; // Taro's, in hexadecimal
let seen;
const ends = {};

test('who watches sees each query about somebody protected as it comes, and no other', async () => {
  const stream = admin.Approvals.watchApprovals();
  const nobody = follow(unknown);
  const waits = [];
  for (const who of [taro, jiro]) {
    ends[who.name] = follow(who);
    const { approval } = (await stream.next()).value;
    assert.equal(approval.toMunicipality, '122173');
    assert.equal(approval.state, 'APPROVAL_STATE_WAITING');
    assert.equal(approval.closesAt - approval.openedAt, closesAfter);
    waits.push(approval.approval.toString('hex'));
  }
  ends[unknown.name] = nobody;
  await stream.return();
  assert.deepEqual((await vrx('list')).map(({ approval }) => approval).sort(), [...waits].sort());
  assert.equal(JSON.stringify(await vrx('list')).includes(taro.name), false, 'the list names nobody');
  [approved] = waits;

  seen = await vrx('show', '--approval', approved);
  assert.equal(seen.resident.name, '北海 太郎');
  assert.deepEqual(seen.items, ['dose', 'lot']);
  assert.equal(seen.consent_form, 'F-2026-0001');
  assert.equal(seen.doses.length, 1);
  assert.equal(seen.doses[0].lot, 'EY2173');
  assert.equal(seen.doses[0].venue, '', 'not asked for');
  assert.match(await world.well('sapporo-console', 'approval', 'show', '--approval', approved),
    new RegExp(`北海 太郎[^]*EY2173[^]*${seen.digest}`));
  await world.well('sapporo-console', 'approval', 'approve', '--approval', approved, '--digest', seen.digest);
  const again = await world.alone('sapporo-console', 'approval', 'approve', '--approval', approved, '--digest', seen.digest);
  assert.match(again.stderr, /SECOND_PERSON_SAME/);
  const other = { approval: hex(approved), digest: Buffer.alloc(32, 1) };
  await refused(admin.Approvals.approveAnswer(other, { session }), 'CONFLICT');
  const { state } = await admin.Approvals.approveAnswer({ approval: hex(approved), digest: hex(seen.digest) }, { session });
  assert.equal(state, 'APPROVAL_STATE_APPROVED');
  await world.well('sapporo-console', 'approval', 'refuse', '--approval', waits[1], '--reason', 'order 14 of 2026');
});

test('what two agreed to leaves, and the ledger names both', async () => {
  const last = await ends[taro.name];
  assert.equal(last.state, 'TRANSFER_STATE_IMPORTED');
  assert.equal(last.dosesImported, 1);
  const [listed] = (await vrx('list', '--all')).filter(({ approval }) => approval === approved);
  assert.equal(listed.state, 'approved');
  assert.deepEqual([listed.first_by, listed.ended_by], ['sapporo.admin', 'sapporo.second']);
  const found = (await entries()).filter(({ basis }) => basis === `approval ${approved}`);
  assert.deepEqual(found.map(({ method, operator, outcome }) => [method.split('/').at(-1), operator, outcome]), [
    ['GetApproval', 'sapporo.admin', 'OK'],
    ['GetApproval', 'sapporo.admin', 'OK'],
    ['ApproveAnswer', 'sapporo.admin', 'OK'],
    ['ApproveAnswer', 'sapporo.admin', 'SECOND_PERSON_SAME'],
    ['ApproveAnswer', 'sapporo.second', 'CONFLICT'],
    ['ApproveAnswer', 'sapporo.second', 'OK'],
    ['release', 'sapporo.admin', 'OK'],
    ['release', 'sapporo.second', 'OK'],
  ]);
  for (const { commitment } of found.slice(2)) assert.equal(commitment, seen.digest);
});

test('the desk sees of a refusal what it sees of nobody', async () => {
  const last = await ends[jiro.name];
  assert.equal(last.state, 'TRANSFER_STATE_NO_RECORD');
  await ends[unknown.name];
  assert.deepEqual(states[jiro.name], states[unknown.name]);
  assert.deepEqual(states[jiro.name].map(({ state }) => state), ['TRANSFER_STATE_PENDING', 'TRANSFER_STATE_NO_RECORD']);
  const why = (await entries()).filter(({ basis }) => basis === 'order 14 of 2026');
  assert.deepEqual(why.map(({ method, operator }) => [method, operator]), [['exchange/refusal', 'sapporo.admin']]);
});
