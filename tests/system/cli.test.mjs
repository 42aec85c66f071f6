// SPDX-License-Identifier: Apache-2.0
// `vrx` at a municipality's desk: what it prints for machines and for people, and how it ends. 0 done, 1 refused,
// 2 wrong usage, 3 a file or the network.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { World } from './harness.mjs';
import { program, run, runWell, start } from './programs.mjs';
import { makeTown } from './town.mjs';

let world;
let town;

before(async () => {
  world = await World.make();
  town = await makeTown(world.path('town'), { residents: 700 });
  writeFileSync(world.path('documents'), 'driving-licence\tD-1234567890\r\nnotification-card\tN-1\n');
  writeFileSync(world.path('number'), '123456789018\n');
  writeFileSync(world.path('form'), 'signed form');
});
after(() => world?.close());

// A command that must be done, with --json: its lines, parsed.
async function json(terminal, ...args) {
  const text = await world.well(terminal, ...args, '--json');
  return text.trimEnd().split('\n').map((line) => JSON.parse(line));
}
const one = async (...args) => (await json(...args))[0];

// A command that must fail: how it ended, and that it says this on standard error.
async function fails(code, says, terminal, ...args) {
  const result = await world.at(terminal, ...args);
  assert.equal(result.code, code, result.stdout + result.stderr);
  assert.match(result.stderr, says);
  return result;
}

// The same with something on standard input.
function fed(input, terminal, ...args) {
  return new Promise((resolve) => {
    const child = execFile(program('vrx'), [...args, '--server', `localhost:${world.port}`, '--terminal', terminal],
      { cwd: world.folder, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
    child.stdin.end(input);
  });
}

const faultsOf = (file) => town.faults.filter((fault) => fault.file === file)
  .map(({ line, field, reason, dose }) => ({ line, field, reason, dose })).sort((a, b) => a.line - b.line);

// Faults as `--errors` writes them.
const tsvOf = (path) => readFileSync(path, 'utf8').trimEnd().split('\n').slice(1).map((row) => {
  const [line, , field, dose, reason] = row.split('\t');
  return { line: Number(line), field, reason, dose: Number(dose) };
});

const evidence = async (terminal, addressee, purpose) => (await one(terminal, 'evidence', 'record', '--addressee',
  addressee, '--method', 'notification-photo', '--documents-file', 'documents', '--purpose', purpose)).evidence_id;

test('an import reports the faults of layout and service as one list, in order', async () => {
  const report = await one('sapporo-system', 'import', 'residents', 'town/residents.csv', '--errors', 'r.tsv');
  const { counts } = town;
  assert.deepEqual([report.imported, report.unchanged, report.refused],
    [counts.residents_good, 0, counts.residents_faulty]);
  const seen = report.errors.map(({ line, field_en: field, reason, dose }) => ({ line, field, reason, dose }));
  assert.deepEqual(seen, faultsOf('residents.csv'));
  assert.ok(seen.some(({ field }) => field === 'row') && seen.some(({ field }) => field !== 'row'), 'both sides');
  assert.deepEqual(tsvOf(world.path('r.tsv')), seen);
  assert.ok(report.errors.every(({ field, ja }) => /[^ -~]/.test(field) && /[^ -~]/.test(ja)), 'in Japanese');
  const doses = await one('sapporo-system', 'import', 'vaccinations', 'town/vaccinations.csv', '--errors', 'v.tsv');
  assert.equal(doses.imported, counts.vaccinations_good);
  assert.equal(doses.refused, counts.vaccinations_faulty + counts.vaccinations_faulty_by_vault);
  assert.equal(doses.doses, counts.doses_good);
  assert.deepEqual(tsvOf(world.path('v.tsv')), faultsOf('vaccinations.csv'));
});

test('an import from standard input, again, changes nothing and ends with 0', async () => {
  const { code, stdout } = await fed(readFileSync(world.path('town', 'residents.csv')), 'sapporo-system', 'import',
    'residents', '-');
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`imported / 取込: 0 +unchanged / 変更なし: ${town.counts.residents_good} `));
  assert.match(stdout, new RegExp(`not taken: ${town.counts.residents_faulty};`));
});

test('a file that breaks off is reported up to there, and is a failure', async () => {
  const lines = ['宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,住所', '910001,,甲,,19850401,,',
    '910002,,"乙,,19850401,,'];
  writeFileSync(world.path('broken.csv'), lines.join('\r\n'));
  const { stdout } = await fails(1, /broken\.csv: line \/ 行 3: [\s\S]*INPUT_TRUNCATED: RFC 4180/, 'sapporo-system',
    'import', 'residents', 'broken.csv');
  assert.match(stdout, /imported \/ 取込: 1 /);
  assert.equal((await one('sapporo-counter', 'history', '--addressee', '910001')).name, '甲');
});

test('a file of another layout, and none at all', async () => {
  await fails(1, /INPUT_FIELD_/, 'sapporo-system', 'import', 'residents', 'town/vaccinations.csv');
  await fails(3, /nowhere\.csv: [\s\S]*NOT_FOUND/, 'sapporo-system', 'import', 'residents', 'nowhere.csv');
});

test('a terminal that may not import is refused, and so is wrong usage', async () => {
  await fails(1, /TERMINAL_KIND/, 'sapporo-counter', 'import', 'residents', 'town/residents.csv');
  await fails(2, /there is no --colour/, 'sapporo-system', 'import', 'residents', 'town/residents.csv', '--colour');
});

test('a resident is found by the number in a file or on standard input; it is shown nowhere', async () => {
  const byFile = await world.well('sapporo-counter', 'history', '--number-file', 'number');
  assert.match(byFile, /札幌 花子 .*\*{8}9018 +1\n/);
  const byInput = await fed('123456789018', 'sapporo-counter', 'history', '--number-file', '-', '--json');
  assert.equal(JSON.parse(byInput.stdout).name, '札幌 花子');
  const wrong = await fed('123456789011', 'sapporo-counter', 'history', '--number-file', '-');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /CHECK_DIGIT_WRONG/);
  for (const { stdout, stderr } of [{ stdout: byFile, stderr: '' }, byInput, wrong])
    assert.doesNotMatch(stdout + stderr, /12345678901/);
});

test('export: CSV and JSON say the same of everybody', async () => {
  const rows = (await world.well('sapporo-console', 'export')).trimEnd().split('\r\n');
  const people = await json('sapporo-console', 'export');
  assert.equal(people.length, town.counts.residents_good + 1); // and 甲
  assert.equal(rows.length - 1, people.reduce((sum, { doses }) => sum + Math.max(1, doses.length), 0));
  assert.equal(people.flatMap(({ doses }) => doses).length, town.counts.doses_good);
  const [first] = people;
  assert.match(rows[1], new RegExp(`^${first.addressee_number},\\*{8}\\d{4},${first.name},.*,${first.doses[0].lot},`));
});

test('coverage: counts by age agree with what is exported, on the day that is asked for', async () => {
  const people = await json('sapporo-console', 'export');
  const count = (on) => {
    const firsts = people.filter(({ birth_date: born, doses }) => born <= on &&
      doses.some(({ dose_number: number, administered_on: day }) => number === 1 && day <= on));
    return [people.filter(({ birth_date: born }) => born <= on).length, firsts.length];
  };
  for (const day of ['2021-07-01', '2023-01-01']) {
    const { on, rows } = await one('sapporo-console', 'coverage', '--on', day);
    assert.equal(on, day);
    assert.equal(rows.length, 10);
    const sum = (of) => rows.reduce((all, row) => all + of(row), 0);
    assert.deepEqual([sum((row) => row.people), sum((row) => row.vaccinated[0] ?? 0)], count(day));
  }
  assert.match(await world.well('sapporo-console', 'coverage'), /^as of .*\n.*age .*\n(.*\n)*all .*%\).*█/);
  await fails(1, /DATE_IN_FUTURE/, 'sapporo-console', 'coverage', '--on', '2999-01-01');
});

test('a dose is recorded, corrected with the version that was seen, and taken out', async () => {
  const dose = ['--dose', '9', '--date', '2023-11-01', '--product', 'ファイザ', '--lot', 'EW4811', '--by', '011002'];
  await fails(2, /ファイザー/, 'sapporo-counter', 'dose', 'record', '--addressee', '1', ...dose);
  dose[5] = 'ファイザー';
  const { id } = await one('sapporo-counter', 'dose', 'record', '--addressee', '1', ...dose);
  dose[3] = '2023-11-02';
  const target = ['--version', '1', '--id'];
  const corrected = await one('sapporo-counter', 'dose', 'correct', ...target, String(id), ...dose);
  assert.equal(corrected.version, 2);
  await fails(1, /CONFLICT/, 'sapporo-counter', 'dose', 'correct', ...target, String(id), ...dose);
  const before = (await one('sapporo-counter', 'history', '--addressee', '1')).doses;
  assert.equal(before.at(-1).administered_on, '2023-11-02');
  await world.well('sapporo-counter', 'dose', 'mark-error', '--id', String(corrected.id), '--version', '2');
  const { doses } = await one('sapporo-counter', 'history', '--addressee', '1');
  assert.equal(doses.length, before.length - 1);
});

test('a mover: from the identity check to the doses, each step by its printed id', async () => {
  const person = ['--name', '札幌 花子', '--birth-date', '1985-04-01', '--sex', '2'];
  await world.well('kashiwa-counter', 'resident', 'register', '--addressee', '5', ...person, '--number-file', 'number');
  const id = await evidence('kashiwa-counter', '5', 'mover');
  const { consent_id: consent } = await one('kashiwa-counter', 'consent', 'grant', '--addressee', '5', '--evidence', id,
    '--origin', '011002', '--item', 'dose', '--form-number', 'F-1', '--form', 'form', '--days', '30');
  const request = ['transfer', 'request', '--addressee', '5', '--from', '011002', '--to', '122173', '--evidence', id,
    '--item', 'dose', '--consent', consent];
  const query = (await world.well('kashiwa-counter', ...request)).trim();
  assert.match(query, /^[0-9a-f]{32}$/);
  const states = await json('kashiwa-counter', 'transfer', 'watch', '--query', query);
  assert.equal(states.at(-1).state, 'IMPORTED');
  const shown = await one('kashiwa-counter', 'transfer', 'show', '--query', query);
  assert.deepEqual(shown, states.at(-1));
  const { doses } = await one('kashiwa-counter', 'history', '--addressee', '5');
  assert.equal(doses.length, shown.doses_imported);
  assert.deepEqual(doses[0].provenance.origin, '011002');
  assert.equal(doses[0].lot, '', 'nobody asked for it');
  await world.well('kashiwa-counter', 'consent', 'revoke', '--consent', consent);
  await fails(1, /CONSENT_REVOKED/, 'kashiwa-counter', ...request);
});

test('a mover of whom the origin has nothing: the watch ends with 1 and says why', async () => {
  writeFileSync(world.path('nobody'), '111111111118\n');
  const person = ['--name', '誰 某', '--birth-date', '1990-01-01'];
  await world.well('kashiwa-counter', 'resident', 'register', '--addressee', '6', ...person, '--number-file', 'nobody');
  const id = await evidence('kashiwa-counter', '6', 'mover');
  const { consent_id: consent } = await one('kashiwa-counter', 'consent', 'grant', '--addressee', '6', '--evidence', id,
    '--origin', '011002', '--item', 'dose', '--form-number', 'F-2', '--form', 'form', '--days', '30');
  const { query_id: query } = await one('kashiwa-counter', 'transfer', 'request', '--addressee', '6', '--from',
    '011002', '--to', '122173', '--evidence', id, '--consent', consent, '--item', 'dose');
  const { stdout } = await fails(1, /nothing to hand over[\s\S]*提供する記録がありません/, 'kashiwa-counter', 'transfer',
    'watch', '--query', query);
  assert.match(stdout, /PENDING 照会先で確認中[\s\S]*NO_RECORD 提供する記録なし/);
  assert.equal((await world.at('kashiwa-counter', 'transfer', 'show', '--query', query)).code, 0);
});

test('what an officer does needs an officer who is logged in, and the ledger has who it is', async () => {
  mkdirSync(world.path('unlogged'));
  for (const file of ['certificate.pem', 'key.pem', 'ca.pem'])
    cpSync(world.path('sapporo-counter', file), world.path('unlogged', file));
  const { code, stderr } = await fed('', 'unlogged', 'evidence', 'record', '--addressee', '1', '--method',
    'card-seen', '--documents-file', 'documents', '--purpose', 'certificate');
  assert.equal(code, 1);
  assert.match(stderr, /SESSION_REQUIRED|INPUT_FIELD_MISSING: metadata: vrx-operator/);
  await fails(2, /--operator/, 'sapporo-counter', 'status', '--operator', 'x');
  await evidence('sapporo-counter', '1', 'certificate');
  const entries = await json('sapporo-console', 'audit', 'entries');
  const recorded = entries.filter(({ method }) => /RecordIdentityEvidence$/.test(method));
  assert.deepEqual(recorded.map(({ outcome, operator }) => [outcome, operator]),
    [[recorded[0].outcome, undefined], ['OK', world.operator('sapporo-counter')]]);
  assert.equal(recorded[1].person.length, 64);
});

test('the ledger comes as CSV with the municipality’s own entries and the operators as they are', async () => {
  const entries = await json('sapporo-console', 'audit', 'entries', '--count', '5');
  const csv = await world.well('sapporo-console', 'ledger', 'export', '--csv', '--count', '5');
  assert.match(csv, /^\ufeff番号 index,日時 time,操作 method,結果 outcome,/);
  const rows = csv.trimEnd().split('\r\n').slice(1).map((row) => row.split(','));
  assert.deepEqual(rows.map((row) => [row[0], row[2], row[3], row[5]]),
    entries.map((entry) => [String(entry.index), entry.method ?? '', entry.outcome, entry.operator ?? '']));
  for (const row of rows)
    assert.match(row[1], /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
  await fails(2, /--csv/, 'sapporo-console', 'ledger', 'export');
  await fails(1, /TERMINAL_KIND/, 'sapporo-counter', 'ledger', 'export', '--csv');
});

test('documents come as lines, and what is wrong with them is said without their numbers', async () => {
  const record = ['evidence', 'record', '--addressee', '1', '--method', 'card-seen', '--purpose', 'mover',
    '--operator', 'o', '--documents-file', '-'];
  for (const input of ['', 'number-card 123\n', 'library-card\tX-99\n', 'passport\t\n', 'passport\tX-99\n'.repeat(9)]) {
    const { code, stderr } = await fed(input, 'sapporo-counter', ...record);
    assert.equal(code, 2, input);
    assert.match(stderr, /driving-licence +運転免許証/);
    assert.doesNotMatch(stderr, /X-99/);
  }
});

test('a certificate is not lost when its file cannot be written', async () => {
  const id = await evidence('sapporo-counter', '1', 'certificate');
  const { application_id: application } = await one('sapporo-counter', 'certificate', 'apply', '--addressee', '1',
    '--evidence', id, '--surname', 'SAPPORO', '--given-name', 'HANAKO');
  const { stdout } = await fails(3, /nowhere/, 'sapporo-counter', 'certificate', 'issue', '--application', application,
    '--out', 'nowhere/certificate.txt', '--png', 'certificate.png', '--json');
  const certificate = JSON.parse(stdout);
  assert.match(certificate.text, /^HC1:/);
  assert.ok(existsSync(world.path('certificate.png')));
  writeFileSync(world.path('certificate.txt'), certificate.text);
  for (const file of ['certificate.txt', 'certificate.png'])
    await runWell('vrx', ['verify', file, '--trust-list', 'trust.cbor', '--authority', 'authority/certificate.pem'],
      { cwd: world.folder });
  const [listed] = await one('sapporo-counter', 'certificate', 'list', '--addressee', '1');
  assert.equal(listed.uvci, certificate.uvci);
  assert.equal(listed.text, undefined);
});

test('proofs that were taken away are verified offline, and not for another ledger', async () => {
  await world.well('sapporo-console', 'audit', 'checkpoint', '--out', 'then.note');
  const size = Number(readFileSync(world.path('then.note'), 'utf8').split('\n')[1]);
  await world.well('sapporo-console', 'audit', 'prove', '--index', '7', '--size', String(size), '--out', 'entry.json');
  await world.well('sapporo-console', 'audit', 'consistency', '--first', String(size), '--out', 'grown.json');
  const verify = (bundle, keyring, ...more) => world.vrx('audit', 'verify', bundle, '--keyring',
    `custodian-${keyring}/keyring.cbor`, ...more);
  await verify('entry.json', '011002');
  await verify('grown.json', '011002', '--first', 'then.note');
  await assert.rejects(verify('entry.json', '122173'), /KEY_UNKNOWN|SIGNATURE_INVALID/);
  await fails(1, /INPUT_RANGE/, 'sapporo-console', 'audit', 'prove', '--index', String(1 << 30), '--out', 'no.json');
  assert.ok(!existsSync(world.path('no.json')));
});

// The status of a terminal's folder and a port, as no helper of the world would call it.
const status = (terminal, port = world.port) => run('vrx', ['status', '--server', `127.0.0.1:${port}`, '--terminal',
  terminal], { cwd: world.folder });
async function statusFails(code, says, ...args) {
  const result = await status(...args);
  assert.equal(result.code, code, result.stdout + result.stderr);
  assert.match(result.stderr, says);
}

test('a terminal\'s folder: its authority and its key are looked at before anything is sent', async () => {
  const part = (name) => world.path('other', name);
  cpSync(world.path('sapporo-console'), world.path('other'), { recursive: true });
  assert.equal((await status('other')).code, 0);
  cpSync(world.path('csca', 'certificate.pem'), part('ca.pem'));
  await statusFails(1, /CERTIFICATE_INVALID: RFC 5280/, 'other');
  cpSync(world.path('sapporo-console', 'ca.pem'), part('ca.pem'));
  cpSync(world.path('kashiwa-console', 'key.pem'), part('key.pem'));
  await statusFails(1, /KEY_INVALID/, 'other');
  cpSync(world.path('sapporo-console', 'key.pem'), part('key.pem'));
  chmodSync(part('key.pem'), 0o644);
  await statusFails(3, /key\.pem: [\s\S]*FILE_REFUSED/, 'other');
  rmSync(part('key.pem'));
  await statusFails(3, /key\.pem: [\s\S]*NOT_FOUND/, 'other');
});

test('a terminal that nobody registered', () => statusFails(1, /TERMINAL_UNKNOWN/, 'stranger'));

test('a server whose certificate has another name', async () => {
  await world.vrx('pki', 'server', '--ca', 'ca', '--name', 'DNS:elsewhere.example', '--out', 'elsewhere');
  mkdirSync(world.path('elsewhere-state'), { mode: 0o700 });
  const daemon = start('vrxd', ['--state', 'elsewhere-state', '--listen', '127.0.0.1:0', '--certificate',
    'elsewhere/certificate.pem', '--key', 'elsewhere/key.pem', '--client-ca', 'ca/certificate.pem', '--authority',
    'authority/certificate.pem', '--directory', 'directory.cbor', '--permits', 'permits.cbor', '--issuer',
    'issuer.sock', '--platform-terminal', 'platform/certificate.pem'], { cwd: world.folder });
  try {
    const [, port] = await daemon.says(/listening on \S+:(\d+)\n/);
    await statusFails(1, /CERTIFICATE_INVALID/, 'platform', port);
  } finally {
    await daemon.end();
  }
});

test('a server that is not there, and one that speaks something else', async () => {
  const other = createServer((socket) => socket.resume().end('220 mail.example.jp\r\n'));
  await new Promise((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  const { port } = other.address();
  await statusFails(3, /NETWORK_FAILED/, 'platform', port);
  await new Promise((resolve) => { other.close(resolve); });
  await statusFails(3, /NETWORK_FAILED/, 'platform', port);
});

test('an old copy of the vault: vrx says what that means and leaves the checkpoint alone', async () => {
  const unseal = ['unseal', '--custodian', 'custodian-011002/custodian.pem', '--keyring',
    'custodian-011002/keyring.cbor', '--checkpoint', 'sapporo.note'];
  const state = world.path('state', 'tenants', '011002');
  await world.well('sapporo-console', 'seal');
  cpSync(state, world.path('old'), { recursive: true });
  await world.well('sapporo-console', ...unseal);
  await world.well('sapporo-counter', 'history', '--addressee', '1');
  await world.well('sapporo-console', 'seal');
  await world.well('sapporo-console', ...unseal);
  await world.well('sapporo-console', 'seal');
  const held = readFileSync(world.path('sapporo.note'), 'utf8');
  rmSync(state, { recursive: true });
  cpSync(world.path('old'), state, { recursive: true });
  const { stderr } = await fails(1, /LEDGER_BEHIND/, 'sapporo-console', ...unseal);
  assert.match(stderr, /Keep the checkpoint file: it is the evidence[\s\S]*検証点ファイルは証拠です/);
  assert.equal(readFileSync(world.path('sapporo.note'), 'utf8'), held);
  await fails(1, /TENANT_SEALED/, 'sapporo-console', 'audit', 'checkpoint');
});

test('a checkpoint that another municipality signed is not taken for the own one', async () => {
  await fails(1, /kashiwa\.note: [\s\S]*KEY_UNKNOWN/, 'sapporo-console', 'unseal', '--custodian',
    'custodian-011002/custodian.pem', '--keyring', 'custodian-011002/keyring.cbor', '--checkpoint', 'kashiwa.note');
});

test('a custodian\'s key that others can read opens nothing', async () => {
  chmodSync(world.path('custodian-011002', 'custodian.pem'), 0o640);
  await fails(3, /FILE_REFUSED/, 'sapporo-console', 'unseal', '--custodian', 'custodian-011002/custodian.pem',
    '--keyring', 'custodian-011002/keyring.cbor', '--checkpoint', 'sapporo.note');
});
