// SPDX-License-Identifier: Apache-2.0
// Who opens a vault, and which: only a custodian of the municipality, at its own console, over this connection; not
// an old copy that was put back, not one that was changed. Terminals and proofs of the ledger beside.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, run } from './harness.mjs';
import { addressee, hanako } from './steps.mjs';

let world;

before(async () => {
  world = await World.make({ unattended: true });
  await world.client('sapporo-counter').Records.registerResident({ resident: hanako });
});

after(() => world?.close());

const unseal = (terminal, custodian, keyring, note = 'sapporo.note') => world.at(terminal, 'unseal', '--custodian',
  `custodian-${custodian}/custodian.pem`, '--keyring', `custodian-${keyring}/keyring.cbor`, '--checkpoint', note);

async function sealed(town) {
  const { tenants } = await world.client(`${town}-console`).Tenancy.status();
  assert.equal(tenants.length, 1, 'a municipality sees itself only');
  return tenants[0].sealed;
}

test('an open vault is not opened again: ALREADY_EXISTS', async () => {
  await refused(world.client('sapporo-console').Tenancy.beginUnseal(), 'ALREADY_EXISTS');
});

test('the platform operator sees both and opens neither', async () => {
  const platform = world.client('platform');
  assert.deepEqual((await platform.Tenancy.status()).tenants.map(({ municipality }) => municipality),
    ['011002', '122173']);
  await refused(platform.Tenancy.beginUnseal(), 'TERMINAL_KIND');
  await refused(platform.Tenancy.createTenant({
    keyring: readFileSync(world.path('custodian-011002', 'keyring.cbor')), consoleSpkiSha256: Buffer.alloc(32) }),
  'ALREADY_EXISTS');
});

test('a custodian of another municipality opens nothing', async () => {
  await world.seal('sapporo');
  for (const [terminal, custodian, keyring] of [['sapporo-console', '122173', '011002'],
    ['sapporo-console', '122173', '122173']]) {
    const result = await unseal(terminal, custodian, keyring);
    assert.notEqual(result.code, 0);
    assert.equal(await sealed('sapporo'), true);
  }
});

test('a made-up answer is refused: CUSTODIAN_REFUSED, and keeps no custodian out', async () => {
  const { Tenancy } = world.client('sapporo-console');
  const { sessionId, ephemeralPoint } = await Tenancy.beginUnseal();
  assert.equal(ephemeralPoint.length, 65);
  await refused(Tenancy.unseal({ sessionId: Buffer.alloc(16), wrappedRoot: Buffer.alloc(100) }), 'NOT_FOUND');
  await refused(Tenancy.unseal({ sessionId, wrappedRoot: Buffer.alloc(100) }), 'CUSTODIAN_REFUSED');
  assert.equal(await sealed('sapporo'), true);
  assert.deepEqual((await Tenancy.beginUnseal()).sessionId, sessionId, 'the unseal waits on');
});

test('not from a terminal that is no console', async () => {
  const result = await unseal('sapporo-counter', '011002', '011002');
  assert.notEqual(result.code, 0);
  assert.match(result.stderr, /TERMINAL_KIND/);
  assert.equal(await sealed('sapporo'), true);
  await world.unseal('sapporo');
});

test('an old copy of the vault is noticed: LEDGER_BEHIND', async () => {
  const folder = world.path('state', 'tenants', '011002');
  await world.seal('sapporo');
  cpSync(folder, world.path('old'), { recursive: true });
  await world.unseal('sapporo');
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) });
  await world.keepCheckpoint('sapporo');
  await world.seal('sapporo');
  cpSync(folder, world.path('new'), { recursive: true });
  const put = (name) => {
    rmSync(folder, { recursive: true });
    cpSync(world.path(name), folder, { recursive: true });
  };

  put('old');
  // Twice: what the first refusal adds to the old copy's ledger is none of what was there.
  const { size } = world.heldCheckpoint('sapporo');
  let had;
  for (let time = 0; time < 2; time++) {
    const result = await unseal('sapporo-console', '011002', '011002');
    assert.equal(result.code, 1);
    assert.match(result.stderr, /LEDGER_BEHIND/);
    assert.equal(await sealed('sapporo'), true);
    const [{ behind }] = (await world.client('sapporo-console').Tenancy.status()).tenants;
    assert.equal(behind.held, size);
    had ??= behind.entries;
    assert.ok(had < size && had === behind.entries);
    assert.ok(behind.lastAt > 1.7e9 && behind.refusedAt >= behind.lastAt);
    assert.match(result.stderr, new RegExp(`held / 保持している検証点: ${size} entries / 件 {2}\\(20.* JST\\)`));
    assert.match(result.stderr, new RegExp(`service / サービスの台帳: {2}${had} entries / 件 {2}\\(last / 最終 20`));
    assert.match(result.stderr, new RegExp(`At least ${size - had} entries are missing.*JST`));
    assert.match(result.stderr, new RegExp(`少なくとも ${size - had} 件`));
    assert.match(result.stderr, /What to do:[^]*evidence[^]*newest vault[^]*in writing[^]*対応:[^]*証拠[^]*最新[^]*文書で決定/);
  }
  for (const { behind } of (await world.client('platform').Tenancy.status()).tenants) assert.equal(behind, null);
  await refused(world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) }), 'TENANT_SEALED');

  put('new');
  await world.unseal('sapporo');
  assert.equal((await world.client('sapporo-console').Tenancy.status()).tenants[0].behind, null);
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) });
});

// What a kill leaves stands in the WAL for the most part; whoever takes its end away takes entries of the ledger.
test('a WAL that was cut short behind the checkpoint is noticed: LEDGER_BEHIND', async () => {
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) });
  await world.keepCheckpoint('sapporo');
  await world.endDaemon('SIGKILL');
  const wal = `${world.vault('sapporo')}-wal`;
  const whole = readFileSync(wal);
  assert.ok(whole.length > 32 + 2 * 4120, 'a header and frames');
  const database = readFileSync(world.vault('sapporo'));
  await world.startDaemon();
  for (const length of [0, 32, 32 + 4120]) {
    writeFileSync(world.vault('sapporo'), database);
    writeFileSync(wal, whole.subarray(0, length));
    const result = await unseal('sapporo-console', '011002', '011002');
    assert.equal(result.code, 1, `${length} of ${whole.length} bytes`);
    assert.match(result.stderr, /LEDGER_BEHIND/);
    assert.equal(await sealed('sapporo'), true);
  }
  writeFileSync(world.vault('sapporo'), database);
  writeFileSync(wal, whole);
  await world.unseal('sapporo');
  await world.unseal('kashiwa');
});

// Page by page, all that a write of the ledger changed: each was genuine where it is put back.
test('an older page under a new ledger is noticed: VAULT_DAMAGED', async () => {
  await world.seal('sapporo');
  const old = readFileSync(world.vault('sapporo'));
  await world.unseal('sapporo');
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) });
  await world.keepCheckpoint('sapporo');
  await world.seal('sapporo');
  const now = readFileSync(world.vault('sapporo'));
  let changed = 0;
  for (let at = 2 * 4096; at + 4096 <= Math.min(old.length, now.length); at += 4096) {
    const page = old.subarray(at, at + 4096);
    if (page.equals(now.subarray(at, at + 4096))) continue;
    const mixed = Buffer.from(now);
    page.copy(mixed, at);
    writeFileSync(world.vault('sapporo'), mixed);
    const result = await unseal('sapporo-console', '011002', '011002');
    assert.equal(result.code, 1, `page ${at / 4096}`);
    assert.match(result.stderr, /VAULT_DAMAGED/);
    assert.equal(await sealed('sapporo'), true);
    assert.ok(readFileSync(world.vault('sapporo')).equals(mixed), 'nothing is written');
    changed += 1;
  }
  assert.ok(changed > 1, `${changed} pages`);
  writeFileSync(world.vault('sapporo'), now);
  await world.unseal('sapporo');
});

// The header stands in two slots before page 1; one of them is enough, as is all else where nobody has written.
test('a changed byte in the vault is noticed or harmless, and none gives wrong data', async () => {
  await world.seal('sapporo');
  const good = readFileSync(world.vault('sapporo'));
  const whole = await world.checkVault('sapporo');
  const pages = good.length / 4096;
  const spoil = async (...which) => {
    const bad = Buffer.from(good);
    for (const page of which) bad[page * 4096 + 2000] ^= 1;
    writeFileSync(world.vault('sapporo'), bad);
    return world.checkVault('sapporo').catch(({ message }) => {
      assert.match(message, /VAULT_DAMAGED/, `pages ${which}`);
      return null;
    });
  };
  let noticed = 0;
  for (let page = 0; page < pages; page++) {
    const left = await spoil(page);
    if (left) assert.deepEqual(left, whole, `page ${page}`);
    else noticed += 1;
  }
  assert.ok(pages > 10 && noticed >= pages - 3, `${noticed} of ${pages} noticed`);
  assert.equal(await spoil(0, 1), null, 'both slots of the header');
  assert.equal(await spoil(2), null, 'the first page of the database');
  assert.notEqual((await unseal('sapporo-console', '011002', '011002')).code, 0);
  assert.equal(await sealed('sapporo'), true);
  writeFileSync(world.vault('sapporo'), good);
  await world.unseal('sapporo');
});

test('Kashiwa\'s vault in Sapporo\'s place opens with neither key', async () => {
  await world.seal('sapporo');
  const good = readFileSync(world.vault('sapporo'));
  cpSync(world.vault('kashiwa'), world.vault('sapporo'));
  for (const custodian of ['011002', '122173'])
    assert.notEqual((await unseal('sapporo-console', custodian, '011002')).code, 0);
  writeFileSync(world.vault('sapporo'), good);
  await world.unseal('sapporo');
});

// RFC 9162 §2.1.3.2, written here a second time.
function rootOf(entry, index, size, path) {
  const hash = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
  let node = hash(Buffer.from([0]), entry);
  let [fn, sn] = [index, size - 1];
  for (const sibling of path) {
    assert.notEqual(sn, 0, 'the path is too long');
    if (fn % 2 === 1 || fn === sn) {
      node = hash(Buffer.from([1]), sibling, node);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else {
      node = hash(Buffer.from([1]), node, sibling);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  assert.equal(sn, 0, 'the path is too short');
  return node.toString('base64');
}

test('every entry of the ledger is proven by RFC 9162, and by `vrx audit verify`', async () => {
  const { Ledger } = world.client('sapporo-console');
  const entries = await collect(Ledger.exportEntries());
  assert.ok(entries.length > 10);
  for (const { index, entry } of entries) {
    const proof = await Ledger.proveInclusion({ index, size: entries.length });
    assert.deepEqual(proof.entry, entry);
    const [origin, size, root] = proof.note.split('\n');
    assert.match(origin, /011002/);
    assert.equal(Number(size), entries.length);
    assert.equal(rootOf(proof.entry, index, entries.length, proof.path), root);
  }
  await world.well('sapporo-console', 'audit', 'prove', '--index', '3', '--out', 'proof.json');
  const verify = (keyring) =>
    run('vrx', ['audit', 'verify', 'proof.json', '--keyring', keyring], { cwd: world.folder });
  assert.equal((await verify('custodian-011002/keyring.cbor')).code, 0);
  assert.notEqual((await verify('custodian-122173/keyring.cbor')).code, 0);
  await refused(Ledger.proveInclusion({ index: 10 ** 6, size: 0 }), 'INPUT_RANGE');
  await refused(Ledger.proveConsistency({ first: 10 ** 6, second: 0 }), 'INPUT_RANGE');
  await refused(collect(Ledger.exportEntries({ from: 10 ** 6 })), 'INPUT_RANGE');
});

test('a registered terminal is listed, and works at once', async () => {
  const { Tenancy } = world.client('sapporo-console');
  const before_ = (await Tenancy.listTerminals()).terminals;
  await refused(world.client('stranger').Records.getHistory({ resident: addressee(1) }), 'TERMINAL_UNKNOWN');
  await world.well('sapporo-console', 'terminal', 'register', '--certificate', 'stranger/certificate.pem', '--kind',
    'counter', '--label', '窓口2');
  const { terminals } = await Tenancy.listTerminals();
  assert.equal(terminals.length, before_.length + 1);
  assert.equal(terminals.at(-1).label, '窓口2');
  assert.equal(terminals.at(-1).kind, 'TERMINAL_KIND_COUNTER');
  assert.ok((await world.client('stranger').Records.getHistory({ resident: addressee(1) })).resident);
  await refused(Tenancy.registerTerminal({ terminal: terminals.at(-1) }), 'INPUT_FIELD_UNKNOWN');
});
