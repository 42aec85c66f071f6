// SPDX-License-Identifier: Apache-2.0
// A mover's doses from Sapporo to Kashiwa through @grpc/grpc-js: identity check, consent, query, answer; every
// refusal on the way; and that nobody at Kashiwa can tell a protected person from an unknown one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee, ask, consentOf, evidenceOf, hanako, individual, medical, numberOf, queryFor, taro, watch }
  from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let sapporo; // counter terminals
let kashiwa;
let desk; // Kashiwa's console

const people = {
  hanako: { ...hanako, addresseeNumber: '500001', address: '千葉県柏市柏五丁目10番1号' },
  taro: { ...taro, addresseeNumber: '500002', address: '千葉県柏市柏五丁目10番2号' },
  unknown: { addresseeNumber: '500003', individualNumber: numberOf(50000000003), name: '未知 三子',
    kana: 'ミチ サンコ', birthDate: '1991-01-01', sex: 2, address: '千葉県柏市' },
};

function connect() {
  sapporo = world.client('sapporo-counter');
  kashiwa = world.client('kashiwa-counter');
  desk = world.client('kashiwa-console');
}

before(async () => {
  world = await World.make({ pendingSeconds: 1 });
  connect();
  const town = await makeTown(world.path('town'), { residents: 100 });
  await importTown(world.client('sapporo-system'), town);
  for (const resident of Object.values(people)) await kashiwa.Records.registerResident({ resident });
});

after(() => world?.close());

const history = async (client, number) => (await client.Records.getHistory({ resident: addressee(number) })).doses;

test('the doses arrive with their provenance, what was not asked for stays', async () => {
  const queryId = await ask(kashiwa, addressee(500001));
  assert.equal(queryId.length, 16);
  const seen = await watch(kashiwa, queryId);
  const order = ['REQUESTED', 'PENDING', 'ANSWERED', 'RECEIVED', 'IMPORTED'].map((name) => `TRANSFER_STATE_${name}`);
  const places = seen.map(({ state }) => order.indexOf(state));
  assert.ok(places.every((place, at) => place >= 0 && (at === 0 || place > places[at - 1])), `states ${places}`);
  const last = seen.at(-1);
  assert.equal(last.state, 'TRANSFER_STATE_IMPORTED');
  assert.equal(last.dosesImported, 2);
  assert.equal(last.dosesKnown, 0);
  assert.equal(last.fromMunicipality, '011002');
  assert.deepEqual((await kashiwa.Exchange.getTransfer({ queryId })).transfer, last);

  const there = await history(sapporo, 1);
  const here = await history(kashiwa, 500001);
  assert.deepEqual(here.map(medical), there.map(medical));
  for (const dose of here) {
    assert.equal(dose.provenance.kind, 'transfer');
    assert.equal(dose.provenance.origin, '011002');
    assert.equal(dose.provenance.answerDigest.length, 32);
    assert.equal(dose.venue, '', 'only dose and lot were asked for');
    assert.equal(dose.physician, '');
    assert.equal(dose.ticketNumber, '');
  }
  assert.ok(there.every(({ venue }) => venue), 'and Sapporo has more');
});

test('asked again, the same doses are known', async () => {
  const last = (await watch(kashiwa, await ask(kashiwa, addressee(500001)))).at(-1);
  assert.equal(last.state, 'TRANSFER_STATE_IMPORTED');
  assert.equal(last.dosesImported, 0);
  assert.equal(last.dosesKnown, 2);
  assert.equal((await history(kashiwa, 500001)).length, 2);
});

test('a console sees a transfer, another municipality does not', async () => {
  const queryId = await ask(kashiwa, addressee(500001));
  await watch(kashiwa, queryId);
  assert.equal((await desk.Exchange.getTransfer({ queryId })).transfer.state, 'TRANSFER_STATE_IMPORTED');
  await refused(sapporo.Exchange.getTransfer({ queryId }), 'NOT_FOUND');
  await refused(watch(sapporo, queryId), 'NOT_FOUND');
});

// What is not lawful: each gets its reason, and no query comes of it.
const request = (message) => kashiwa.Exchange.requestTransfer(message);
const whole = async (values = {}) => {
  const evidenceId = await evidenceOf(kashiwa, addressee(500001));
  const consentId = await consentOf(kashiwa, addressee(500001), evidenceId, values);
  return { evidenceId, consentId };
};
const none = Buffer.alloc(0);
const query = ({ evidenceId, consentId }, values) => queryFor(addressee(500001), evidenceId, consentId, values);

const refusals = [
  ['a revoked consent', 'CONSENT_REVOKED', async () => {
    const grounds = await whole();
    await kashiwa.Exchange.revokeConsent({ consentId: grounds.consentId });
    await refused(kashiwa.Exchange.revokeConsent({ consentId: grounds.consentId }), 'CONSENT_REVOKED');
    return request(query(grounds));
  }],
  ['no consent', 'CONSENT_MISSING', async () => request(query({ ...await whole(), consentId: none }))],
  ['no identity check', 'EVIDENCE_MISSING', async () => request(query({ ...await whole(), evidenceId: none }))],
  ['a consent that does not cover the item', 'CONSENT_SCOPE',
    async () => request(query(await whole({ items: ['DATA_ITEM_DOSE'] })))],
  ['a consent for another origin', 'CONSENT_SCOPE',
    async () => request(query(await whole({ origins: ['122173'] })))],
  ['a consent of another person', 'CONSENT_SCOPE', async () => {
    const { consentId } = await whole();
    return request(queryFor(addressee(500002), await evidenceOf(kashiwa, addressee(500002)), consentId));
  }],
  ['an identity check of another person', 'EVIDENCE_SUBJECT', async () => {
    const grounds = await whole();
    return request(query({ ...grounds, evidenceId: await evidenceOf(kashiwa, addressee(500002)) }));
  }],
  ['an identity check for another purpose', 'EVIDENCE_SUBJECT', async () => {
    const evidenceId = await evidenceOf(kashiwa, addressee(500001), { purpose: 'PURPOSE_CERTIFICATE' });
    return request(query({ evidenceId, consentId: await consentOf(kashiwa, addressee(500001), evidenceId) }));
  }],
  ['a way of identity check that the permit does not name', 'EVIDENCE_METHOD', async () => {
    const evidenceId = await evidenceOf(kashiwa, addressee(500001), { method: 'IDENTITY_METHOD_PROXY' });
    return request(query({ evidenceId, consentId: await consentOf(kashiwa, addressee(500001), evidenceId) }));
  }],
  ['a terminal of the other municipality', 'TERMINAL_TENANT',
    async () => sapporo.Exchange.requestTransfer(query(await whole()))],
  ['an origin in no directory', 'MUNICIPALITY_UNKNOWN',
    async () => request(query(await whole(), { fromMunicipality: '192015' }))],
  ['an origin with a wrong check digit', 'CHECK_DIGIT_WRONG',
    async () => request(query(await whole(), { fromMunicipality: '011003' }))],
  ['an item asked for twice', 'INPUT_DUPLICATE_KEY',
    async () => request(query(await whole(), { items: ['DATA_ITEM_DOSE', 'DATA_ITEM_DOSE'] }))],
  ['no item', 'INPUT_FIELD_MISSING', async () => request(query(await whole(), { items: [] }))],
  ['a kiosk', 'TERMINAL_KIND',
    async () => world.client('kashiwa-kiosk').Exchange.requestTransfer(query(await whole()))],
  ['identity evidence by nobody who is logged in', 'SESSION_REQUIRED',
    () => evidenceOf(world.client('kashiwa-counter', { operator: '' }), addressee(500001))],
  ['identity evidence without documents', 'INPUT_FIELD_MISSING',
    () => evidenceOf(kashiwa, addressee(500001), { documents: [] })],
  ['identity evidence with fewer documents than its method needs', 'INPUT_FIELD_MISSING',
    () => evidenceOf(kashiwa, addressee(500001),
      { documents: [{ type: 'DOCUMENT_TYPE_NOTIFICATION_CARD', number: 'N-1' }] })],
  ['a consent without an identity check', 'EVIDENCE_MISSING',
    () => consentOf(kashiwa, addressee(500001), none)],
  ['a consent for no days', 'INPUT_RANGE', async () => consentOf(kashiwa, addressee(500001),
    await evidenceOf(kashiwa, addressee(500001)), { validDays: 0 })],
  ['a consent that is not there', 'NOT_FOUND',
    () => kashiwa.Exchange.revokeConsent({ consentId: Buffer.alloc(16, 1) })],
];

for (const [name, reason, call] of refusals)
  test(`${name}: ${reason}`, async () => {
    const refusal = await refused(call(), reason);
    if (/^(CONSENT|EVIDENCE)_/.test(reason)) assert.ok(refusal.clause, 'the clause is named');
  });

test('at a counter of the other municipality a person is simply not there', async () => {
  await refused(sapporo.Records.getHistory({ resident: individual(people.unknown.individualNumber) }), 'NOT_FOUND');
});

test('an unknown and a protected person look the same: PENDING, then NO_RECORD', async () => {
  await world.client('sapporo-console').Records.setProtection({ resident: addressee(2), noAutomaticAnswer: true });
  const seen = await Promise.all([500002, 500003].map(async (number) =>
    watch(kashiwa, await ask(kashiwa, addressee(number)))));
  const shown = seen.map((list) => list.map(({ queryId, requestedAt, deadline, ...rest }) =>
    ({ ...rest, waits: deadline - requestedAt })).filter(({ state }) => state !== 'TRANSFER_STATE_REQUESTED'));
  assert.deepEqual(shown[0], shown[1]);
  assert.deepEqual(shown[0].map(({ state }) => state), ['TRANSFER_STATE_PENDING', 'TRANSFER_STATE_NO_RECORD']);
  assert.deepEqual(await history(kashiwa, 500002), []);
});

test('a person whose birth date does not agree is not found either', async () => {
  const resident = { ...people.taro, addresseeNumber: '500005', birthDate: '1979-11-04', individualNumber: '' };
  await kashiwa.Records.registerResident({ resident });
  await refused(ask(kashiwa, addressee(500005)), 'INPUT_FIELD_MISSING'); // no number, no query
});

test('a sealed origin: REQUESTED, and answered once it is unsealed', async () => {
  await world.seal('sapporo');
  const queryId = await ask(kashiwa, addressee(500001));
  const stream = kashiwa.Exchange.watchTransfer({ queryId });
  assert.equal((await stream.next()).value.transfer.state, 'TRANSFER_STATE_REQUESTED');
  await world.unseal('sapporo');
  const rest = [];
  for await (const { transfer } of stream) rest.push(transfer.state);
  assert.equal(rest.at(-1), 'TRANSFER_STATE_IMPORTED');
});

test('a permit that is not in force any more: refused here, and denied at the origin', async () => {
  await world.seal('sapporo');
  const waiting = await ask(kashiwa, addressee(500001));
  const grounds = await whole();
  await world.setPermits((permits) =>
    permits.map((permit) => ({ ...permit, in_force_from: '2021-04-12', in_force_until: '2021-12-31' })));
  const refusal = await until(() => request(query(grounds)).then(() => null, (error) => error));
  assert.equal(refusal.reason, 'PERMIT_NOT_IN_FORCE');
  assert.ok(refusal.clause);
  await world.unseal('sapporo');
  const last = (await watch(kashiwa, waiting)).at(-1);
  assert.equal(last.state, 'TRANSFER_STATE_DENIED');
  assert.equal(last.reason, 'PERMIT_NOT_IN_FORCE');
  assert.ok(last.clause);
});

test('a permit table that asks for no venue: PERMIT_ITEMS', async () => {
  await world.setPermits((permits) => permits.map((permit) => ({ ...permit, items: ['dose', 'lot'] })));
  const items = ['DATA_ITEM_DOSE', 'DATA_ITEM_VENUE'];
  const grounds = await whole({ items });
  await until(() => request(query(grounds, { items }))
    .then(() => false, ({ reason }) => reason === 'PERMIT_ITEMS' || reason !== 'PERMIT_NOT_IN_FORCE' && reason));
  await refused(request(query(grounds, { items })), 'PERMIT_ITEMS');
});

test('an older permit table is not taken', async () => {
  world.permitVersion = 0;
  await world.setPermits((permits) => permits);
  await until(() => /DIRECTORY_STALE/.test(world.daemon.output()));
  const items = ['DATA_ITEM_DOSE', 'DATA_ITEM_VENUE'];
  await refused(request(query(await whole({ items }), { items })), 'PERMIT_ITEMS');
});

test('nor after a restart: the daemon does not start with it', async () => {
  await world.endDaemon('SIGKILL');
  await assert.rejects(world.startDaemon(), /DIRECTORY_STALE/);
  assert.match(world.daemon.output(), /"clause":"permit_table\.version ascends"/);
  world.permitVersion = 5;
  await world.setPermits((permits) => permits);
  await world.startDaemon();
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
  connect();
});

test('the answer digest is of what Sapporo signed: one answer, one digest', async () => {
  const digests = (await history(kashiwa, 500001)).map(({ provenance }) => provenance.answerDigest.toString('hex'));
  assert.equal(new Set(digests).size, 1);
  assert.notEqual(digests[0], createHash('sha256').update('').digest('hex'));
});
