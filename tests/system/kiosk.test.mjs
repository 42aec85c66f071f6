// SPDX-License-Identifier: Apache-2.0
// What a municipality settles for its kiosks: hours, outside of which nothing is done for anybody there, and what a
// certificate costs, which an application names as the applicant was told it. Then what an application would lead to,
// and the clerks' worklist.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Decoder } from 'cbor-x';
import { collect, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { addressee, applyFor, dose, evidenceOf, hanako, numberOf } from './steps.mjs';

let world;
let kiosk;
let counter;
let console_;

before(async () => {
  world = await World.make({ towns: ['sapporo'] });
  kiosk = world.client('sapporo-kiosk');
  counter = world.client('sapporo-counter');
  console_ = world.client('sapporo-console');
  await counter.Records.registerResident({ resident: hanako });
  for (const [doseNumber, administeredOn] of [[1, '2021-06-01'], [2, '2021-06-22']])
    await counter.Records.recordVaccination({ resident: addressee(1), dose: dose({ doseNumber, administeredOn }) });
});

after(() => world?.close());

const forTravel = (evidenceId, values = {}) => ({ resident: addressee(1), evidenceId, kind: 'CERTIFICATE_KIND_HCERT',
  passportSurname: 'SAPPORO', passportGivenName: 'HANAKO', ...values });
const checked = () => evidenceOf(counter, addressee(1), { purpose: 'PURPOSE_CERTIFICATE' });
const settings = { hours: false, days: 127, fromMinute: 0, untilMinute: 1440, fees: [] };
const words = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

// The ledger's entries of this method: what each rests on.
async function bases(method) {
  const decoder = new Decoder({ mapsAsObjects: false });
  const entries = await collect(console_.Ledger.exportEntries({}));
  return entries.map(({ entry }) => decoder.decode(entry)).filter((entry) => [...entry.values()].includes(method))
    .flatMap((entry) => [...entry.values()].filter((value) => typeof value === 'string' && value.startsWith('fee')));
}

test('a new vault\'s kiosks are always open, and take nothing', async () => {
  const { settings: now, opensAt } = await kiosk.Kiosk.getKioskSettings({});
  assert.equal(now.hours, false);
  assert.equal(opensAt, 0);
  assert.deepEqual(now.fees.map(({ yen }) => yen), [0, 0, 0]);
  assert.ok((await kiosk.Certificates.apply(forTravel(await checked()))).applicationId);
});

test('another person agrees to settings', async () => {
  const alone = await world.alone('sapporo-console', 'kiosk', 'settings', '--fee', 'hcert=300');
  assert.match(alone.stderr, /SECOND_PERSON_NEEDED/);
  assert.equal((await kiosk.Kiosk.getKioskSettings({})).settings.fees[0].yen, 0);
  const text = await world.well('sapporo-console', 'kiosk', 'settings', '--fee', 'hcert=300');
  assert.match(text, /300 yen/);
  assert.match(text, /300円/);
});

test('the fee is the one that was shown, is kept and stands in the ledger', async () => {
  const evidenceId = await checked();
  await refused(kiosk.Certificates.apply(forTravel(evidenceId)), 'CONFLICT');
  await refused(kiosk.Certificates.apply(forTravel(evidenceId, { feeYen: 200 })), 'CONFLICT');
  const { applicationId } = await kiosk.Certificates.apply(forTravel(evidenceId, { feeYen: 300 }));
  await console_.Kiosk.setKioskSettings({ settings });
  assert.ok((await kiosk.Certificates.issue({ applicationId })).certificate, 'a later fee is not of this application');
  assert.deepEqual(await bases('/vrx.v1.Certificates/Apply'), ['fee: 300 yen']);
});

test('outside of the hours a kiosk does nothing for anybody, and says when it opens', async () => {
  const evidenceId = await checked();
  const applicationId = await applyFor(counter, addressee(1));
  const now = Math.floor(Date.now() / 1000);
  const japan = new Date((now + 9 * 3600) * 1000);
  const day = (japan.getUTCDay() + 6 + 3) % 7; // in three days
  await world.well('sapporo-console', 'kiosk', 'settings', '--hours', '--day', words[day], '--from', '09:00', '--until', '17:00');
  const midnight = Math.floor((now + 9 * 3600) / 86400) * 86400 - 9 * 3600;
  const { opensAt } = await kiosk.Kiosk.getKioskSettings({});
  assert.equal(opensAt, midnight + 3 * 86400 + 9 * 3600);
  for (const call of [() => kiosk.Certificates.apply(forTravel(evidenceId)), () => kiosk.Certificates.issue({ applicationId })]) {
    const refusal = await refused(call(), 'OFFICE_CLOSED');
    assert.equal(refusal.clause, 'kiosk hours');
    assert.ok(Math.abs(now + refusal.retryMs / 1000 - opensAt) < 600, `${refusal.retryMs}`);
  }
  assert.ok((await counter.Certificates.issue({ applicationId })).certificate, 'a counter is no kiosk');
  const shown = JSON.parse(await world.well('sapporo-console', 'kiosk', 'settings', '--json'));
  assert.equal(shown[words[day]], true);
  assert.ok(shown.opens_at);
  await world.well('sapporo-console', 'kiosk', 'settings', '--always');
  assert.ok((await kiosk.Certificates.apply(forTravel(evidenceId))).applicationId);
});

test('what is no setting is refused', async () => {
  const set = (values) => console_.Kiosk.setKioskSettings({ settings: { ...settings, ...values } });
  await refused(set({ days: 0 }), 'INPUT_RANGE');
  await refused(set({ fees: [{ kind: 'CERTIFICATE_KIND_HCERT', yen: 100001 }] }), 'INPUT_RANGE');
  const twice = { kind: 'CERTIFICATE_KIND_HCERT', yen: 1 };
  await refused(set({ fees: [twice, twice] }), 'INPUT_DUPLICATE_KEY');
  await refused(set({ changedAt: 1 }), 'INPUT_FIELD_UNKNOWN');
  await refused(console_.Kiosk.setKioskSettings({}), 'INPUT_FIELD_MISSING');
});

// ---- what would be certified ----

const early = { addresseeNumber: '700020', individualNumber: numberOf(70000000020), name: '間隔 二子', kana: 'カンカク ニコ',
  birthDate: '1988-08-08', sex: 2, address: '' };

test('a preview says what would be certified and what it costs, to who was identified for it', async () => {
  await console_.Kiosk.setKioskSettings({ settings: { ...settings, fees: [{ kind: 'CERTIFICATE_KIND_DOMESTIC', yen: 250 }] } });
  const evidenceId = await checked();
  const preview = (values) => kiosk.Certificates.preview({ resident: addressee(1), evidenceId, kind: 'CERTIFICATE_KIND_DOMESTIC', ...values });
  const domestic = await preview();
  assert.deepEqual(domestic.doses.map(({ doseNumber, administeredOn, productName, lot }) => [doseNumber, administeredOn, productName, lot]),
    [[1, '2021-06-01', 'Comirnaty', 'EY2173'], [2, '2021-06-22', 'Comirnaty', 'EY2173']]);
  assert.deepEqual([domestic.name, domestic.formats, domestic.feeYen, domestic.reason],
    [hanako.name, ['CERTIFICATE_FORMAT_SMART_HEALTH_CARD'], 250, '']);
  const travel = await preview({ kind: 'CERTIFICATE_KIND_TRAVEL' });
  assert.deepEqual([travel.name, travel.formats.length, travel.feeYen], ['', 3, 0]);
  await refused(preview({ evidenceId: Buffer.alloc(0) }), 'EVIDENCE_MISSING');
  await refused(preview({ evidenceId: await evidenceOf(counter, addressee(1)) }), 'EVIDENCE_SUBJECT');
  await refused(preview({ kind: 'CERTIFICATE_KIND_UNSPECIFIED' }), 'INPUT_RANGE');
  const text = await world.well('sapporo-counter', 'certificate', 'preview', '--addressee', '1', '--evidence',
    evidenceId.toString('hex'), '--kind', 'domestic');
  assert.match(text, /250 yen/);
  assert.ok((await kiosk.Certificates.apply(forTravel(evidenceId))).applicationId, 'nothing was used up');
  await console_.Kiosk.setKioskSettings({ settings });
});

test('what the quality gate refuses is work for a clerk, and uses no application up', async () => {
  await counter.Records.registerResident({ resident: early });
  const record = (values) => counter.Records.recordVaccination({ resident: addressee(700020), dose: dose(values) });
  await record({ doseNumber: 1, administeredOn: '2021-07-01' });
  await record({ doseNumber: 2, administeredOn: '2021-07-11' });
  const evidenceId = await evidenceOf(counter, addressee(700020), { purpose: 'PURPOSE_CERTIFICATE' });
  const preview = () => kiosk.Certificates.preview({ resident: addressee(700020), evidenceId, kind: 'CERTIFICATE_KIND_HCERT' });
  assert.equal((await preview()).reason, 'DOSE_INTERVAL');
  const { applicationId } = await kiosk.Certificates.apply(forTravel(evidenceId, { resident: addressee(700020) }));
  await refused(kiosk.Certificates.issue({ applicationId }), 'DOSE_INTERVAL');
  const { work } = await counter.Certificates.listWork({});
  assert.deepEqual(work.map(({ addresseeNumber, reason, times }) => [addresseeNumber, reason, times]), [['700020', 'DOSE_INTERVAL', 2]]);
  assert.match(await world.well('sapporo-counter', 'certificate', 'work', 'list'), /700020 .*DOSE_INTERVAL/);
  assert.match(await world.well('sapporo-counter', 'certificate', 'work', 'check', '--addressee', '700020'), /DOSE_INTERVAL/);
  const { doses } = await counter.Records.getHistory({ resident: addressee(700020) });
  const second = doses.find(({ doseNumber }) => doseNumber === 2);
  await counter.Records.correctVaccination({ resident: addressee(700020), doseId: second.id, version: second.version,
    dose: dose({ doseNumber: 2, administeredOn: '2021-07-22' }) });
  assert.equal((await counter.Certificates.checkWork({ resident: addressee(700020) })).reason, '');
  assert.deepEqual((await counter.Certificates.listWork({})).work, []);
  assert.ok((await kiosk.Certificates.issue({ applicationId })).certificate, 'the application is good still');
});

// What only the other records of the municipality tell: each row makes people of its own, the last of whom is asked
// about. The doses of a row share a lot.
const others = [
  { what: 'a lot of another product', reason: /another product/, doses: [{ product: 3 }, { product: 3 }, { product: 3 }, { product: 1 }],
    cure: { product: 3 } },
  { what: 'a lot of another time', reason: /another time/, cure: { administeredOn: '2023-01-11' },
    doses: [{ administeredOn: '2023-01-10' }, { administeredOn: '2023-01-10' }, { administeredOn: '2023-01-10' }, { administeredOn: '2021-07-01' }] },
  { what: 'another person\'s ticket', reason: /ticket number of another person/, cure: { ticketNumber: '7700000002' },
    doses: [{ ticketNumber: '7700000001' }, { ticketNumber: '7700000001' }] },
];

test('a dose that other records contradict is work for a clerk, and uses no application up', async () => {
  let number = 700100;
  for (const [row, { what, reason, doses, cure }] of others.entries()) {
    const lot = `GATE${row}`;
    for (const values of doses) {
      number += 1;
      await counter.Records.registerResident({ resident: { ...early, addresseeNumber: String(number), individualNumber: numberOf(70000000000 + number) } });
      await counter.Records.recordVaccination({ resident: addressee(number), dose: dose({ lot, ...values }) });
    }
    const resident = addressee(number);
    const evidenceId = await evidenceOf(counter, resident, { purpose: 'PURPOSE_CERTIFICATE' });
    const preview = () => kiosk.Certificates.preview({ resident, evidenceId, kind: 'CERTIFICATE_KIND_HCERT' });
    const refusal = await preview();
    assert.equal(refusal.reason, 'QUALITY_GATE', what);
    assert.match(refusal.clause, reason);
    const { applicationId } = await kiosk.Certificates.apply(forTravel(evidenceId, { resident }));
    assert.match((await refused(kiosk.Certificates.issue({ applicationId }), 'QUALITY_GATE')).clause, reason);
    const { work } = await counter.Certificates.listWork({});
    assert.deepEqual(work.map((entry) => [entry.addresseeNumber, entry.reason, entry.clause, entry.times]),
      [[String(number), 'QUALITY_GATE', refusal.clause, 2]]);
    const [{ id: doseId, version }] = (await counter.Records.getHistory({ resident })).doses;
    await counter.Records.correctVaccination({ resident, doseId, version, dose: dose({ lot, ...doses.at(-1), ...cure }) });
    assert.equal((await counter.Certificates.checkWork({ resident })).reason, '', what);
    assert.deepEqual((await counter.Certificates.listWork({})).work, []);
    assert.ok((await kiosk.Certificates.issue({ applicationId })).certificate, what);
  }
});

// ---- reissue ----

test('a reissue has an identity check of its own, the same passport, and revokes what it replaces', async () => {
  const travel = (evidenceId, values = {}) => forTravel(evidenceId, { kind: 'CERTIFICATE_KIND_TRAVEL', passportNumber: 'TK1234567',
    nationality: 'JPN', ...values });
  const used = await checked();
  const { applicationId } = await counter.Certificates.apply(travel(used));
  const { uvci: replaces } = (await counter.Certificates.issue({ applicationId })).certificate;
  const apply = (evidenceId, values) => counter.Certificates.apply(travel(evidenceId, { replaces, ...values }));
  await refused(apply(used), 'EVIDENCE_STALE');
  const fresh = await checked();
  await refused(apply(fresh, { passportNumber: 'TK7654321' }), 'INPUT_RANGE');
  await refused(counter.Certificates.apply(forTravel(fresh, { replaces })), 'INPUT_RANGE');
  await refused(apply(fresh, { replaces: 'URN:UVCI:01:JP:NOBODY' }), 'NOT_FOUND');
  const others = await evidenceOf(counter, addressee(700020), { purpose: 'PURPOSE_CERTIFICATE' });
  await refused(apply(others, { resident: addressee(700020) }), 'NOT_FOUND');
  const two = [await apply(fresh), { applicationId: Buffer.from((await world.well('sapporo-counter', 'certificate', 'reissue',
    '--certificate', replaces, '--addressee', '1', '--evidence', fresh.toString('hex'), '--kind', 'travel', '--surname', 'SAPPORO',
    '--given-name', 'HANAKO', '--passport-number', 'TK1234567', '--nationality', 'JPN')).trim(), 'hex') }];
  const listed = async () => new Map((await counter.Certificates.listCertificates({ resident: addressee(1) })).certificates
    .map(({ uvci, revokedAt }) => [uvci, revokedAt]));
  assert.equal((await listed()).get(replaces), 0, 'an application alone revokes nothing');
  const { uvci: again } = (await counter.Certificates.issue(two[0])).certificate;
  assert.notEqual(again, replaces);
  assert.ok((await listed()).get(replaces) > 0);
  assert.equal((await listed()).get(again), 0);
  await refused(counter.Certificates.issue(two[1]), 'WRONG_STATE');
  await refused(apply(await checked()), 'WRONG_STATE');
});
