// SPDX-License-Identifier: Apache-2.0
// A person is erased by order, old doses by their period. Nothing of either is left in any decrypted page of the vault
// (vrx-check-vault, which finds it before); the ledger has only grown and names nobody; others are as they were; the
// certificate is verified offline.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, run } from './harness.mjs';
import { addressee, applyFor, ask, dose, numberOf, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const NUMBER = 7777777;
const person = { addresseeNumber: String(NUMBER), individualNumber: numberOf(31415926535), name: '消去対象者',
  kana: 'ショウキョタイショウ', birthDate: '1970-01-01', sex: 2, address: '北海道札幌市消去町9番9号' };
const ORDER = '令和8年消去第1号';

let world;
let texts; // what is known of the person alone
let console_;

const others = async () => (await collect(world.client('sapporo-console').Records.export()))
  .filter(({ resident }) => Number(resident.addresseeNumber) !== NUMBER);

before(async () => {
  world = await World.make();
  console_ = world.client('sapporo-console');
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 300 }));
  const counter = world.client('sapporo-counter');
  const kashiwa = world.client('kashiwa-counter');
  await counter.Records.registerResident({ resident: person });
  await counter.Records.recordVaccination({ resident: addressee(NUMBER),
    dose: dose({ lot: 'ZE9981', venue: '消去診療所', physician: '消去医師', administeredOn: '2022-02-01' }) });
  const applicationId = await applyFor(counter, addressee(NUMBER), { passportSurname: 'SHOKYO' });
  const { certificate } = await counter.Certificates.issue({ applicationId });
  await kashiwa.Records.registerResident({ resident: { ...person, addresseeNumber: '500001' } });
  assert.equal((await watch(kashiwa, await ask(kashiwa, addressee(500001)))).at(-1).dosesImported, 1);
  texts = [person.individualNumber, person.name, person.kana, person.address, 'ZE9981', '消去診療所', '消去医師',
    'SHOKYO', certificate.uvci, certificate.text.slice(0, 60)];
});

after(() => world?.close());

test('only an administrator at a console erases, and by an order', async () => {
  const request = { subject: { resident: addressee(NUMBER) }, order: ORDER };
  for (const terminal of ['sapporo-counter', 'sapporo-system', 'sapporo-kiosk', 'platform'])
    for (const call of [({ Retention }) => collect(Retention.erase(request)),
      ({ Retention }) => collect(Retention.planErasure(request)), ({ Retention }) => Retention.getClasses(),
      ({ Retention }) => Retention.setClass({ what: 4, days: 9 }), ({ Retention }) => Retention.listErasures()])
      await refused(call(world.client(terminal)), 'TERMINAL_KIND');
  const nobody = world.client('sapporo-console', { operator: '' });
  await refused(collect(nobody.Retention.erase(request)), 'SESSION_REQUIRED');
  await refused(collect(console_.Retention.erase({ subject: request.subject })), 'INPUT_FIELD_MISSING');
  await refused(collect(console_.Retention.erase({ order: ORDER })), 'INPUT_FIELD_MISSING');
  await refused(collect(console_.Retention.erase({ ...request, order: 'x'.repeat(101) })), 'INPUT_TOO_LARGE');
  await refused(collect(console_.Retention.erase({ subject: { resident: addressee(8888888) }, order: ORDER })),
    'NOT_FOUND');
  await refused(collect(console_.Retention.erase({ subject: { what: 'RETENTION_CLASS_AUDIT_SALT' } })), 'INPUT_RANGE');
  assert.equal((await world.client('sapporo-counter').Records.getHistory({ resident: addressee(NUMBER) })).doses.length,
    1);
});

test('the periods are shown and set, but not below the law', async () => {
  const shown = JSON.parse(await world.well('sapporo-console', 'retention', 'show', '--json'));
  assert.equal(shown.length, 8);
  assert.deepEqual(shown[0], { class: 'vaccination', days: 1826, least: 1826 });
  const refusal = await world.at('sapporo-console', 'retention', 'set', '--class', 'vaccination', '--days', '365');
  assert.equal(refusal.code, 1);
  assert.match(refusal.stderr, /INPUT_RANGE.*art\. 6-2/s);
  await world.well('sapporo-console', 'retention', 'set', '--class', 'consent', '--days', '400');
  const { periods } = await console_.Retention.getClasses();
  assert.equal(periods.find(({ what }) => what === 'RETENTION_CLASS_CONSENT').days, 400);
});

test('a person is erased: planned, gone from every page, others untouched', async () => {
  const found = (await world.checkVault('sapporo', texts)).found;
  for (const text of texts) assert.ok(found[text] > 0, `"${text}" is not there before`);
  const planned = JSON.parse(
    await world.well('sapporo-console', 'retention', 'plan', '--addressee', String(NUMBER), '--json'));
  // Of transfers: the query, and which dose left with its answer.
  assert.deepEqual(planned.rows, { certificates: 1, applications: 1, 'transfers-in': 2, evidence: 1, doses: 1,
    'audit-salts': 1, 'individual-numbers': 1, residents: 1 });
  const { doses } = await world.client('sapporo-counter').Records.getHistory({ resident: addressee(NUMBER) });
  assert.equal(doses[0].lot, 'ZE9981', 'a plan changes nothing');
  const stay = await others();
  await world.keepCheckpoint('sapporo');

  const erased = JSON.parse(await world.well('sapporo-console', 'retention', 'run', '--addressee', String(NUMBER),
    '--order', ORDER, '--json'));
  assert.deepEqual(erased.rows, planned.rows);
  assert.equal(erased.certified, true);
  const left = await world.checkVault('sapporo', texts);
  for (const text of texts) assert.equal(left.found[text], 0, `"${text}" is still there`);
  assert.deepEqual(await others(), stay);
  assert.ok(stay.length > 200);
  await refused(world.client('sapporo-counter').Records.getHistory({ resident: addressee(NUMBER) }), 'NOT_FOUND');
  await refused(collect(console_.Retention.erase({ subject: { resident: addressee(NUMBER) }, order: ORDER })),
    'NOT_FOUND');
});

test('the ledger only grew, and its entries of the erasure name nobody', async () => {
  const { size } = world.heldCheckpoint('sapporo');
  await world.well('sapporo-console', 'audit', 'consistency', '--first', String(size), '--out', 'grown.json');
  await world.vrx('audit', 'verify', 'grown.json', '--keyring', 'custodian-011002/keyring.cbor', '--first',
    'sapporo.note');
  const entries = (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line)).filter(({ method }) => method === '/vrx.v1.Retention/Erase');
  assert.ok(entries.some(({ outcome, commitment }) => outcome === 'OK' && commitment));
  for (const entry of entries) assert.equal(entry.person, undefined);
  await world.seal('sapporo');
  await world.unseal('sapporo');
});

test('the certificate is taken away and verified offline', async () => {
  const [erasure] = JSON.parse(await world.well('sapporo-console', 'erasure', 'list', '--json'));
  assert.equal(erasure.order, ORDER);
  await world.well('sapporo-console', 'erasure', 'show', '--id', erasure.erasure_id, '--out', 'erased.cose');
  const verify = (keyring) =>
    run('vrx', ['erasure', 'verify', 'erased.cose', '--keyring', keyring, '--json'], { cwd: world.folder });
  const good = await verify('custodian-011002/keyring.cbor');
  assert.equal(good.code, 0, good.stderr);
  const told = JSON.parse(good.stdout);
  assert.equal(told.municipality, '011002');
  assert.equal(told.order, ORDER);
  assert.deepEqual(told.rows, erasure.rows);
  assert.ok(told.size_before < told.size_after);
  assert.equal((await verify('custodian-122173/keyring.cbor')).code, 1);
  const bytes = readFileSync(world.path('erased.cose'));
  for (const text of texts) assert.equal(bytes.includes(text), false);
  bytes[bytes.length - 100] ^= 1;
  writeFileSync(world.path('erased.cose'), bytes);
  assert.equal((await verify('custodian-011002/keyring.cbor')).code, 1);
});

test('what is past its time goes class by class, and what is not stays', async () => {
  const cutoff = new Date(Date.now() - 1826 * 86400e3).toISOString().slice(0, 10);
  const before_ = await others();
  const old = before_.flatMap(({ doses }) => doses).filter(({ administeredOn }) => administeredOn < cutoff);
  assert.ok(old.length > 10);
  const lines = (await world.well('sapporo-console', 'retention', 'run', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 7);
  const run_ = lines.find((line) => line.class === 'vaccination');
  assert.ok(run_.rows.doses >= old.length, 'with what they correct');
  assert.equal(lines.filter(({ certified }) => certified).length, 1);
  assert.deepEqual(await others(), before_.map((one) => ({ ...one,
    doses: one.doses.filter(({ administeredOn }) => administeredOn >= cutoff) })));
  const again = await world.well('sapporo-console', 'retention', 'run', '--class', 'vaccination');
  assert.match(again, /nothing/);
});
