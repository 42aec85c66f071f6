// SPDX-License-Identifier: Apache-2.0
// What becomes of doses after they were handed over: Sapporo corrects one that Kofu, in the same daemon, and Kashiwa, in
// another one, received, and takes one out; both hear of it, and the certificate that shows it is marked or revoked. A
// dose that disagrees with Kashiwa's own record waits for an officer, who decides and takes it back by `vrx`. Whatever
// Kashiwa's daemon is sent comes to it twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { Daemons } from './daemons.mjs';
import { codeOf, until } from './harness.mjs';
import { addressee, applyFor, consentOf, dose, evidenceOf, hanako, queryFor, taro, watch } from './steps.mjs';

const IMPORTED = 'TRANSFER_STATE_IMPORTED';
const daemonOf = { sapporo: 'north', kofu: 'north', kashiwa: 'south' };

let daemons;
const at = {}; // counter terminals by town
const twice = []; // both replies to each message that Kashiwa was sent

const worldOf = (terminal) => daemons.world(daemonOf[terminal.split('-')[0]]);
const well = (terminal, ...args) => worldOf(terminal).well(terminal, ...args);
const json = async (terminal, ...args) => JSON.parse(await well(terminal, ...args, '--json'));
const history = async (town, number) => (await at[town].Records.getHistory({ resident: addressee(number) })).doses;
const doseOf = async (town, number, doseNumber) => (await history(town, number)).find((one) => one.doseNumber === doseNumber);
const entries = async (town, method) => (await well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line)).filter((entry) => entry.method === method);

// The person's doses, from Sapporo to a town: the transfer's last state.
async function transfer(town, number) {
  const resident = addressee(number);
  const evidenceId = await evidenceOf(at[town], resident);
  const consentId = await consentOf(at[town], resident, evidenceId);
  const { queryId } = await at[town].Exchange.requestTransfer(
    queryFor(resident, evidenceId, consentId, { toMunicipality: codeOf(town) }));
  return (await watch(at[town], queryId)).at(-1);
}

const certify = async (number) => {
  const applicationId = await applyFor(at.sapporo, addressee(number));
  return (await at.sapporo.Certificates.issue({ applicationId })).certificate.uvci;
};
const certificate = async (uvci, number = 1) =>
  (await json('sapporo-counter', 'certificate', 'list', '--addressee', String(number))).find((one) => one.uvci === uvci);

before(async () => {
  daemons = await Daemons.make({ north: ['sapporo', 'kofu'], south: ['kashiwa'] });
  await daemons.stand('south', async (request) => {
    const first = await daemons.deliver('south', 'daemon-north', request);
    const second = await daemons.deliver('south', 'daemon-north', request);
    first.replies.forEach((reply, index) => twice.push([reply, second.replies[index]]));
    return first;
  });
  for (const town of Object.keys(daemonOf)) {
    at[town] = worldOf(town).client(`${town}-counter`);
    for (const resident of [hanako, taro]) await at[town].Records.registerResident({ resident });
  }
  for (const number of [1, 2]) {
    const resident = addressee(number);
    await at.sapporo.Records.recordVaccination({ resident, dose: dose({ doseNumber: 1, administeredOn: '2021-07-01' }) });
    await at.sapporo.Records.recordVaccination({ resident, dose: dose({ doseNumber: 2, administeredOn: '2021-07-22' }) });
  }
});
after(() => daemons?.close());

test('a correction reaches every municipality that received the dose, and the certificate that shows it', async () => {
  for (const town of ['kashiwa', 'kofu']) assert.equal((await transfer(town, 1)).state, IMPORTED);
  const [uvci, other] = [await certify(1), await certify(2)];
  assert.equal((await certificate(uvci)).mark, undefined);
  const before_ = await doseOf('kashiwa', 1, 2);
  const wrong = await doseOf('sapporo', 1, 2);
  await well('sapporo-counter', 'dose', 'correct', '--id', String(wrong.id), '--version', '1', '--dose', '2',
    '--date', '2021-07-23', '--product', '1', '--lot', 'FA7338', '--by', '011002');
  for (const town of ['kashiwa', 'kofu']) {
    const right = await until(async () => {
      const found = await doseOf(town, 1, 2);
      return found.version === 2 && found;
    });
    assert.deepEqual([right.administeredOn, right.lot], ['2021-07-23', 'FA7338']);
    assert.equal(right.provenance.kind, 'transfer');
    assert.equal(right.provenance.origin, '011002');
    assert.equal(right.venue, '', 'no more than was asked for');
    assert.equal((await history(town, 1)).length, 2);
  }
  assert.notEqual((await doseOf('kashiwa', 1, 2)).id, before_.id);

  assert.equal((await certificate(uvci)).mark, 'reissue');
  const untouched = await certificate(other, 2);
  assert.deepEqual([untouched.mark, untouched.revoked_at], [undefined, undefined]);
  assert.match(await well('sapporo-counter', 'certificate', 'list', '--addressee', '1'), /vrx certificate revoke/);
  await well('sapporo-counter', 'certificate', 'revoke', '--certificate', uvci);
  assert.ok((await certificate(uvci)).revoked_at);
  await refused(at.sapporo.Certificates.revoke({ uvci }), 'WRONG_STATE');
  await refused(at.kashiwa.Certificates.revoke({ uvci }), 'NOT_FOUND');
});

// Until Sapporo holds the signed receipts of so many of its notices.
async function acknowledged(count) {
  const found = await until(async () => {
    const all = await entries('sapporo', 'exchange/acknowledgement');
    return all.length >= count && all;
  });
  assert.deepEqual(found.map(({ outcome }) => outcome), Array(count).fill('OK'));
}

test('both ledgers say so, and a notice that comes again changes nothing', async () => {
  await acknowledged(2);
  const sent = await entries('sapporo', 'exchange/correction-notice');
  assert.deepEqual(sent.map(({ outcome }) => outcome), ['OK', 'OK']);
  // Whoever was given it twice has two entries; the second one is about nothing that was taken in.
  for (const [town, times] of [['kofu', 1], ['kashiwa', 2]]) {
    const taken = await entries(town, 'exchange/correction');
    assert.deepEqual(taken.map(({ outcome }) => outcome), Array(times).fill('OK'));
    assert.ok(taken.every(({ terminal }) => terminal === 'peer:011002'));
    assert.equal(taken.filter(({ person, commitment }) => person && commitment).length, 1);
    const { version } = await doseOf(town, 1, 2);
    assert.equal(version, 2);
  }
});

test('a dose that never was is taken out everywhere, and what certifies it is revoked', async () => {
  const uvci = await certify(1);
  const { id, version } = await doseOf('sapporo', 1, 2);
  await at.sapporo.Records.markEnteredInError({ doseId: id, version });
  const found = await certificate(uvci);
  assert.equal(found.mark, 'in-error');
  assert.ok(found.revoked_at);
  for (const town of ['kashiwa', 'kofu'])
    await until(async () => (await history(town, 1)).length === 1);
  await acknowledged(4);
  for (const town of ['kashiwa', 'kofu']) {
    const [left, ...more] = await history(town, 1);
    assert.deepEqual([left.doseNumber, left.version, more], [1, 1, []]);
  }
});

test('a dose that disagrees waits for an officer, in no history', async () => {
  const own = dose({ doseNumber: 1, administeredOn: '2021-07-03', lot: 'FC3661', administeredBy: '122173' });
  await at.kashiwa.Records.recordVaccination({ resident: addressee(2), dose: own });
  const last = await transfer('kashiwa', 2);
  assert.equal(last.state, IMPORTED);
  assert.deepEqual([last.dosesImported, last.dosesKnown, last.dosesInReview], [1, 0, 1]);
  assert.deepEqual((await history('kashiwa', 2)).map(({ lot }) => lot), ['FC3661', 'EY2173']);
  const list = await json('kashiwa-counter', 'review', 'list');
  assert.equal(list.waiting, 1);
  assert.deepEqual([list.reviews[0].rule, list.reviews[0].origin, list.reviews[0].addressee_number],
    ['interval', '011002', '2']);
  assert.ok(!JSON.stringify(list).includes('北海'), 'the list names nobody');
  await refused(worldOf('kashiwa').client('kashiwa-kiosk').Reviews.listReviews(), 'TERMINAL_KIND');
});

test('both sides beside each other, a decision, and the way back', async () => {
  const { reviews: [{ review }] } = await json('kashiwa-counter', 'review', 'list');
  const show = () => json('kashiwa-counter', 'review', 'show', '--review', review);
  const decide = (decision, seen, ...more) => worldOf('kashiwa').at('kashiwa-counter', 'review', 'decide', '--review', review,
    '--decision', decision, '--seen', seen, ...more, '--json');
  const first = await show();
  assert.deepEqual([first.theirs.administered_on, first.ours.administered_on], ['2021-07-01', '2021-07-03']);
  assert.deepEqual([first.theirs.lot, first.ours.lot], ['EY2173', 'FC3661']);
  assert.equal(first.theirs.id, undefined);
  assert.equal(first.doses.length, 2);
  const text = await well('kashiwa-counter', 'review', 'show', '--review', review);
  assert.match(text, /theirs \/ 相手方 +ours \/ 当方/);
  assert.match(text, /2021-07-01 +2021-07-03 +<>/);

  const taken = await decide('take-theirs', first.seen, '--note', '手帳を確認した');
  assert.equal(taken.code, 0, taken.stderr);
  assert.equal(JSON.parse(taken.stdout).state, 'decided');
  assert.deepEqual((await history('kashiwa', 2)).map(({ lot, provenance: { kind } }) => [lot, kind]),
    [['EY2173', 'transfer'], ['EY2173', 'transfer']]);
  const late = await decide('merge', first.seen);
  assert.notEqual(late.code, 0);
  assert.match(late.stderr, /CONFLICT/);

  const second = await show();
  assert.equal(second.effect, 'take-theirs');
  assert.equal((await decide('merge', second.seen)).code, 0);
  const [mine] = await history('kashiwa', 2);
  assert.deepEqual([mine.lot, mine.provenance.kind, mine.version], ['FC3661', 'own', 3]);
  const { events, state } = await show();
  assert.equal(state, 'decided');
  assert.deepEqual(events.map(({ event, decision }) => decision ?? event), ['opened', 'take-theirs', 'merge']);
  assert.equal(events[1].note, '手帳を確認した');
  assert.ok(events[1].operator && events[1].terminal && events[1].at);
  const decided = await entries('kashiwa', '/vrx.v1.Reviews/Decide');
  assert.ok(decided.some(({ outcome, basis }) => outcome === 'OK' && basis === 'review: take theirs'));
  assert.ok(decided.some(({ outcome }) => outcome === 'CONFLICT'));
  assert.equal((await json('kashiwa-counter', 'review', 'list', '--ended')).reviews.length, 1);
});

test('a correction of what was merged has an officer look again', async () => {
  const wrong = await doseOf('sapporo', 2, 1);
  await at.sapporo.Records.correctVaccination({ doseId: wrong.id, version: 1,
    dose: dose({ doseNumber: 1, administeredOn: '2021-07-03', lot: 'FC3661' }) });
  const list = await until(async () => {
    const found = await json('kashiwa-counter', 'review', 'list');
    return found.waiting === 1 && found;
  });
  const { rule, effect } = list.reviews[0];
  assert.deepEqual([rule, effect], ['correction', 'merge']);
  await acknowledged(5);
  const { events } = await json('kashiwa-counter', 'review', 'show', '--review', list.reviews[0].review);
  assert.deepEqual(events.map(({ event, decision }) => decision ?? event),
    ['opened', 'take-theirs', 'merge', 'corrected'], 'once, though it came twice');
  assert.equal((await history('kashiwa', 2))[0].provenance.kind, 'own', 'nothing changed meanwhile');
});

test('whoever is told again answers as before', () => {
  assert.ok(twice.length >= 3, `${twice.length} messages`);
  for (const [first, second] of twice) {
    assert.ok(first.envelope.length > 100);
    assert.deepEqual(second, first);
  }
});
