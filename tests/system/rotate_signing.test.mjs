// SPDX-License-Identifier: Apache-2.0
// A municipality changes its signing and its exchange key while it works: transfers are under way, certificates are
// issued before, between and after, the daemon and the command are killed at any moment. What was signed before stays
// good, offline too; nobody is refused in between; an auditor sees the change; who has the old keyring opens nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World, run, towns, until } from './harness.mjs';
import { program, start } from './programs.mjs';
import { addressee, applyFor, ask, hanako, individual, numberOf, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let directoryVersion = 1;
let movers = 0;

const keyring = (town) => join(world.custodian(town), 'keyring.cbor');
const kept = (town) => readFileSync(world.path('state', 'tenants', towns[town].code, 'keyring.cbor'));
const rotate = (town, ...more) => world.at(`${town}-console`, 'rotate', 'signing-key', '--custodian',
  join(world.custodian(town), 'custodian.pem'), '--keyring', keyring(town), '--json', ...more);
const rotateWell = async (town, ...more) => {
  const { code, stdout, stderr } = await rotate(town, ...more);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};
const entries = async (town) => (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const changes = async (town) => (await entries(town)).filter(({ method }) => method === 'tenancy/signing-key');

// The platform authority signs the next directory with the keyrings that the municipalities handed over.
async function announce() {
  directoryVersion += 1;
  copyFileSync(world.path('directory.cbor'), world.path('previous.cbor'));
  await world.vrx('authority', 'directory', '--authority', 'authority', '--version', String(directoryVersion), '--days',
    '30', '--previous', 'previous.cbor', '--out', 'directory.cbor', ...Object.entries(towns).flatMap(([town, { ja, en }]) => ['--municipality',
      `${keyring(town)},${ja},${en}`]));
}
const changed = async (town, count) => until(async () => (await changes(town)).length >= count);

// A further person of Sapporo's who moved to Kashiwa, with a dose: the query's id.
async function move(client = world.client('kashiwa-counter')) {
  movers += 1;
  const resident = { ...hanako, addresseeNumber: String(600000 + movers), address: '千葉県柏市柏五丁目' };
  const person = { ...resident, individualNumber: numberOf(40000000000 + movers), name: `移動 ${movers}子` };
  await world.client('sapporo-counter').Records.registerResident({ resident: person });
  await world.client('sapporo-counter').Records.recordVaccination({ resident: individual(person.individualNumber),
    dose: { doseNumber: 1, administeredOn: '2021-07-01', product: 1, lot: 'EY2173', venue: '中央病院',
      physician: '佐藤 一郎', ticketNumber: '0000000099', administeredBy: '011002' } });
  await client.Records.registerResident({ resident: person });
  return ask(client, addressee(person.addresseeNumber));
}
const arrived = async (queryId) => {
  const last = (await watch(world.client('kashiwa-counter'), queryId)).at(-1);
  assert.equal(last.state, 'TRANSFER_STATE_IMPORTED', JSON.stringify(last));
};
const issue = async () => {
  const counter = world.client('sapporo-counter');
  return (await counter.Certificates.issue({ applicationId: await applyFor(counter, addressee(1)) })).certificate;
};
const verifies = async ({ text }) => {
  writeFileSync(world.path('certificate.txt'), text);
  const result = await run('vrx', ['verify', 'certificate.txt', '--trust-list', 'trust.cbor', '--authority',
    'authority/certificate.pem'], { cwd: world.folder });
  assert.equal(result.code, 0, result.stdout + result.stderr);
};

before(async () => {
  world = await World.make();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
});

after(() => world?.close());

const old = {}; // of before any change

test('before: a certificate, a checkpoint, a proof, a transfer under way', async () => {
  old.certificate = await issue();
  old.application = await applyFor(world.client('sapporo-counter'), addressee(1));
  await world.keepCheckpoint('sapporo');
  copyFileSync(world.path('sapporo.note'), world.path('old.note'));
  copyFileSync(keyring('sapporo'), world.path('old-keyring.cbor'));
  await world.well('sapporo-console', 'audit', 'prove', '--index', '3', '--out', 'old-proof.json');
  await world.client('sapporo-counter').Records.registerResident({ resident: { ...hanako, addresseeNumber: '777',
    individualNumber: numberOf(31415926535), name: '消去 対象' } });
  await world.well('sapporo-console', 'retention', 'run', '--addressee', '777', '--order', '令和8年消去第1号', '--json');
  const { erasures: [{ certificate }] } = await world.client('sapporo-console').Retention.listErasures();
  writeFileSync(world.path('old-erasure.cbor'), certificate);
  const arrivedBefore = await move();
  await arrived(arrivedBefore);
  await world.seal('sapporo');
  old.query = await ask(world.client('kashiwa-counter'), addressee(600001)); // waits for Sapporo
});

test('only a console with a person named, and a custodian, changes the key', async () => {
  await world.unseal('sapporo');
  const nobody = world.client('sapporo-console', { operator: '' });
  const request = { sessionId: Buffer.alloc(16), wrappedRoot: Buffer.alloc(300) };
  await refused(nobody.Tenancy.rotateSigningKey(request), 'SESSION_REQUIRED');
  await refused(world.client('sapporo-console').Tenancy.rotateSigningKey(request), 'NOT_FOUND');
  for (const terminal of ['sapporo-counter', 'sapporo-kiosk', 'sapporo-system', 'platform'])
    await refused(world.client(terminal).Tenancy.rotateSigningKey(request), 'TERMINAL_KIND');
  const before_ = kept('sapporo');
  const stranger = await world.at('sapporo-console', 'rotate', 'signing-key', '--custodian',
    join(world.custodian('kashiwa'), 'custodian.pem'), '--keyring', keyring('sapporo'));
  assert.match(stranger.stderr, /CUSTODIAN_REFUSED/);
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false);
  assert.deepEqual(kept('sapporo'), before_);
});

test('ReplaceKeyring takes no new signing key', async () => {
  const copy = world.path('copy.cbor');
  copyFileSync(keyring('sapporo'), copy);
  await world.seal('sapporo'); // so that the command makes the keyring and gets no further
  const sealed = await world.at('sapporo-console', 'rotate', 'signing-key', '--custodian',
    join(world.custodian('sapporo'), 'custodian.pem'), '--keyring', copy);
  assert.match(sealed.stderr, /TENANT_SEALED/);
  assert.ok(existsSync(`${copy}.next`));
  await world.unseal('sapporo');
  const replaced = await world.at('sapporo-console', 'keyring', 'replace', '--custodian',
    join(world.custodian('sapporo'), 'custodian.pem'), '--keyring', `${copy}.next`);
  assert.match(replaced.stderr, /CUSTODIAN_REFUSED/);
  assert.deepEqual(kept('sapporo'), readFileSync(keyring('sapporo')));
});

test('the new keyring is in force; the old key signs on until the directory names the new one', async () => {
  const under = await move();
  const made = await rotateWell('sapporo', '--exchange-key');
  assert.equal(made.exchange_key, true);
  assert.deepEqual(kept('sapporo'), readFileSync(keyring('sapporo')));
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false);
  assert.equal((await changes('sapporo')).length, 0);
  await arrived(under);
  await arrived(await move()); // sealed to the exchange key that the directory still names
  await verifies(await issue());
  const again = await rotate('sapporo');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /WRONG_STATE/);
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false, 'what was refused is not found by the next run');

  await announce();
  await changed('sapporo', 1);
  const [change] = await changes('sapporo');
  assert.equal(change.basis, `signing key ${made.previous} -> ${made.signing_key}`);
  const asked = (await entries('sapporo')).filter(({ method }) => method === '/vrx.v1.Tenancy/RotateSigningKey');
  assert.ok(asked.some(({ basis, operator }) => /^custodian /.test(basis) && operator.startsWith('sapporo.admin')));
  assert.ok(asked.some(({ basis }) => basis === `signing key made ${made.previous} -> ${made.signing_key}`));
  assert.ok(asked.some(({ basis }) => /^exchange key /.test(basis)));
  assert.ok(asked.some(({ outcome }) => outcome === 'WRONG_STATE'));
  old.change = change.index;
});

test('nothing is refused in between: transfers under way arrive, an old application is issued', async () => {
  await arrived(old.query);
  await arrived(await move());
  const { certificate } = await world.client('sapporo-counter').Certificates.issue({ applicationId: old.application });
  await verifies(certificate);
  await verifies(await issue());
  await verifies(old.certificate);
});

test('checkpoints across the change are verified offline; a key that was not announced is refused', async () => {
  const first = Number(readFileSync(world.path('old.note'), 'utf8').split('\n')[1]);
  assert.ok(first <= old.change);
  const verify = (bundle, ...more) => run('vrx', ['audit', 'verify', bundle, ...more], { cwd: world.folder });
  await world.well('sapporo-console', 'audit', 'consistency', '--first', String(first), '--out', 'grown.json');
  await world.well('sapporo-console', 'audit', 'prove', '--index', String(old.change), '--out', 'change.json');
  const good = await verify('grown.json', '--keyring', keyring('sapporo'), '--first', 'old.note');
  assert.equal(good.code, 0, good.stderr);
  for (const bundle of ['old-proof.json', 'change.json']) {
    const result = await verify(bundle, '--keyring', keyring('sapporo'));
    assert.equal(result.code, 0, result.stderr);
  }
  const erased = (file) => run('vrx', ['erasure', 'verify', 'old-erasure.cbor', '--keyring', file], { cwd: world.folder });
  assert.equal((await erased(keyring('sapporo'))).code, 0);
  assert.match((await erased(keyring('kashiwa'))).stderr, /KEY_UNKNOWN/);
  assert.match((await verify('change.json', '--keyring', 'old-keyring.cbor')).stderr, /KEY_UNKNOWN/);
  assert.match((await verify('change.json', '--keyring', keyring('kashiwa'))).stderr, /KEY_UNKNOWN/);
  // The old key extends no checkpoint of the new one.
  const { note } = await world.client('sapporo-console').Ledger.getCheckpoint();
  writeFileSync(world.path('new.note'), note);
  const oldProof = JSON.parse(readFileSync(world.path('old-proof.json'), 'utf8'));
  writeFileSync(world.path('backwards.json'), JSON.stringify({ ...oldProof, path: [] }));
  assert.match((await verify('backwards.json', '--keyring', keyring('sapporo'), '--first', 'new.note')).stderr,
    /KEY_NOT_IN_FORCE/);
});

test('unsealed with the checkpoint of before; with the old keyring not at all', async () => {
  await world.seal('sapporo');
  const stale = await world.at('sapporo-console', 'unseal', '--custodian',
    join(world.custodian('sapporo'), 'custodian.pem'), '--keyring', 'old-keyring.cbor', '--checkpoint', 'old.note');
  assert.match(stale.stderr, /VAULT_DAMAGED/);
  copyFileSync(world.path('old.note'), world.path('sapporo.note'));
  await world.unseal('sapporo');
  assert.ok(world.heldCheckpoint('sapporo').size > old.change);
});

test('the authority leaves out no key: an older keyring is refused', async () => {
  const sign = (file, version) => run('vrx', ['authority', 'directory', '--authority', 'authority', '--version', version,
    '--days', '30', '--previous', 'directory.cbor', '--out', 'refused.cbor', '--municipality', `${file},札幌市,Sapporo`],
  { cwd: world.folder });
  for (const [file, version] of [['old-keyring.cbor', '99'], [keyring('sapporo'), String(directoryVersion)]])
    assert.match((await sign(file, version)).stderr, /DIRECTORY_STALE/);
  assert.equal(existsSync(world.path('refused.cbor')), false);
});

test('who stays to unseal follows the keyring', async () => {
  const folder = world.custodian('sapporo');
  const watching = start('vrx', ['unseal', '--watch', '--custodian', join(folder, 'custodian.pem'), '--keyring',
    keyring('sapporo'), '--checkpoint', 'sapporo.note', '--server', `localhost:${world.port}`, '--terminal',
    'sapporo-console'], { cwd: world.folder });
  try {
    const count = (await changes('sapporo')).length;
    await rotateWell('sapporo');
    await announce();
    await changed('sapporo', count + 1);
    await world.seal('sapporo');
    const { Tenancy } = world.client('sapporo-console');
    await until(async () => !(await Tenancy.status()).tenants[0].sealed);
    assert.doesNotMatch(watching.output(), /GIVEN UP/);
  } finally {
    await watching.end();
  }
  await verifies(await issue());
});

test('a vault of before the change is behind a checkpoint of after it: LEDGER_BEHIND', async () => {
  await world.seal('kashiwa');
  const vault = readFileSync(world.vault('kashiwa'));
  await world.unseal('kashiwa');
  await rotateWell('kashiwa');
  await announce();
  await changed('kashiwa', 1);
  await world.keepCheckpoint('kashiwa');
  await world.seal('kashiwa');
  const fresh = readFileSync(world.vault('kashiwa'));
  writeFileSync(world.vault('kashiwa'), vault);
  const custodian = world.custodian('kashiwa');
  const result = await world.at('kashiwa-console', 'unseal', '--custodian', join(custodian, 'custodian.pem'),
    '--keyring', keyring('kashiwa'), '--checkpoint', 'kashiwa.note');
  assert.match(result.stderr, /LEDGER_BEHIND/);
  writeFileSync(world.vault('kashiwa'), fresh);
  await world.unseal('kashiwa');
  await arrived(await move());
});

// The command is killed after some milliseconds, or the daemon is.
const KILLS = Number(process.env.VRX_KILLS ?? 6);

test(`kill -9 of the command or of the daemon, ${2 * KILLS} times: run again, it goes on`, async (t) => {
  let cut = 0;
  const begun = performance.now();
  await rotateWell('kashiwa');
  const span = 1.5 * (performance.now() - begun);
  await announce();
  await changed('kashiwa', 2);
  for (let at = 0; at < 2 * KILLS; at++) {
    const count = (await changes('kashiwa')).length;
    const child = spawn(program('vrx'), ['rotate', 'signing-key', '--custodian',
      join(world.custodian('kashiwa'), 'custodian.pem'), '--keyring', keyring('kashiwa'), '--server',
      `localhost:${world.port}`, '--terminal', 'kashiwa-console', '--operator', 'system.test'],
    { cwd: world.folder, stdio: 'ignore' });
    const gone = new Promise((resolve) => { child.on('exit', (code) => resolve(code)); });
    await new Promise((resolve) => { setTimeout(resolve, (span * (at >> 1)) / KILLS); });
    let code;
    if (at % 2) {
      await world.endDaemon('SIGKILL');
      code = await gone;
      await world.startDaemon();
      // The keyring in force may be the next one already: what unseals knows of it.
      for (const town of Object.keys(towns)) await world.unseal(town);
    } else {
      child.kill('SIGKILL');
      code = await gone;
    }
    if (code !== 0) {
      cut += 1;
      const finished = await rotate('kashiwa'); // or it was killed when all was done
      if (finished.code !== 0) assert.match(finished.stderr, /the last change waits for a directory/);
    }
    assert.deepEqual(kept('kashiwa'), readFileSync(keyring('kashiwa')));
    await announce();
    await changed('kashiwa', count + 1);
    assert.equal((await changes('kashiwa')).length, count + 1);
    await arrived(await move());
  }
  t.diagnostic(`${cut} of ${2 * KILLS} were cut off`);
});

test('a key that may be in wrong hands signs nothing any more, directory or not', async () => {
  const count = (await changes('sapporo')).length;
  await rotateWell('sapporo', '--overlap-days', '0');
  await changed('sapporo', count + 1);
  const applicationId = await applyFor(world.client('sapporo-counter'), addressee(1));
  await refused(world.client('sapporo-counter').Certificates.issue({ applicationId }), 'KEY_UNKNOWN');
  await announce();
  const { certificate } = await world.client('sapporo-counter').Certificates.issue({ applicationId });
  await verifies(certificate);
});
