// SPDX-License-Identifier: Apache-2.0
// What a municipality settles for its kiosks: hours, outside of which nothing is done for anybody there, and what a
// certificate costs, which an application names as the applicant was told it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Decoder } from 'cbor-x';
import { collect, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { addressee, applyFor, dose, evidenceOf, hanako } from './steps.mjs';

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
