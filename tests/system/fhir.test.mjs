// SPDX-License-Identifier: Apache-2.0
// Bundles and VRS files out of one municipality and into others: the same records there, by whichever way. Every Bundle
// is valid by two validators of others' (the JSON schema that HL7 publishes with R4, and the library `fhir`, by R4's
// profiles and value sets), and one that was spoilt is not.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World } from './harness.mjs';
import { addressee, ask, dose, hanako, watch } from './steps.mjs';
import { makeTown } from './town.mjs';

const require = createRequire(import.meta.url);
const own = 'urn:oid:2.25.339444086068191479390335002887089263759';
const systemOf = (code) => `${own}.1.1${code}`;
const formula = '=1+1,"';

let world;
let town;
let people; // of Sapporo, as it exports them

before(async () => {
  world = await World.make({ towns: ['sapporo', 'kashiwa', 'kofu'] });
  town = await makeTown(world.path('town'), { residents: 150 });
  await Promise.all(['sapporo', 'kashiwa', 'kofu'].map((name) =>
    world.well(`${name}-system`, 'import', 'residents', 'town/residents.csv')));
  await world.well('sapporo-system', 'import', 'vaccinations', 'town/vaccinations.csv');
  const without = (await exported('sapporo')).find(({ doses }) => !doses.length);
  await world.client('sapporo-counter').Records.recordVaccination({ resident: addressee(without.addressee_number),
    dose: dose({ venue: formula, doseNumber: 2, product: 2, administeredBy: '122173' }) });
  people = await exported('sapporo');
});
after(() => world?.close());

const json = async (terminal, ...args) =>
  (await world.well(terminal, ...args, '--json')).trimEnd().split('\n').map((line) => JSON.parse(line));
const exported = (name) => json(`${name}-console`, 'export');
const read = (...names) => readFileSync(world.path(...names), 'utf8');
const bundlesOf = (folder) => readdirSync(world.path(folder)).sort().map((name) => join(folder, name));

// What of a person and their doses is the same wherever they are kept.
const same = (list) => list.filter(({ doses }) => doses.length).map(({ addressee_number, birth_date, doses }) =>
  ({ addressee_number, birth_date, doses: doses.map(({ id, version, ledger_index, provenance, ...rest }) => rest) }));
const dosesOf = (list) => list.flatMap(({ doses }) => doses);

test('export fhir: Bundles of at most 100 persons, the same each time, without number and address', async () => {
  const [counts] = await json('sapporo-console', 'export', 'fhir', 'bundles');
  const vaccinated = people.filter(({ doses }) => doses.length);
  assert.ok(vaccinated.length > 100);
  assert.deepEqual(counts, { bundles: Math.ceil(vaccinated.length / 100), persons: vaccinated.length,
    doses: dosesOf(people).length });
  await world.well('sapporo-console', 'export', 'fhir', 'again');
  const files = bundlesOf('bundles');
  assert.equal(files.length, counts.bundles);
  const numbers = town.residents.map(({ individualNumber }) => individualNumber).filter((n) => /^\d{12}$/.test(n));
  assert.ok(numbers.length > 50);
  for (const file of files) {
    const text = read(file);
    assert.equal(text, read('again', file.split('/')[1]));
    assert.equal(statSync(world.path(file)).mode & 0o777, 0o600);
    assert.ok(JSON.parse(text).entry.filter(({ resource }) => resource.resourceType === 'Patient').length <= 100);
    for (const number of numbers) assert.ok(!text.includes(number));
    for (const { address } of people) assert.ok(address && !text.includes(address));
    assert.doesNotMatch(text, /\*{4}/, 'not even masked');
  }
  const [first] = JSON.parse(read(files[0])).entry;
  assert.deepEqual(first.resource.identifier, [{ system: systemOf('011002'), value: '1' }]);
});

test('nothing is written before another person has agreed, and not over what is there', async () => {
  const refusal = await world.alone('sapporo-console', 'export', 'fhir', 'refused');
  assert.match(refusal.stderr, /SECOND_PERSON_NEEDED/);
  assert.ok(!existsSync(world.path('refused')) && !existsSync(world.path('refused.part')));
  const there = await world.at('sapporo-console', 'export', 'fhir', 'bundles');
  assert.equal(there.code, 3);
  assert.match(there.stderr, /bundles: [\s\S]*ALREADY_EXISTS/);
  const counter = await world.at('sapporo-counter', 'export', 'vrs');
  assert.match(counter.stderr, /TERMINAL_KIND/);
});

// One Bundle of few entries, for validators that take their time.
const small = (file, count) => {
  const bundle = JSON.parse(read(file));
  return { ...bundle, entry: bundle.entry.slice(0, count) };
};
const spoilt = {
  'no status': (resource) => { delete resource.status; },
  'a status that is none': (resource) => { resource.status = 'done'; },
  'a day that is none': (resource) => { resource.occurrenceDateTime = '1 July 2021'; },
  'a number as text': (resource) => { resource.protocolApplied[0].doseNumberPositiveInt = '1'; },
  'a list that is none': (resource) => { [resource.performer] = resource.performer; },
  'an element that is none': (resource) => { resource.lot = resource.lotNumber; },
};

test('every Bundle is valid by others\' validators, and one that was spoilt is not', () => {
  const { Fhir } = require('fhir');
  const Schema = require('@asymmetrik/fhir-json-schema-validator');
  const schema = new Schema();
  const library = new Fhir();
  const bySchema = (bundle) => schema.validate(bundle, true);
  const byLibrary = (bundle) => library.validate(bundle, { errorOnUnexpected: true }).messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal');
  for (const file of bundlesOf('bundles')) {
    const bundle = JSON.parse(read(file));
    assert.deepEqual(bySchema(bundle), [], file);
    assert.deepEqual(byLibrary(bundle), [], file);
  }
  for (const [what, spoil] of Object.entries(spoilt)) {
    const bundle = small(bundlesOf('bundles')[0], 3);
    const at = bundle.entry.findIndex(({ resource }) => resource.resourceType === 'Immunization');
    assert.deepEqual([bySchema(bundle), byLibrary(bundle)], [[], []]);
    spoil(bundle.entry[at].resource);
    assert.notEqual(bySchema(bundle).length + byLibrary(bundle).length, 0, what);
  }
});

test('import fhir: the same records in another municipality\'s vault, once', async () => {
  const files = bundlesOf('bundles');
  const [foreign] = await json('kofu-system', 'import', 'fhir', ...files);
  assert.deepEqual([foreign.imported, foreign.refused], [0, dosesOf(people).length], 'addressee numbers are Sapporo\'s');
  assert.ok(foreign.errors.every(({ path }) => path.endsWith('.patient.resolve().identifier')));
  const again = [];
  for (let i = 0; i < 2; i += 1)
    again.push(...await json('kofu-system', 'import', 'fhir', ...files, '--system', systemOf('011002')));
  assert.deepEqual(again.map(({ imported, unchanged, refused }) => [imported, unchanged, refused]),
    [[dosesOf(people).length, 0, 0], [0, dosesOf(people).length, 0]]);
  const there = await exported('kofu');
  assert.deepEqual(same(there), same(people));
  assert.ok(dosesOf(there).every(({ provenance }) => provenance.kind === 'import'));
});

test('export vrs: what is imported again is the same; transfers stay out', async () => {
  const resident = addressee(hanako.addresseeNumber);
  const clerk = world.client('kashiwa-counter');
  assert.equal((await watch(clerk, await ask(clerk, resident))).at(-1).state, 'TRANSFER_STATE_IMPORTED');
  const none = await world.at('kashiwa-console', 'export', 'vrs');
  assert.equal(none.stdout, '');
  assert.match(none.stderr, /left out: 2 doses/);
  await world.well('kashiwa-console', 'export', 'fhir', 'reported');
  const [skipped] = await json('kofu-console', 'import', 'fhir', 'reported/bundle-00001.json', '--system',
    systemOf('122173'));
  assert.deepEqual(skipped, { imported: 0, unchanged: 0, refused: 0,
    skipped: { not_done: 0, entered_in_error: 0, reported: 2 }, errors: [] });

  const file = await world.well('sapporo-console', 'export', 'vrs');
  assert.equal(await world.well('kofu-console', 'export', 'vrs'), file, 'to the byte, after the way over FHIR');
  writeFileSync(world.path('sapporo.csv'), file);
  const [report] = await json('kashiwa-system', 'import', 'vaccinations', 'sapporo.csv');
  assert.deepEqual([report.imported, report.unchanged, report.refused],
    [people.filter(({ doses }) => doses.length).length - 1, 1, 0]);
  const others = (list) => same(list).filter(({ addressee_number: number }) => number !== hanako.addresseeNumber);
  assert.deepEqual(others(await exported('kashiwa')), others(people));
  assert.ok(dosesOf(people).some(({ venue }) => venue === formula));
});

// A Bundle of these Immunizations, each a good one with something else in it.
function bundle(...changes) {
  const { addressee_number: value, birth_date: birthDate } = people.find(({ doses }) => !doses.length);
  const patient = { resourceType: 'Patient', id: 'p', identifier: [{ system: systemOf('011002'), value }], birthDate };
  const immunization = (change) => ({ resourceType: 'Immunization', status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '208' }] },
    patient: { reference: 'Patient/p' }, occurrenceDateTime: '2021-08-01', lotNumber: 'EY2173',
    performer: [{ actor: { identifier: { system: `${own}.2`, value: '011002' } } }],
    protocolApplied: [{ doseNumberPositiveInt: 1 }], ...change(patient) });
  return { resourceType: 'Bundle', type: 'collection',
    entry: [patient, ...changes.map((change) => immunization(change))].map((resource) => ({ resource })) };
}
const contained = (patient, change) => ({ contained: [{ ...patient, ...change }], patient: { reference: '#p' } });

const cases = [
  [() => ({ vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '217' }] } }), 'vaccineCode',
    'PRODUCT_UNKNOWN'],
  [() => ({ occurrenceDateTime: undefined, occurrenceString: 'summer' }), 'occurrenceString', 'INPUT_TYPE'],
  [() => ({ patient: { reference: 'Patient/q' } }), 'patient', 'NOT_FOUND'],
  // What only the vault knows, and what the service checks again.
  [(patient) => contained(patient, { birthDate: '1900-01-01' }), 'patient.resolve().birthDate', 'NOT_FOUND'],
  [(patient) => contained(patient, { identifier: [{ system: systemOf('011002'), value: '999999999' }] }),
    'patient.resolve().identifier', 'NOT_FOUND'],
  [() => ({ lotNumber: 'none' }), 'lotNumber', 'LOT_INVALID'],
  [() => ({ occurrenceDateTime: '2999-01-01' }), 'occurrenceDateTime', 'DATE_IN_FUTURE'],
  [() => ({ occurrenceDateTime: '2021-02-01' }), 'occurrenceDateTime', 'DATE_BEFORE_APPROVAL'],
  [() => ({ recorded: '2999-01-01' }), 'recorded', 'DATE_IN_FUTURE'],
  [() => ({ manufacturer: { display: 'モデルナ' } }), 'manufacturer', 'INPUT_RANGE'],
  [() => ({ identifier: [{ system: `${own}.3`, value: '12' }] }), 'identifier', 'INPUT_MALFORMED'],
  [() => ({}), null, null],
  [() => ({ occurrenceDateTime: '2021-09-01' }), 'protocolApplied.doseNumberPositiveInt', 'DOSE_ORDER'],
];

test('each faulty entry is named with file, path and what to do; the good one is taken', async () => {
  const given = bundle(...cases.map(([change]) => change));
  given.entry.push({ resource: { resourceType: 'Immunization', status: 'not-done' } });
  writeFileSync(world.path('faults.json'), JSON.stringify(given));
  writeFileSync(world.path('broken.json'), '{"resourceType":\n"Bundle"');
  const args = ['import', 'fhir', 'broken.json', 'faults.json', '--errors', 'faults.tsv'];
  const result = await world.at('sapporo-system', ...args, '--json');
  assert.equal(result.code, 1, 'a file is no Bundle');
  assert.match(result.stderr, /broken\.json: line \/ 行 2: [\s\S]*INPUT_MALFORMED/);
  const report = JSON.parse(result.stdout);
  assert.deepEqual([report.imported, report.refused, report.skipped.not_done], [1, cases.length - 1, 1]);
  const expected = cases.map(([, path, reason], i) => ({ path: `Bundle.entry[${i + 1}].resource.${path}`, reason }))
    .filter(({ reason }) => reason);
  assert.deepEqual(report.errors.map(({ path, reason }) => ({ path, reason })), expected);
  assert.equal(report.errors[0].detail, 'http://hl7.org/fhir/sid/cvx|217');
  for (const { file, advice_en: en, advice_ja: ja } of report.errors) {
    assert.equal(file, 'faults.json');
    assert.ok(en && /[^ -~]/.test(ja));
  }
  assert.equal(read('faults.tsv').trimEnd().split('\n').length, cases.length);
  const people2 = await world.at('sapporo-system', 'import', 'fhir', 'faults.json');
  assert.equal(people2.code, 0);
  assert.match(people2.stdout, /faults\.json +Bundle\.entry\[1\]\.resource\.vaccineCode +PRODUCT_UNKNOWN \S+\|217 +CVX/);
  assert.match(people2.stdout, /unchanged \/ 変更なし: 1 [\s\S]*skipped \/ 対象外: 1   not done \/ 未実施: 1/);
});

test('a file beyond the bounds, a terminal that may not, and a client that sends what only replies have', async () => {
  writeFileSync(world.path('large.json'), ' '.repeat((4 << 20) + 1));
  const large = await world.at('sapporo-system', 'import', 'fhir', 'large.json');
  assert.equal(large.code, 3);
  assert.match(large.stderr, /large\.json: [\s\S]*INPUT_TOO_LARGE/);
  rmSync(world.path('large.json'));
  const counter = await world.at('sapporo-counter', 'import', 'fhir', 'faults.json');
  assert.match(counter.stderr, /TERMINAL_KIND/);
  const row = { line: 7, addresseeNumber: '1', birthDate: hanako.birthDate, dose: dose({ id: 3 }) };
  const { errors } = await world.client('sapporo-system').Records.importDoses([{ rows: [row], end: { rows: 1 } }]);
  assert.deepEqual(errors.map(({ line, fieldEn, reason }) => [line, fieldEn, reason]),
    [[7, 'row', 'INPUT_FIELD_UNKNOWN']]);
});
