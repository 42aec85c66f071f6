// SPDX-License-Identifier: Apache-2.0
// Backups of real vaults, taken while they are written to or sealed, put back after their loss, on another host,
// after a kill at any step. Without a key nobody reads one; what is not the newest, not whole or not the municipality's
// own does not open.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync }
  from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, run, towns, until } from './harness.mjs';
import { program } from './programs.mjs';
import { addressee, dose, hanako, numberOf } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const code = towns.sapporo.code;

let world;
let residents;

before(async () => {
  world = await World.make({ unattended: true });
  const town = await makeTown(world.path('town'), { residents: 2000 });
  await importTown(world.client('sapporo-system'), town);
  await world.client('kashiwa-counter').Records.registerResident({ resident: hanako });
  residents = (await everybody()).length;
});

after(() => world?.close());

const everybody = () => collect(world.client('sapporo-console').Records.export());
const folder = (name = '', town = 'sapporo') => world.path('state', 'backups', towns[town].code, name);
const parts = () => (existsSync(folder()) ? readdirSync(folder()) : []).filter((name) => name.endsWith('.part'));
const tenants = () => readdirSync(world.path('state', 'tenants'));
const json = (text) => text.trim().split('\n').map((line) => JSON.parse(line));

const take = async (town = 'sapporo', terminal = 'platform') => json(
  await world.well(terminal, 'backup', '--municipality', towns[town].code, '--json'))[0];
const restore = (name, { terminal = 'platform', how = '--backup', town = 'sapporo' } = {}) =>
  world.at(terminal, 'restore', '--municipality', towns[town].code, how, name, '--json');
async function restoreWell(name, options) {
  const result = await restore(name, options);
  assert.equal(result.code, 0, result.stderr);
  return json(result.stdout)[0];
}
const unseal = (custodian = code) => world.at('sapporo-console', 'unseal', '--custodian',
  `custodian-${custodian}/custodian.pem`, '--keyring', `custodian-${code}/keyring.cbor`, '--checkpoint', 'sapporo.note');
async function sealed() {
  const { tenants: list } = await world.client('sapporo-console').Tenancy.status();
  return list[0].sealed;
}
const verify = (name, ...more) => run('vrx', ['backup', 'verify', '--backup', folder(name), '--custodian',
  `custodian-${code}/custodian.pem`, '--keyring', `custodian-${code}/keyring.cbor`, '--scratch', '.', '--json', ...more],
{ cwd: world.folder });

// Method, outcome and basis of the ledger's entries, as the command line prints them.
async function entries(pattern) {
  const printed = await world.well('sapporo-console', 'audit', 'entries', '--json');
  return json(printed).flat().filter(({ method }) => pattern.test(method));
}

// Writers at a counter until stop(): the addressee numbers that were acknowledged.
function writing(from) {
  const written = [];
  let stopped = false;
  const one = async (lane) => {
    for (let i = lane; !stopped; i += 4) {
      const number = from + i;
      await world.client('sapporo-counter').Records.registerResident({ resident: { addresseeNumber: String(number),
        individualNumber: numberOf(number), name: '写し 太郎', kana: 'ウツシ タロウ', birthDate: '1980-02-03', sex: 1,
        address: '北海道札幌市東町1番1号' } });
      written.push(number);
    }
  };
  const lanes = Promise.all([0, 1, 2, 3].map(one));
  lanes.catch(() => {}); // told by stop()
  return { written, stop: () => { stopped = true; return lanes; } };
}

// Until nothing of the municipality is under way: who has left is told nothing any more.
const turn = () => until(() => world.client('platform').Backups
  .inspectBackup({ municipality: code, name: '20010101T000000Z' }).catch(({ reason }) => reason === 'NOT_FOUND'));

test('an open vault is copied while it is written to; the copy is whole, private and on record', async () => {
  const writer = writing(7100000);
  await until(() => writer.written.length > 5);
  const known = [...writer.written];
  await world.keepCheckpoint('sapporo');
  const messages = await collect(world.client('platform').Backups.takeBackup({ municipality: code }));
  const count = writer.written.length;
  await until(() => writer.written.length > count + 5);
  await writer.stop();

  const { backup } = messages.at(-1);
  assert.match(backup.name, /^\d{8}T\d{6}Z$/);
  assert.ok(Math.abs(backup.begunAt - Date.now() / 1000) < 60);
  assert.ok(messages.length > 1 && messages[0].done < messages[0].total, 'progress came before');
  assert.deepEqual(readdirSync(folder(backup.name)).sort(), ['keyring.cbor', 'terminals', 'vault.db']);
  assert.equal(statSync(folder()).mode & 0o777, 0o700);
  assert.equal(statSync(folder(backup.name)).mode & 0o777, 0o700);
  for (const name of readdirSync(folder(backup.name)))
    assert.equal(statSync(folder(join(backup.name, name))).mode & 0o777, 0o600, name);
  const result = await verify(backup.name, '--checkpoint', 'sapporo.note');
  assert.equal(result.code, 0, result.stderr);
  assert.equal(json(result.stdout)[0].behind, false);
  const [entry] = (await entries(/TakeBackup/)).slice(-1);
  assert.deepEqual([entry.basis, entry.outcome], [`backup ${backup.name}`, 'OK']);

  // What was acknowledged before it began is in it.
  await world.seal('sapporo');
  await restoreWell(backup.name);
  await world.unseal('sapporo');
  residents = (await everybody()).length;
  for (const number of known)
    await world.client('sapporo-counter').Records.getHistory({ resident: addressee(number) });
});

test('nothing of a person, of an officer or of a key can be read in backups or beside them', async () => {
  for (const text of ['123456789018', hanako.name, '写し 太郎', '東町1番1号', 'system.test', numberOf(7100000)]) {
    const found = await run('vrx-find-text', [text, 'state/backups', 'state/tenants'], { cwd: world.folder });
    assert.equal(found.code, 0, `"${text}" lies in the clear: ${found.stdout}`);
  }
});

test('a sealed vault is copied too, and put back after its loss; its history says so', async () => {
  await world.seal('sapporo');
  const first = await take();
  await refused(collect(world.client('sapporo-counter').Backups.takeBackup()), 'TERMINAL_KIND');
  const second = json(await world.well('sapporo-console', 'backup', '--json'))[0];
  assert.notEqual(first.name, second.name);
  for (const end of ['', '-wal']) rmSync(world.vault('sapporo') + end, { force: true });
  const { aside } = await restoreWell(second.name, { terminal: 'sapporo-console' });
  assert.ok(aside.replaced);
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
  const noted = await entries(/Backups/);
  for (const [method, name, outcome] of [['TakeBackup', first.name, 'OK'], ['TakeBackup', second.name, 'OK'],
    ['RestoreBackup', second.name, 'OK']]) {
    const found = noted.filter((entry) => entry.method.endsWith(method) && entry.basis === `backup ${name}`);
    assert.equal(found.length, 1, `${method} ${name} once: ${JSON.stringify(noted)}`);
    assert.equal(found[0].outcome, outcome);
    assert.equal(found[0].purpose, 'noted beside the sealed vault');
  }
  assert.ok(noted.some(({ outcome }) => outcome === 'TERMINAL_KIND'), 'the refusal is there too');
});

test('who may not: another municipality, other terminals, an open vault, a name that is a path', async () => {
  const platform = world.client('platform').Backups;
  await refused(collect(world.client('kashiwa-console').Backups.takeBackup({ municipality: code })), 'TERMINAL_TENANT');
  await refused(collect(world.client('sapporo-counter').Backups.takeBackup()), 'TERMINAL_KIND');
  await refused(collect(world.client('stranger').Backups.takeBackup()), 'TERMINAL_UNKNOWN');
  await refused(collect(platform.takeBackup()), 'INPUT_FIELD_MISSING');
  await refused(collect(platform.takeBackup({ municipality: '131016' })), 'TENANT_UNKNOWN');
  const { name } = (await platform.listBackups({ municipality: code })).backups[0];
  await refused(collect(platform.restoreBackup({ municipality: code, name })), 'WRONG_STATE');
  for (const wrong of ['../../tenants/011002', '', '20261121T101658', `${name}/`, '20261121T101658Z-1'])
    await refused(platform.inspectBackup({ municipality: code, name: wrong }), 'INPUT_MALFORMED');
  await refused(platform.inspectBackup({ municipality: code, name: '20010101T000000Z' }), 'NOT_FOUND');
  const kashiwa = (await world.client('kashiwa-console').Backups.listBackups()).backups;
  assert.deepEqual(kashiwa, [], 'a municipality sees its own only');
  assert.ok((await platform.listBackups()).backups.every(({ municipality }) => municipality === code));
  const { custodians, threshold } = await platform.inspectBackup({ municipality: code, name });
  assert.deepEqual([custodians, threshold], [1, 1]);
  assert.match((await world.well('platform', 'backup', 'list')), new RegExp(`${code} .*${name}`));
});

test('another municipality\'s backup is refused, as a whole and in parts', async () => {
  const own = await take('sapporo', 'sapporo-console');
  const other = await take('kashiwa');
  await world.seal('sapporo');
  cpSync(folder(other.name, 'kashiwa'), folder('20200101T000000Z'), { recursive: true });
  const whole = await restore('20200101T000000Z');
  assert.match(whole.stderr, /TENANT_UNKNOWN/);
  cpSync(folder(own.name), folder('20200102T000000Z'), { recursive: true });
  cpSync(join(folder(other.name, 'kashiwa'), 'vault.db'), join(folder('20200102T000000Z'), 'vault.db'));
  const { aside } = await restoreWell('20200102T000000Z');
  const result = await unseal();
  assert.match(result.stderr, /VAULT_DAMAGED/);
  assert.equal(await sealed(), true);
  await restoreWell(aside.name, { how: '--replaced' });
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
});

test('a custodian of another municipality opens nothing that was put back', async () => {
  const { name } = await take();
  await world.seal('sapporo');
  await restoreWell(name);
  assert.notEqual((await unseal(towns.kashiwa.code)).code, 0);
  assert.equal(await sealed(), true);
  await world.unseal('sapporo');
});

test('the platform operator, who took it, opens nothing of it', async () => {
  const platform = world.client('platform');
  await refused(platform.Tenancy.beginUnseal(), 'TERMINAL_KIND');
  await refused(platform.Records.getHistory({ resident: addressee(1) }), 'TERMINAL_KIND');
  const { name } = await take();
  const mine = await run('vrx', ['backup', 'verify', '--backup', folder(name), '--custodian',
    `custodian-${towns.kashiwa.code}/custodian.pem`, '--keyring', `custodian-${code}/keyring.cbor`],
  { cwd: world.folder });
  assert.match(mine.stderr, /CUSTODIAN_REFUSED/);
});

test('a municipality whose whole folder is lost comes back from its backup', async () => {
  const { name } = await take();
  await world.seal('sapporo');
  rmSync(world.path('state', 'tenants', code), { recursive: true });
  assert.equal((await restoreWell(name)).aside, undefined);
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
});

// Custodians who have left since the backup do not come back with it.
test('the keyring in force stays in force', async () => {
  const { name } = await take();
  const kept = readFileSync(world.path('sapporo.note'));
  await world.vrx('custodian', 'key', '--out', 'next.pem');
  writeFileSync(world.path('next.pub'), await world.vrx('custodian', 'public', '--custodian', 'next.pem'));
  await world.vrx('custodian', 'rotate', '--custodian', `custodian-${code}/custodian.pem`, '--keyring',
    `custodian-${code}/keyring.cbor`, '--custodian-key', 'next.pub', '--out', 'next.cbor');
  await world.well('sapporo-console', 'keyring', 'replace', '--custodian', 'next.pem', '--keyring', 'next.cbor');
  await world.seal('sapporo');
  await restoreWell(name);
  writeFileSync(world.path('sapporo.note'), kept);
  assert.match((await unseal()).stderr, /VAULT_DAMAGED/, 'the old copy of the keyring is not the one in force');
  cpSync(world.path('next.pem'), world.path(`custodian-${code}`, 'custodian.pem'));
  cpSync(world.path('next.cbor'), world.path(`custodian-${code}`, 'keyring.cbor'));
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
});

// With the keyring in force, which has the key of then as the one before; what was begun can go on.
test('a backup from before a change of the data key opens, and can be changed over again', async () => {
  const { name } = await take();
  const kept = readFileSync(world.path('sapporo.note'));
  const custodian = ['--custodian', `custodian-${code}/custodian.pem`];
  const rotate = (...more) => world.well('sapporo-console', 'rotate', 'data-key', '--keyring',
    `custodian-${code}/keyring.cbor`, ...more);
  await rotate(...custodian);
  const during = collect(world.client('platform').Backups.takeBackup({ municipality: code }));
  const { backup: after_ } = (await during).at(-1);
  await world.seal('sapporo');
  await restoreWell(name);
  writeFileSync(world.path('sapporo.note'), kept);
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
  await rotate();
  await world.seal('sapporo');
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, residents);
  assert.equal((await verify(after_.name)).code, 0);
});

test('a byte changed in a backup is found by its custodians offline, and by the unseal', async () => {
  const { name } = await take();
  await world.seal('sapporo');
  const vault = join(folder(name), 'vault.db');
  const good = readFileSync(vault);
  const pages = good.length / 4096;
  assert.equal((await verify(name)).code, 0);
  for (const page of [2, 3, Math.floor(pages / 2), pages - 1]) {
    const bad = Buffer.from(good);
    bad[page * 4096 + 1234] ^= 4;
    writeFileSync(vault, bad);
    assert.match((await verify(name)).stderr, /VAULT_DAMAGED/, `page ${page}`);
    await restoreWell(name);
    assert.match((await unseal()).stderr, /VAULT_DAMAGED/, `page ${page}`);
    assert.equal(await sealed(), true);
  }
  for (const bytes of [good.subarray(0, good.length - 100), Buffer.alloc(8192), Buffer.alloc(0)]) {
    writeFileSync(vault, bytes);
    assert.match((await restore(name)).stderr, /VAULT_DAMAGED/);
  }
  writeFileSync(vault, good);
  await restoreWell(name);
  await world.unseal('sapporo');
  const failed = (await entries(/Unseal/)).filter(({ basis }) => basis === 'restored vault').slice(-4);
  assert.ok(failed.every(({ outcome }) => outcome === 'VAULT_DAMAGED'));
  assert.equal(failed.length, 4, 'what was refused while it was sealed is on record');
});

test('an older backup is refused at the unseal, which says what to do; the newest opens', async () => {
  const older = await take();
  await world.client('sapporo-counter').Records.recordVaccination(
    { resident: addressee(7100000), dose: dose({ administeredOn: '2022-03-01' }) });
  const newest = await take();
  await world.keepCheckpoint('sapporo');
  const behind = await verify(older.name, '--checkpoint', 'sapporo.note');
  assert.equal(json(behind.stdout)[0].behind, true);
  await world.seal('sapporo');
  const kept = await take(); // sealed: with everything
  await restoreWell(older.name);
  const result = await unseal();
  assert.equal(result.code, 1);
  assert.match(result.stderr, /LEDGER_BEHIND/);
  assert.match(result.stderr, /vrx backup list/);
  assert.match(result.stderr, /vrx restore/);
  assert.match(result.stderr, /バックアップ/);
  assert.equal(await sealed(), true);
  assert.notEqual(newest.name, kept.name);
  await restoreWell(kept.name);
  await world.unseal('sapporo');
  assert.equal((await world.client('sapporo-counter').Records.getHistory({ resident: addressee(7100000) })).doses.length,
    1);
});

test('what was set aside stays until somebody says otherwise, while the vault is open', async () => {
  const replaced = () => tenants().filter((name) => name.startsWith(`${code}.replaced-`));
  const before_ = replaced();
  assert.ok(before_.length >= 4);
  const [, name] = before_[0].split('.replaced-');
  await world.seal('sapporo');
  await refused(world.client('platform').Backups.discardReplaced({ municipality: code, name }), 'TENANT_SEALED');
  await world.unseal('sapporo');
  await refused(world.client('platform').Backups.discardReplaced({ municipality: code, name: '20010101T000000Z' }),
    'NOT_FOUND');
  await world.well('platform', 'restore', 'discard', '--municipality', code, '--replaced', name);
  assert.equal(replaced().length, before_.length - 1);
  assert.ok((await entries(/DiscardReplaced/)).some(({ basis }) => basis === `replaced ${name}`));
});

// A call that is left, a seal, SIGTERM: the copy goes, the vault is as it was.
test('a backup that is given up leaves nothing behind', async () => {
  for (let i = 0; i < 8; i++) {
    const replies = world.client('platform').Backups.takeBackup({ municipality: code });
    const first = await replies.next();
    await replies.return();
    assert.ok(first.value.total > 0);
    await until(() => !parts().length);
    await turn();
  }
  for (let cut = 0; cut < 2;) { // a seal may come too late
    const replies = world.client('platform').Backups.takeBackup({ municipality: code });
    await replies.next();
    const taking = collect(replies).catch((error) => error);
    await world.seal('sapporo');
    const outcome = await taking;
    if (outcome instanceof Error) {
      assert.equal(outcome.reason, 'TENANT_SEALED', outcome.message);
      cut += 1;
    }
    assert.deepEqual(parts(), []);
    await world.unseal('sapporo');
  }
  for (let i = 0; i < 3; i++) {
    const replies = world.client('platform').Backups.takeBackup({ municipality: code });
    await replies.next();
    const taking = collect(replies).catch((error) => error);
    await world.endDaemon();
    await taking;
    assert.deepEqual(parts(), []);
    await world.startDaemon();
    for (const town of Object.keys(towns)) await world.unseal(town);
  }
  assert.equal((await everybody()).length >= residents, true);
});

test('one at a time; an unseal does not wait for the backup of the sealed vault', async () => {
  await world.seal('sapporo');
  const both = await Promise.all([1, 2, 3].map(() =>
    collect(world.client('platform').Backups.takeBackup({ municipality: code })).catch((error) => error)));
  for (const error of both.filter((one) => one instanceof Error)) assert.equal(error.reason, 'CAP_REACHED');
  assert.ok(both.some((one) => !(one instanceof Error)));
  const taking = collect(world.client('platform').Backups.takeBackup({ municipality: code }));
  await world.unseal('sapporo');
  const { backup } = (await taking).at(-1);
  assert.equal((await verify(backup.name)).code, 0);
});

test('a log that outgrows its limit ends the backup: CAP_REACHED', async () => {
  await world.endDaemon();
  await world.startDaemon('--backup-wal-mebibytes', '0');
  for (const town of Object.keys(towns)) await world.unseal(town);
  const writer = writing(7200000);
  let refusal = null;
  while (!refusal)
    await collect(world.client('platform').Backups.takeBackup({ municipality: code }))
      .catch((error) => { refusal = error; });
  await writer.stop();
  assert.equal(refusal.reason, 'CAP_REACHED');
  assert.match(refusal.clause, /faster than copied/);
  assert.deepEqual(parts(), []);
  residents = (await everybody()).length;
  await world.endDaemon();
  await world.startDaemon();
  for (const town of Object.keys(towns)) await world.unseal(town);
});

test('backups lie where vrxd is told; a place that is none keeps nobody from serving', async () => {
  const again = async (...more) => {
    await world.endDaemon();
    await world.startDaemon(...more);
    for (const town of Object.keys(towns)) await world.unseal(town);
  };
  const here = () => readdirSync(folder('.')).sort();
  const before_ = here();
  await again('--backups', 'elsewhere');
  const { name } = await take();
  assert.equal(statSync(world.path('elsewhere', code, name)).mode & 0o777, 0o700);
  assert.ok(statSync(world.path('elsewhere', code, name, 'vault.db')).size > 0);
  assert.deepEqual(here(), before_);
  await again('--backups', 'ca/certificate.pem');
  await refused(collect(world.client('platform').Backups.takeBackup({ municipality: code })), 'FILE_REFUSED');
  await refused(world.client('platform').Backups.listBackups(), 'FILE_REFUSED');
  assert.equal((await everybody()).length, residents);
  assert.ok((await entries(/TakeBackup/)).some(({ outcome }) => outcome === 'FILE_REFUSED'));
  await again();
});

const preload = join(program('..'), 'tests', 'support', 'libvrx_kill_at_sync.so');

// Starts a daemon that dies before its n-th sync, or before or after its n-th rename, does the work, and starts a
// whole one. False when it lived: the work has fewer steps.
const moments = ['BEFORE_SYNC', 'BEFORE_RENAME', 'AFTER_RENAME'];
async function dyingAt(moment, n, work) {
  await world.endDaemon();
  world.environment = { LD_PRELOAD: preload, VRX_KILL_SYNC_OF: '*', [`VRX_KILL_${moment}`]: String(n) };
  await world.startDaemon();
  world.environment = {};
  let lived = true;
  await work().catch(() => { lived = false; });
  await world.endDaemon(lived ? 'SIGTERM' : 'SIGKILL');
  await world.startDaemon();
  return lived;
}

test('a kill between any two steps of a backup leaves a whole one or none', async () => {
  let kills = 0;
  for (const when of moments) {
    for (let n = 1; ; n++) {
      const lived = await dyingAt(when, n,
        () => collect(world.client('platform').Backups.takeBackup({ municipality: code })));
      assert.deepEqual(parts(), []);
      const [name] = readdirSync(folder()).sort().slice(-1);
      assert.equal((await verify(name)).code, 0, `${when} ${n}`);
      if (lived) break;
      kills += 1;
    }
  }
  assert.ok(kills >= 12, `${kills} kills`);
});

test('a kill between any two steps of a restore leaves the old vault or the restored one', async () => {
  await world.unseal('sapporo');
  const old = await world.client('sapporo-counter').Records.getHistory({ resident: addressee(7100000) });
  const backup = await take();
  await world.seal('sapporo');
  const sizes = new Set();
  let kills = 0;
  for (const when of moments) {
    for (let n = 1; ; n++) {
      const lived = await dyingAt(when, n,
        () => collect(world.client('platform').Backups.restoreBackup({ municipality: code, name: backup.name })));
      assert.deepEqual(tenants().filter((name) => /\.restor/.test(name)), []);
      const { size } = await world.checkVault('sapporo');
      sizes.add(size);
      if (lived) break;
      kills += 1;
    }
  }
  assert.ok(kills >= 24, `${kills} kills`);
  await world.unseal('sapporo');
  assert.deepEqual(await world.client('sapporo-counter').Records.getHistory({ resident: addressee(7100000) }), old);
  await world.unseal('kashiwa');
});

test('the daemon killed at random moments of open backups: the vault opens, backups are whole', async () => {
  for (let i = 0; i < 6; i++) {
    const writer = writing(7300000 + i * 10000);
    const taking = collect(world.client('platform').Backups.takeBackup({ municipality: code })).catch((error) => error);
    await new Promise((resolve) => { setTimeout(resolve, Math.random() * 60); });
    await world.endDaemon('SIGKILL');
    await taking;
    await writer.stop().catch(() => {});
    await world.startDaemon();
    assert.deepEqual(parts(), []);
    for (const town of Object.keys(towns)) await world.unseal(town);
    for (const number of writer.written)
      await world.client('sapporo-counter').Records.getHistory({ resident: addressee(number) });
    const [name] = readdirSync(folder()).sort().slice(-1);
    assert.equal((await verify(name)).code, 0);
  }
});

test('a municipality moves to another host: restored into a daemon that never knew it', async () => {
  await world.keepCheckpoint('sapporo');
  const count = (await everybody()).length;
  await world.seal('sapporo');
  const { name } = await take();
  await world.endDaemon();
  renameSync(world.path('state'), world.path('old-state'));
  mkdirSync(world.path('state', 'backups', code), { recursive: true, mode: 0o700 });
  cpSync(world.path('old-state', 'backups', code, name), folder(name), { recursive: true });
  await world.startDaemon();
  assert.equal((await world.client('platform').Tenancy.status()).tenants.length, 0);
  await refused(world.client('sapporo-console').Tenancy.status(), 'TERMINAL_UNKNOWN');
  assert.equal((await restoreWell(name)).aside, undefined);
  await world.unseal('sapporo');
  assert.equal((await everybody()).length, count);
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(7100000) });
  assert.ok((await entries(/RestoreBackup/)).some(({ basis }) => basis === `backup ${name}`));
  await world.endDaemon();
  await world.startDaemon();
  await world.unseal('sapporo');
});
