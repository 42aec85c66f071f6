// SPDX-License-Identifier: Apache-2.0
// `vrx check` on an open vault: whole while others work on it, and what it found is on record. A page that is changed on
// the disk under the open vault is noticed when it is read, by the check or by anybody's call; the vault seals itself
// then, says so in the log, and opens again with the good page.
import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const PAGE = 4096;
let world;
let numbers; // of residents

before(async () => {
  world = await World.make();
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 2000 }));
  numbers = (await collect(world.client('sapporo-console').Records.export()))
    .map(({ resident }) => resident.addresseeNumber);
});

after(() => world?.close());

const sealed = async () => (await world.client('sapporo-console').Tenancy.status()).tenants[0].sealed;
const history = (number) => world.client('sapporo-counter').Records.getHistory({ resident: addressee(number) });
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const logged = () => world.daemon.output().split('\n').filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line)).filter(({ event }) => event === 'sealed by itself');

// The file's pages from `first` on.
const pagesFrom = (first) => Array.from({ length: statSync(world.vault('sapporo')).size / PAGE - first },
  (_, at) => first + at);

// One bit in the middle of each of these pages, in the file that the daemon has open; again, and it is as it was.
function flip(pages) {
  const file = openSync(world.vault('sapporo'), 'r+');
  const byte = Buffer.alloc(1);
  for (const page of pages) {
    readSync(file, byte, 0, 1, page * PAGE + 2000);
    byte[0] ^= 1;
    writeSync(file, byte, 0, 1, page * PAGE + 2000);
  }
  closeSync(file);
}

test('only a console asks', async () => {
  for (const terminal of ['sapporo-counter', 'sapporo-system', 'sapporo-kiosk', 'platform'])
    await refused(collect(world.client(terminal).Tenancy.checkVault()), 'TERMINAL_KIND');
});

test('a vault is whole, also while it is written to, and the ledger says so', async () => {
  let done = false;
  const writing = (async () => {
    let calls = 0;
    for (; !done; calls++) await history(numbers[calls % numbers.length]);
    return calls;
  })();
  const steps = await collect(world.client('sapporo-console').Tenancy.checkVault());
  const whole = JSON.parse(await world.well('sapporo-console', 'check', '--json'));
  done = true;
  assert.ok(await writing > 0);
  assert.deepEqual([...new Set(steps.map(({ phase }) => phase))],
    ['CHECK_PHASE_PAGES', 'CHECK_PHASE_TABLES', 'CHECK_PHASE_LEDGER', 'CHECK_PHASE_WHOLE']);
  const last = steps.at(-1);
  assert.equal(last.pages, last.pagesTotal);
  assert.equal(last.tables, last.tablesTotal);
  assert.equal(last.entries, last.entriesTotal);
  assert.ok(last.pages > 100 && last.tables > 10 && last.entries > 10);
  assert.equal(whole.whole, true);
  assert.match(await world.well('sapporo-console', 'check'), /whole: \d+ pages.*\n異常なし/);
  const bases = (await entries()).filter(({ method }) => method.endsWith('/CheckVault')).map(({ basis }) => basis);
  assert.equal(bases.filter((basis) => /^whole: \d+ pages, \d+ tables, \d+ entries$/.test(basis ?? '')).length, 3);
  assert.equal(await sealed(), false);
});

test('a changed page under an open vault: the check finds it, and the vault seals itself', async () => {
  const changed = [60]; // of the first that the import filled: nobody writes it any more
  flip(changed);
  const result = await world.at('sapporo-console', 'check');
  assert.equal(result.code, 1);
  assert.match(result.stderr, /VAULT_DAMAGED/);
  assert.match(result.stderr, /sealed itself[^]*自動的に封印されました/);
  await until(sealed);
  await refused(history(1), 'TENANT_SEALED');
  assert.equal(logged().length, 1);
  assert.equal(logged()[0].outcome, 'VAULT_DAMAGED');
  assert.equal(logged()[0].subject, '011002');
  flip(changed);
  await world.unseal('sapporo');
  await history(1);
});

test('so does any call that reads it', async () => {
  await world.seal('sapporo'); // the cache is gone, and nothing is in the WAL
  await world.unseal('sapporo');
  const changed = pagesFrom(20);
  flip(changed);
  let reason = null;
  for (let at = 0; !reason && at < numbers.length; at++)
    reason = await history(numbers[at]).then(() => null, (error) => error.reason);
  assert.equal(reason, 'VAULT_DAMAGED');
  await until(sealed);
  assert.equal(logged().length, 2);
  flip(changed);
  await world.unseal('sapporo');
  const sealings = (await entries()).filter(({ method, terminal }) =>
    method === '/vrx.v1.Tenancy/Seal' && terminal === 'vrxd');
  assert.equal(sealings.length, 2, 'both are in the ledger since the next unseal');
  for (const { outcome, basis } of sealings) {
    assert.equal(outcome, 'VAULT_DAMAGED');
    assert.match(basis, /^sealed by itself/);
  }
  assert.equal(JSON.parse(await world.well('sapporo-console', 'check', '--json')).whole, true);
});
