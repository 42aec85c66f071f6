// SPDX-License-Identifier: Apache-2.0
// Whoever has the disk changes the files of a sealed municipality, then its custodian unseals and everything is read.
// Each change is refused, at the unseal or when the page is read (then the vault seals itself), or the page is not read
// and everything is as it was; the check of the whole vault sees it even so. tests/fault/vaultfs does more of it below
// the daemon. An older copy and a WAL cut short: vault.test.mjs.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Refusal, collect } from './clients.mjs';
import { World, until } from './harness.mjs';
import { importTown, makeTown } from './town.mjs';

const PAGE = 4096;

let world;
let truth; // what an export of Sapporo says

before(async () => {
  world = await World.make({ unattended: true });
  const town = await makeTown(world.path('town'), { residents: 100 });
  for (const name of ['sapporo', 'kashiwa']) await importTown(world.client(`${name}-system`), town);
  truth = await collect(world.client('sapporo-console').Records.export());
  assert.ok(truth.length > 20);
  for (const name of ['sapporo', 'kashiwa']) {
    await world.keepCheckpoint(name);
    await world.seal(name);
  }
});

after(() => world?.close());

// With a checkpoint file of its own: the good vault, which comes back afterwards, does not have this unseal's entry.
const tryToOpen = (town = 'sapporo', code = '011002') => {
  copyFileSync(world.path(`${town}.note`), world.path('try.note'));
  return world.at(`${town}-console`, 'unseal', '--custodian', `custodian-${code}/custodian.pem`, '--keyring',
    `custodian-${code}/keyring.cbor`, '--checkpoint', 'try.note');
};

const isSealed = async () => (await world.client('sapporo-console').Tenancy.status()).tenants[0].sealed;

// "unseal" or "read", where it was refused; "harmless" when everything reads as it was. The vault is sealed again. What
// the daemon does by itself may meet the page first; then a call finds the vault sealed already, or was in the very
// transaction that met it.
async function outcome(what) {
  const { code, stderr } = await tryToOpen();
  if (code !== 0) {
    assert.match(stderr, /VAULT_DAMAGED|LEDGER_BEHIND|TENANT_SEALED/, `${what}: ${stderr}`);
    await until(isSealed);
    return 'unseal';
  }
  const read = await collect(world.client('sapporo-console').Records.export()).catch((error) => error);
  if (!(read instanceof Error)) {
    assert.deepEqual(read, truth, what);
    const sealed = await world.seal('sapporo').then(() => null, ({ reason }) => reason);
    assert.match(sealed ?? 'TENANT_SEALED', /^(VAULT_DAMAGED|TENANT_SEALED)$/, `${what}: ${sealed}`);
    await until(isSealed);
    return sealed ? 'read' : 'harmless';
  }
  assert.ok(read instanceof Refusal, read.stack);
  assert.match(read.reason, /^(VAULT_DAMAGED|TENANT_SEALED)$/, `${what}: ${read.message}`);
  await until(isSealed); // by itself
  return 'read';
}

test('a bit, a zeroed page, a copied one, two exchanged, another municipality\'s: refused or harmless', async (t) => {
  const good = readFileSync(world.vault('sapporo'));
  const other = readFileSync(world.vault('kashiwa'));
  const pages = good.length / PAGE;
  const at = (bytes, page) => bytes.subarray(page * PAGE, (page + 1) * PAGE);
  const ways = {
    bit: (bad, page) => { bad[page * PAGE + (page * 97) % PAGE] ^= 1 << page % 8; },
    zeroed: (bad, page) => at(bad, page).fill(0),
    copied: (bad, page) => at(good, (page + 1) % pages).copy(at(bad, page)),
    exchanged: (bad, page) => {
      at(good, (page + 1) % pages).copy(at(bad, page));
      at(good, page).copy(at(bad, (page + 1) % pages));
    },
    foreign: (bad, page) => at(other, page % (other.length / PAGE)).copy(at(bad, page)),
  };
  const names = Object.keys(ways);
  const counts = { unseal: 0, read: 0, harmless: 0 };
  let unnoticed = 0;
  assert.ok(pages > 4 * names.length, `${pages} pages`);
  for (let page = 0; page < pages; page += 2) {
    const name = names[page / 2 % names.length];
    const bad = Buffer.from(good);
    ways[name](bad, page);
    writeFileSync(world.vault('sapporo'), bad);
    rmSync(`${world.vault('sapporo')}-wal`, { force: true });
    const what = `page ${page} ${name}`;
    const seen = await world.checkVault('sapporo').then(() => null, ({ message }) => message);
    if (seen) assert.match(seen, /VAULT_DAMAGED/, `${what}: ${seen}`);
    else unnoticed += 1;
    counts[await outcome(what)] += 1;
  }
  writeFileSync(world.vault('sapporo'), good);
  rmSync(`${world.vault('sapporo')}-wal`, { force: true });
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.unseal > 0 && unnoticed <= 2, `${unnoticed}: one slot of the header, a free page`);
  await world.unseal('sapporo');
  assert.deepEqual(await collect(world.client('sapporo-console').Records.export()), truth);
});

test('the other municipality\'s log beside the vault is refused', async () => {
  await world.unseal('kashiwa');
  for (const town of ['sapporo', 'kashiwa']) {
    await collect(world.client(`${town}-console`).Records.export());
    await world.keepCheckpoint(town);
  }
  await world.endDaemon('SIGKILL');
  const wals = ['sapporo', 'kashiwa'].map((town) => `${world.vault(town)}-wal`);
  const [own, foreign] = wals.map((wal) => readFileSync(wal));
  const database = readFileSync(world.vault('sapporo'));
  assert.ok(own.length > PAGE && foreign.length > PAGE);
  await world.startDaemon();
  writeFileSync(wals[0], foreign);
  assert.equal(await outcome('foreign log'), 'unseal');
  writeFileSync(world.vault('sapporo'), database);
  writeFileSync(wals[0], own);
  await world.unseal('sapporo');
  await world.unseal('kashiwa');
  assert.deepEqual(await collect(world.client('sapporo-console').Records.export()), truth);
});

test('with their folders exchanged, neither opens for anybody', async () => {
  await world.endDaemon();
  const folders = ['011002', '122173'].map((code) => world.path('state', 'tenants', code));
  const exchange = () => {
    renameSync(folders[0], world.path('aside'));
    renameSync(folders[1], folders[0]);
    renameSync(world.path('aside'), folders[1]);
  };
  cpSync(world.path('state'), world.path('state.kept'), { recursive: true });
  exchange();
  const started = await world.startDaemon().then(() => true, () => false);
  for (const town of started ? ['sapporo', 'kashiwa'] : [])
    for (const code of ['011002', '122173'])
      assert.notEqual((await tryToOpen(town, code)).code, 0, `${town}'s console, custodian of ${code}`);
  if (started) await world.endDaemon();
  rmSync(world.path('state'), { recursive: true });
  cpSync(world.path('state.kept'), world.path('state'), { recursive: true });
  assert.ok(existsSync(world.vault('sapporo')));
  await world.startDaemon();
  await world.unseal('sapporo');
  assert.deepEqual(await collect(world.client('sapporo-console').Records.export()), truth);
});
