// SPDX-License-Identifier: Apache-2.0
// Why a transfer was answered, refused, left without a record or never answered: by `vrx explain` at both
// municipalities, from a file without any daemon, and from files in which something was changed.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, run, until } from './harness.mjs';
import { addressee, ask, consentOf, evidenceOf, hanako, numberOf, queryFor, taro, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let kashiwa;

const people = {
  hanako: { ...hanako, addresseeNumber: '500001', address: '千葉県柏市' },
  taro: { ...taro, addresseeNumber: '500002', address: '千葉県柏市' },
  unknown: { addresseeNumber: '500003', individualNumber: numberOf(50000000003), name: '未知 三子',
    kana: 'ミチ サンコ', birthDate: '1991-01-01', sex: 2, address: '千葉県柏市' },
};

before(async () => {
  world = await World.make({ pendingSeconds: 1, transferSeconds: 6 });
  kashiwa = world.client('kashiwa-counter');
  const town = await makeTown(world.path('town'), { residents: 100 });
  await importTown(world.client('sapporo-system'), town);
  for (const resident of Object.values(people)) await kashiwa.Records.registerResident({ resident });
});

after(() => world?.close());

const key = ['--authority-key', 'authority/certificate.pem'];

// At a terminal, from the service: the exit status and what --json says.
async function explain(terminal, queryId, ...more) {
  const asker = terminal.startsWith('sapporo') ? ['--asker', '122173'] : [];
  const { code, stdout, stderr } = await world.at(terminal, 'explain', queryId.toString('hex'), ...asker, ...key,
    '--json', ...more);
  assert.ok(stdout, stderr);
  return { code, stderr, ...JSON.parse(stdout) };
}

// From a file: no daemon is asked, and the machine has nothing but the authority's certificate.
async function offline(file, ...more) {
  const { code, stdout, stderr } = await run('vrx', ['explain', '--bundle', file, ...key, ...more],
    { cwd: world.folder });
  return { code, stdout, stderr };
}

const verdict = (explained, name) => explained.checks.find(({ check }) => check === name);
const named = (explained, word) => explained.checks.filter(({ verdict: said }) => said === word)
  .map(({ check }) => check);

const refusedByPermit = ({ reason }) => {
  assert.equal(reason, 'PERMIT_NOT_IN_FORCE');
  return true;
};

let answered;

test('answered: every check passes, at both ends, and both name the same law', async () => {
  answered = await ask(kashiwa, addressee(500001));
  assert.equal((await watch(kashiwa, answered)).at(-1).state, 'TRANSFER_STATE_IMPORTED');
  const here = await explain('kashiwa-counter', answered, '--export', 'kashiwa.cbor');
  const there = await explain('sapporo-console', answered, '--export', 'sapporo.cbor');
  for (const explained of [here, there]) {
    assert.equal(explained.code, 0);
    assert.deepEqual([...named(explained, 'BROKEN'), ...named(explained, 'REFUSED'),
      ...named(explained, 'NOT_REACHED')], []);
    for (let step = 1; step <= 9; step += 1) assert.equal(verdict(explained, `step-${step}`).verdict, 'PASSED');
    assert.equal(verdict(explained, 'outcome').verdict, 'PASSED');
    assert.equal(explained.permit.id, 'mover-with-consent');
    assert.match(explained.permit.legal_basis, /番号法第19条第8号/);
    assert.equal(explained.permit.consent_required, true);
    assert.deepEqual(explained.items, ['dose', 'lot']);
    assert.equal(explained.doses, 2);
    assert.equal(explained.asker, '122173');
    assert.equal(explained.asked, '011002');
  }
  assert.equal(here.explained_by, '122173');
  assert.equal(there.explained_by, '011002');
});

test('who did what when, and nothing about the person', async () => {
  const { events } = await explain('kashiwa-counter', answered);
  const clerk = world.operator('kashiwa-counter');
  const seen = events.filter(({ what }) => what === 'ledger').map(({ who, detail }) => [who.split(' @ ')[0],
    detail.replace(/^#\d+ /, '')]);
  for (const call of ['RecordIdentityEvidence', 'GrantConsent', 'RequestTransfer'])
    assert.ok(seen.some(([who, what]) => who === clerk && what === `/vrx.v1.Exchange/${call} OK`), call);
  assert.ok(seen.some(([, what]) => what === 'exchange/answer OK'));
  assert.ok(events.some(({ what, who }) => what === 'identity checked' && who.startsWith(clerk)));
  assert.deepEqual(events.map(({ time }) => time), events.map(({ time }) => time).sort());
  const { stdout } = await world.at('kashiwa-counter', 'explain', answered.toString('hex'), ...key);
  assert.match(stdout, /ANSWERED, and rightly by the law of then \/ 当時の規定により回答されました/);
  for (const text of [hanako.individualNumber, hanako.name, hanako.birthDate]) assert.ok(!stdout.includes(text));
});

test('the exported file is for its owner only, and says what lies in it', async () => {
  assert.equal(statSync(world.path('kashiwa.cbor')).mode & 0o777, 0o600);
  const { stderr } = await explain('kashiwa-counter', answered, '--export', 'kashiwa.cbor');
  assert.match(stderr, /personal data/);
  assert.match(stderr, /individual number/);
});

test('refused by the origin: the step, its reason, its clause', async () => {
  await world.seal('sapporo');
  const denied = await ask(kashiwa, addressee(500001));
  const permits = world.permitVersion;
  const ended = (permit) => (permit.in_force_until ? { ...permit, in_force_until: '2021-12-31' } : permit);
  await world.setPermits((table) => table.map(ended));
  await until(() => ask(kashiwa, addressee(500002)).then(() => false, refusedByPermit));
  await world.unseal('sapporo');
  assert.equal((await watch(kashiwa, denied)).at(-1).state, 'TRANSFER_STATE_DENIED');
  for (const terminal of ['kashiwa-counter', 'sapporo-console']) {
    const explained = await explain(terminal, denied, '--export', `${terminal}-denied.cbor`);
    assert.equal(explained.code, 0, explained.stderr);
    assert.equal(explained.state, 'DENIED');
    assert.equal(explained.reason, 'PERMIT_NOT_IN_FORCE');
    assert.deepEqual(named(explained, 'REFUSED'), ['step-3']);
    assert.equal(verdict(explained, 'step-3').clause, 'permit.in_force_until');
    assert.equal(verdict(explained, 'step-4').verdict, 'NOT_REACHED');
    assert.equal(verdict(explained, 'outcome').verdict, 'PASSED');
    assert.equal(explained.permit.table_version, permits + 1);
    assert.match((await offline(`${terminal}-denied.cbor`)).stdout, /REFUSED, and rightly by the law of then/);
  }
  await world.setPermits((table) => table);
  await until(() => ask(kashiwa, addressee(500002)).catch((error) => !refusedByPermit(error)));
});

test('nobody known, and somebody protected: told apart at the origin, not at the destination', async () => {
  await world.client('sapporo-console').Records.setProtection({ resident: addressee(2), noAutomaticAnswer: true });
  const ids = await Promise.all([500002, 500003].map((number) => ask(kashiwa, addressee(number))));
  for (const id of ids) assert.equal((await watch(kashiwa, id)).at(-1).state, 'TRANSFER_STATE_NO_RECORD');
  const there = [];
  const here = [];
  for (const id of ids) {
    const receipted = async (terminal) => {
      const explained = await explain(terminal, id);
      return verdict(explained, 'receipts').verdict === 'PASSED' && explained;
    };
    there.push(await until(() => receipted('sapporo-console')));
    here.push(await until(() => receipted('kashiwa-counter')));
  }
  assert.deepEqual(there.map((explained) => named(explained, 'REFUSED')), [['step-8'], ['step-7']]);
  const told = here.map(({ checks }) => checks);
  assert.deepEqual(told[0], told[1]);
  assert.deepEqual(named(here[0], 'NOT_SHOWN').filter((name) => name.startsWith('step')), ['step-6', 'step-7', 'step-8']);
  for (const explained of [...here, ...there]) assert.equal(verdict(explained, 'outcome').verdict, 'PASSED');
});

test('never answered: the deadline passed', async () => {
  await world.seal('sapporo');
  const id = await ask(kashiwa, addressee(500001));
  assert.equal((await watch(kashiwa, id)).at(-1).state, 'TRANSFER_STATE_EXPIRED');
  const explained = await explain('kashiwa-console', id);
  assert.equal(explained.code, 0, explained.stderr);
  assert.equal(explained.state, 'EXPIRED');
  assert.equal(verdict(explained, 'outcome').verdict, 'PASSED');
  assert.equal(verdict(explained, 'answer').verdict, 'NOT_SHOWN');
  assert.match(explained.conclusion, /^EXPIRED/);
  await world.unseal('sapporo');
});

test('the destination refused itself what it must not ask: there is no transfer to explain', async () => {
  const evidenceId = await evidenceOf(kashiwa, addressee(500001));
  const consentId = await consentOf(kashiwa, addressee(500001), evidenceId);
  await kashiwa.Exchange.revokeConsent({ consentId });
  await assert.rejects(kashiwa.Exchange.requestTransfer(queryFor(addressee(500001), evidenceId, consentId)));
  const { code, stderr } = await world.at('kashiwa-counter', 'explain', '00'.repeat(16), ...key);
  assert.equal(code, 1);
  assert.match(stderr, /NOT_FOUND/);
});

test('another municipality has no part in it', async () => {
  const { code, stderr } = await world.at('sapporo-console', 'explain', answered.toString('hex'), ...key);
  assert.equal(code, 1);
  assert.match(stderr, /NOT_FOUND/);
});

test('years later: from the file alone, when no daemon runs', async () => {
  await world.endDaemon();
  for (const file of ['kashiwa.cbor', 'sapporo.cbor']) {
    const { code, stdout } = await offline(file);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ANSWERED, and rightly by the law of then/);
    assert.match(stdout, /番号法第19条第8号/);
    assert.ok(!stdout.includes('✗'));
  }
  const other = await run('vrx', ['explain', '--bundle', 'kashiwa.cbor', '--authority-key', 'ca/certificate.pem'],
    { cwd: world.folder });
  assert.equal(other.code, 1);
  assert.match(other.stderr, /directory.*KEY_UNKNOWN/s);
});

// Each text that is signed of its own stands in the file as it is: changed there, its own check is named beside
// that of the whole.
test('an altered file: the check that fails is named', async () => {
  const whole = readFileSync(world.path('sapporo.cbor'));
  const json = async (bytes) => {
    writeFileSync(world.path('altered.cbor'), bytes);
    const { code, stdout, stderr } = await offline('altered.cbor', '--json');
    return { code, stderr, ...(stdout ? JSON.parse(stdout) : {}) };
  };
  const alter = (text, offset) => {
    const at = whole.indexOf(text);
    assert.ok(at > 0, text);
    const bytes = Buffer.from(whole);
    bytes[at + offset] ^= 1;
    return bytes;
  };
  const cases = [
    ['directory', alter('札幌市', 2)],
    ['query', alter(hanako.individualNumber, 3)],
    ['checkpoint', alter('vrx/011002\n', 12)],
    ['entries', alter('exchange/query', 3)],
    ['permits', alter('番号法第19条', 2)],
  ];
  for (const [check, bytes] of cases) {
    const explained = await json(bytes);
    assert.equal(explained.code, 1, check);
    assert.ok(named(explained, 'BROKEN').includes(check), `${check}: ${named(explained, 'BROKEN')}`);
    if (check !== 'directory') assert.ok(named(explained, 'BROKEN').includes('explanation'));
    assert.match(explained.conclusion, /^NOT PROVEN/);
    assert.match(explained.stderr, new RegExp(explained.broken));
  }
  const cut = await json(whole.subarray(0, whole.length - 1));
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /INPUT_TRUNCATED/);
});
