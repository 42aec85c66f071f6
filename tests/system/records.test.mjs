// SPDX-License-Identifier: Apache-2.0
// Residents and doses through @grpc/grpc-js: one call, calls with many requests, calls with many replies, and every
// refusal of Records with its reason.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect, grpc, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { addressee, dateOf, dose, hanako, individual, numberOf, taro } from './steps.mjs';
import { importTown, makeTown, messages } from './town.mjs';

let world;
let town;
let system;
let counter;
let desk;

before(async () => {
  world = await World.make();
  town = await makeTown(world.path('town'));
  system = world.client('sapporo-system');
  counter = world.client('sapporo-counter');
  desk = world.client('sapporo-console');
});

after(() => world?.close());

// The faults of one of the town's files that a row can have, in the order of lines.
const faultsOf = (file) => town.faults.filter((fault) => fault.file === file && fault.field !== 'row')
  .map(({ line, field, reason, dose: number }) => ({ line, field, reason, dose: number }));
const reported = (errors) => errors.map(({ line, fieldEn, reason, dose: number }) =>
  ({ line, field: fieldEn, reason, dose: number }));

test('ImportResidents takes the good rows and says what is wrong with each other', async () => {
  const reply = await system.Records.importResidents(messages(town.residents));
  assert.equal(reply.imported, town.counts.residents_good);
  assert.equal(reply.unchanged, 0);
  assert.equal(reply.refused, town.residents.length - town.counts.residents_good);
  assert.deepEqual(reported(reply.errors), faultsOf('residents.csv'));
  for (const error of reply.errors) assert.match(error.field, /^[^\x00-\x7f]+$/);
});

test('ImportVaccinations takes the good rows, message by message', async () => {
  const reply = await system.Records.importVaccinations(messages(town.vaccinations, 20));
  assert.equal(reply.imported, town.counts.vaccinations_good);
  assert.equal(reply.doses, town.counts.doses_good);
  assert.equal(reply.refused, town.vaccinations.length - town.counts.vaccinations_good);
  assert.deepEqual(reported(reply.errors), faultsOf('vaccinations.csv'));
});

test('an import that is repeated changes nothing', async () => {
  const { residents, vaccinations } = await importTown(system, town, 50);
  assert.equal(residents.imported, 0);
  assert.equal(residents.unchanged, town.counts.residents_good);
  assert.equal(vaccinations.imported, 0);
  assert.equal(vaccinations.doses, 0);
  assert.equal(vaccinations.unchanged, town.counts.vaccinations_good);
});

test('an import of nothing has imported nothing', async () => {
  assert.equal((await system.Records.importResidents(messages([]))).imported, 0);
});

test('an import that does not say that it is whole, or counts otherwise: INPUT_TRUNCATED', async () => {
  const rows = town.residents.slice(0, 3);
  for (const method of ['importResidents', 'importVaccinations']) {
    const send = (...sent) => system.Records[method](sent);
    await refused(send(), 'INPUT_TRUNCATED');
    await refused(send({ end: { rows: 1 } }), 'INPUT_TRUNCATED');
    await refused(send({ rows: [] }, { end: { rows: 0 } }, { rows: [] }), 'INPUT_MALFORMED');
    assert.equal((await send({ end: { rows: 0 } })).imported, 0);
  }
  for (const sent of [[{ rows }], [{ rows }, { end: { rows: 2 } }], [{ rows, end: { rows: 4 } }]]) {
    const { clause } = await refused(system.Records.importResidents(sent), 'INPUT_TRUNCATED');
    assert.match(clause, /^import\.end: /);
  }
  const whole = await system.Records.importResidents([{ rows, end: { rows: 3 } }]);
  assert.equal(whole.imported + whole.unchanged + whole.refused, 3, 'what came before was taken, and changes nothing');
});

test('more than 500 rows in one message: INPUT_TOO_LARGE', async () => {
  const rows = Array.from({ length: 501 }, (_, i) => ({ ...town.residents[0], line: i + 1 }));
  await refused(system.Records.importResidents([{ rows }]), 'INPUT_TOO_LARGE');
});

test('Export streams every resident with address and doses, in order', async () => {
  const people = await collect(desk.Records.export());
  assert.equal(people.length, town.counts.residents_good);
  assert.equal(people.reduce((sum, { doses }) => sum + doses.length, 0), town.counts.doses_good);
  const order = people.map(({ resident }) => resident.addresseeNumber);
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
  const first = people.find(({ resident }) => resident.addresseeNumber === '1');
  assert.equal(first.resident.name, hanako.name);
  assert.ok(first.resident.address.length > 0);
  for (const { resident } of people) assert.doesNotMatch(resident.individualNumber, /\d{5}/, 'it is masked');
});

test('GetHistory answers by either number, oldest dose first, the number masked', async () => {
  const byAddressee = await system.Records.getHistory({ resident: addressee(1) });
  const byNumber = await system.Records.getHistory({ resident: individual(hanako.individualNumber) });
  assert.deepEqual(byNumber, byAddressee);
  const fullWidth = await system.Records.getHistory({ resident: individual('１２３４５６７８９０１８') });
  assert.deepEqual(fullWidth, byAddressee);
  const { resident, doses } = byAddressee;
  assert.equal(resident.name, hanako.name);
  assert.equal(resident.birthDate, hanako.birthDate);
  assert.equal(resident.address, '');
  assert.doesNotMatch(JSON.stringify(byAddressee), new RegExp(hanako.individualNumber));
  assert.deepEqual(doses.map((given) => given.administeredOn), ['2021-06-01', '2021-06-22']);
  assert.deepEqual(doses.map((given) => given.productName), ['Comirnaty', 'Comirnaty']);
  assert.deepEqual(doses.map((given) => given.provenance.kind), ['import', 'import']);
  const row = town.vaccinations.find(({ addresseeNumber }) => addresseeNumber === '1');
  assert.deepEqual(doses.map((given) => [given.administeredOn, given.lot, given.venue]),
    row.doses.filter(({ lot }) => lot).map((given) => [dateOf(given.administeredOn), given.lot, given.venue]));
});

test('a dose is recorded, corrected, and taken out; each version is its own', async () => {
  const resident = { addresseeNumber: '700001', individualNumber: numberOf(70000000001), name: '訂正 一子',
    kana: 'テイセイ イチコ', birthDate: '1990-02-28', sex: 2, address: '札幌市' };
  await counter.Records.registerResident({ resident });
  const history = async () => (await counter.Records.getHistory({ resident: addressee(700001) })).doses;
  const recorded = await counter.Records.recordVaccination({ resident: addressee(700001), dose: dose() });
  assert.deepEqual((await history()).map(({ id, ledgerIndex, version, provenance }) =>
    ({ id, ledgerIndex, version, kind: provenance.kind })),
  [{ id: recorded.doseId, ledgerIndex: recorded.ledgerIndex, version: 1, kind: 'own' }]);

  const corrected = await counter.Records.correctVaccination(
    { doseId: recorded.doseId, version: 1, dose: dose({ lot: 'EY2174' }) });
  assert.equal(corrected.version, 2);
  assert.notEqual(corrected.doseId, recorded.doseId);
  assert.deepEqual((await history()).map(({ lot }) => lot), ['EY2174']);
  await refused(counter.Records.correctVaccination({ doseId: recorded.doseId, version: 1, dose: dose() }), 'CONFLICT');
  await refused(counter.Records.markEnteredInError({ doseId: corrected.doseId, version: 1 }), 'CONFLICT');

  await counter.Records.markEnteredInError({ doseId: corrected.doseId, version: 2 });
  assert.deepEqual(await history(), []);
});

// Each refusal: [name, reason, call].
const newcomer = (values) => ({ resident: { addresseeNumber: '700009', individualNumber: numberOf(70000000009),
  name: '新人 九郎', kana: 'シンジン クロウ', birthDate: '2000-01-01', sex: 1, address: '', ...values } });
const record = (values, key = addressee(2)) => counter.Records.recordVaccination({ resident: key, dose: dose(values) });
const refusals = [
  ['RegisterResident, wrong check digit', 'CHECK_DIGIT_WRONG',
    () => counter.Records.registerResident(newcomer({ individualNumber: '123456789012' }))],
  ['RegisterResident, 30 February', 'DATE_INVALID',
    () => counter.Records.registerResident(newcomer({ birthDate: '1985-02-30' }))],
  ['RegisterResident, born tomorrow', 'DATE_IN_FUTURE',
    () => counter.Records.registerResident(newcomer({ birthDate: '2099-12-31' }))],
  ['RegisterResident, the number of another', 'NUMBER_CONFLICT',
    () => counter.Records.registerResident(newcomer({ individualNumber: taro.individualNumber }))],
  ['RegisterResident, the addressee number of another', 'ALREADY_EXISTS',
    () => counter.Records.registerResident(newcomer({ addresseeNumber: '1' }))],
  ['RegisterResident, nobody', 'INPUT_FIELD_MISSING', () => counter.Records.registerResident({})],
  ['RegisterResident, sex 9', 'INPUT_RANGE', () => counter.Records.registerResident(newcomer({ sex: 9 }))],
  ['RegisterResident, a name of 101 characters', 'INPUT_TOO_LARGE',
    () => counter.Records.registerResident(newcomer({ name: '長'.repeat(101) }))],
  ['GetHistory, unknown', 'NOT_FOUND', () => counter.Records.getHistory({ resident: addressee(999999) })],
  ['GetHistory, wrong check digit', 'CHECK_DIGIT_WRONG',
    () => counter.Records.getHistory({ resident: individual('123456789012') })],
  ['GetHistory, nobody named', 'INPUT_FIELD_MISSING', () => counter.Records.getHistory({})],
  ['RecordVaccination, unknown resident', 'NOT_FOUND', () => record({}, addressee(999999))],
  ['RecordVaccination, 31 September', 'DATE_INVALID', () => record({ administeredOn: '2021-09-31' })],
  ['RecordVaccination, in the future', 'DATE_IN_FUTURE', () => record({ administeredOn: '2099-12-31' })],
  ['RecordVaccination, before approval', 'DATE_BEFORE_APPROVAL', () => record({ administeredOn: '2021-02-13' })],
  ['RecordVaccination, unknown product', 'PRODUCT_UNKNOWN', () => record({ product: 99 })],
  ['RecordVaccination, a lot that is none', 'LOT_INVALID',
    () => record({ doseNumber: 3, administeredOn: '2022-01-10', lot: '??' })],
  ['RecordVaccination, three days after another', 'DOSE_INTERVAL',
    () => record({ doseNumber: 3, administeredOn: '2021-06-25' })],
  ['RecordVaccination, a number that is taken', 'DOSE_ORDER',
    () => record({ doseNumber: 1, administeredOn: '2022-01-10' })],
  ['RecordVaccination, by a municipality that is none', 'CHECK_DIGIT_WRONG',
    () => record({ doseNumber: 3, administeredOn: '2022-01-10', administeredBy: '011003' })],
  ['RecordVaccination, with a field of replies', 'INPUT_FIELD_UNKNOWN', () => record({ id: 7 })],
  ['CorrectVaccination, unknown dose', 'NOT_FOUND',
    () => counter.Records.correctVaccination({ doseId: 999999, version: 1, dose: dose() })],
  ['MarkEnteredInError, unknown dose', 'NOT_FOUND',
    () => counter.Records.markEnteredInError({ doseId: 0, version: 1 })],
  ['SetProtection, unknown resident', 'NOT_FOUND',
    () => desk.Records.setProtection({ resident: addressee(999999), noAutomaticAnswer: true })],
  ['SetProtection at a counter', 'TERMINAL_KIND',
    () => counter.Records.setProtection({ resident: addressee(2), noAutomaticAnswer: true })],
  ['Export at a counter', 'TERMINAL_KIND', () => collect(counter.Records.export())],
  ['ImportResidents at a counter', 'TERMINAL_KIND', () => counter.Records.importResidents(messages(town.residents))],
];

for (const [name, reason, call] of refusals) {
  test(`${name}: ${reason}, and nothing is changed`, async () => {
    const before_ = await collect(desk.Records.export());
    await refused(call(), reason);
    assert.deepEqual(await collect(desk.Records.export()), before_);
  });
}

test('the same dose again: ALREADY_EXISTS', async () => {
  const values = { doseNumber: 3, administeredOn: '2022-03-01' };
  await record(values);
  await refused(record(values), 'ALREADY_EXISTS');
});

test('before birth: DATE_BEFORE_BIRTH', async () => {
  await counter.Records.registerResident(newcomer({ addresseeNumber: '700010', individualNumber: '',
    birthDate: '2022-05-05' }));
  await refused(record({}, addressee(700010)), 'DATE_BEFORE_BIRTH');
});

test('without a certificate the connection ends before any call', async () => {
  const { Records } = world.client(null);
  await assert.rejects(Records.getHistory({ resident: addressee(1) }), { code: grpc.status.UNAVAILABLE });
});

test('a sealed vault answers nothing, and all is as before once it is unsealed', async () => {
  const before_ = await collect(desk.Records.export());
  await world.seal('sapporo');
  for (const call of [() => system.Records.getHistory({ resident: addressee(1) }),
    () => system.Records.importResidents(messages(town.residents)), () => collect(desk.Records.export())]) {
    const refusal = await refused(call(), 'TENANT_SEALED');
    assert.equal(refusal.code, grpc.status.UNAVAILABLE);
    assert.equal(refusal.retry, 'LATER');
    assert.ok(refusal.clause);
  }
  await refused(system.Tenancy.seal(), 'TENANT_SEALED');
  await world.unseal('sapporo');
  assert.deepEqual(await collect(desk.Records.export()), before_);
});

test('UpdateResident writes the next version of what was read, and leaves alone what is empty', async () => {
  const person = { addresseeNumber: '880001', individualNumber: numberOf(88000000001), name: '更新 一郎', kana: 'コウシン イチロウ',
    birthDate: '1970-05-06', sex: 1, address: '札幌市中央区1' };
  await counter.Records.registerResident({ resident: person });
  const resident = addressee(880001);
  const read = () => counter.Records.getHistory({ resident });
  const first = await read();
  assert.deepEqual([first.residentVersion, first.movedOutOn], [1, '']);
  const { version } = await counter.Records.updateResident({ resident, version: 1, name: '改名 一郎', sex: 2 });
  assert.equal(version, 2);
  const second = await read();
  assert.equal(second.residentVersion, 2);
  assert.deepEqual({ ...second.resident, individualNumber: '' }, { ...person, individualNumber: '', name: '改名 一郎', sex: 2,
    address: '' });
  await desk.Records.updateResident({ resident, version: 2, movedOutOn: '2021-10-12', address: '柏市' });
  assert.equal((await read()).movedOutOn, '2021-10-12');
  await system.Records.updateResident({ resident, version: 3, livesHere: true });
  assert.deepEqual([(await read()).movedOutOn, (await read()).residentVersion], ['', 4]);
  const exported = (await collect(desk.Records.export())).find(({ resident: { addresseeNumber } }) =>
    addresseeNumber === '880001');
  assert.equal(exported.resident.address, '柏市');
  for (const [values, reason] of [
    [{ version: 3, name: '遅い 一郎' }, 'CONFLICT'],
    [{ version: 0, name: '遅い 一郎' }, 'CONFLICT'],
    [{ version: 4 }, 'INPUT_FIELD_MISSING'],
    [{ version: 4, sex: 3 }, 'INPUT_RANGE'],
    [{ version: 4, birthDate: '1970-02-30' }, 'DATE_INVALID'],
    [{ version: 4, birthDate: '2099-01-01' }, 'DATE_IN_FUTURE'],
    [{ version: 4, movedOutOn: '1960-01-01' }, 'DATE_BEFORE_BIRTH'],
    [{ version: 4, movedOutOn: '2021-10-12', livesHere: true }, 'INPUT_RANGE'],
    [{ version: 4, name: '長'.repeat(101) }, 'INPUT_TOO_LARGE'],
    [{ version: 4, name: 'a\u0007' }, 'INPUT_TEXT'],
    [{ version: 4, name: '誰', resident: addressee(990001) }, 'NOT_FOUND']])
    await refused(counter.Records.updateResident({ resident, ...values }), reason);
  await refused(world.client('sapporo-kiosk').Records.updateResident({ resident, version: 4, name: '誰' }), 'TERMINAL_KIND');
  await refused(world.client('kashiwa-counter').Records.updateResident({ resident, version: 4, name: '誰' }), 'NOT_FOUND');
  assert.equal((await read()).residentVersion, 4);
});

test('`vrx resident update` does so by hand', async () => {
  const at = ['--addressee', '880001'];
  const { resident_version: version } = JSON.parse(await world.well('sapporo-counter', 'history', ...at, '--json'));
  await world.well('sapporo-counter', 'resident', 'update', ...at, '--version', String(version), '--name', '手動 一郎',
    '--moved-out', '2021-11-01');
  assert.match(await world.well('sapporo-counter', 'history', ...at), /手動 一郎[^]*moved out \/ 転出: 2021-11-01/);
  const late = await world.at('sapporo-counter', 'resident', 'update', ...at, '--version', String(version), '--name', '遅い');
  assert.equal(late.code, 1);
  assert.match(late.stderr, /CONFLICT/);
});
