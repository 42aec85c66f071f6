// SPDX-License-Identifier: Apache-2.0
// The key that a vault's pages are under changes while the municipality works; the daemon and the command are killed at
// any moment. Afterwards the key before opens nothing that is stored; a custodian who left, and kept key and keyring,
// opens no later copy of the vault once the root key has changed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World, run, runWell, towns, until } from './harness.mjs';
import { killDuring, kills, random, seed, unlessDead } from './kills.mjs';
import { program } from './programs.mjs';
import { addressee, dose, numberOf } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const FIRST_NUMBER = 80000000; // addressee numbers of the single writes; the town's are shorter

let world;
let dataKey = 1; // of Sapporo's keyring
let clean; // milliseconds that a change takes in peace
let people; // who works in this world
let number = FIRST_NUMBER;
const written = []; // acknowledged: addressee numbers

const keyring = (town) => join(world.custodian(town), 'keyring.cbor');
const custodian = (town) => join(world.custodian(town), 'custodian.pem');
const kept = (town) => readFileSync(world.path('state', 'tenants', towns[town].code, 'keyring.cbor'));
const rotate = (...more) => world.at('sapporo-console', 'rotate', 'data-key', '--keyring', keyring('sapporo'), '--json',
  ...more);
const rotateWell = async (...more) => {
  const { code, stdout, stderr } = await rotate(...more);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};
const withCustodian = () => ['--custodian', custodian('sapporo')];
const entries = async (town) => (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line)).filter(({ method }) => method.endsWith('/RotateDataKey'));

// A vault as it lies there, put aside.
function copyVault(town, name) {
  rmSync(world.path(name), { recursive: true, force: true });
  mkdirSync(world.path(name), { mode: 0o700 });
  for (const end of ['', '-wal'])
    if (existsSync(world.vault(town) + end)) copyFileSync(world.vault(town) + end, world.path(name, `vault.db${end}`));
  return world.path(name, 'vault.db');
}
const opens = (vault, ring, pem, town) => run('vrx-check-vault', [vault, ring, pem, towns[town].code]);

async function write() {
  const { Records } = world.client('sapporo-counter');
  number += 1;
  const mine = number;
  await Records.registerResident({ resident: { addresseeNumber: String(mine), sex: 2,
    individualNumber: numberOf(mine), name: '鍵 更子', kana: 'カギ サラコ', birthDate: '1990-01-01' } });
  await Records.recordVaccination({ resident: addressee(mine), dose: dose() });
  written.push(mine);
}

async function load(dead) {
  while (!dead()) await unlessDead(dead, write);
}

async function checkWritten(list = written) {
  const { Records } = world.client('sapporo-counter');
  for (const mine of list) {
    const { doses } = await Records.getHistory({ resident: addressee(mine) });
    assert.equal(doses.length, 1, `of ${mine}`);
  }
}

before(async () => {
  world = await World.make();
  const town = await makeTown(world.path('town'), { residents: 3000 });
  await importTown(world.client('sapporo-system'), town);
});

after(() => world?.close());

test('without a new key in the keyring there is nothing to move, and it says so', async () => {
  const told = await rotateWell();
  assert.deepEqual({ ...told, pages: 0 }, { data_key: 1, moved: false, pages: 0 });
  assert.ok(told.pages > 600, `${told.pages} pages: steps enough to be cut off in`);
});

test('a key custodian at a console, and an open vault: nobody else', async () => {
  const stream = (client) => collect(client.Tenancy.rotateDataKey({}));
  await refused(stream(world.client('sapporo-counter')), 'TERMINAL_KIND');
  await refused(stream(world.client('sapporo-system')), 'TERMINAL_KIND');
  await refused(stream(world.client('platform')), 'TERMINAL_KIND');
  await refused(stream(world.client('stranger')), 'TERMINAL_UNKNOWN');
  await refused(stream(world.client('sapporo-console', { operator: '' })), 'SESSION_REQUIRED');
  await refused(collect(world.client('sapporo-console').Tenancy.rotateDataKey({ dataKey: 2 })), 'WRONG_STATE');
  await world.seal('kashiwa');
  await refused(stream(world.client('kashiwa-console')), 'TENANT_SEALED');
  await world.unseal('kashiwa');
  await world.seal('kashiwa');
  const sealed = await world.at('kashiwa-console', 'rotate', 'data-key', '--keyring', keyring('kashiwa'));
  assert.match(sealed.stderr, /TENANT_SEALED/);
  assert.doesNotMatch(sealed.stderr, /in force/, 'nothing was begun');
  await world.unseal('kashiwa');
  const refusals = (await entries('sapporo')).map(({ outcome }) => outcome).filter((outcome) => outcome !== 'OK');
  assert.deepEqual([...refusals].sort(), ['SESSION_REQUIRED', 'TERMINAL_KIND', 'TERMINAL_KIND', 'WRONG_STATE']);
});

test('another custodian\'s key makes no new data key', async () => {
  const stranger = await rotate('--custodian', custodian('kashiwa'));
  assert.notEqual(stranger.code, 0);
  assert.match(stranger.stderr, /CUSTODIAN_REFUSED/);
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false);
});

test('the key changes while others read and write; progress is seen; the key before opens nothing', async () => {
  await world.seal('sapporo');
  copyFileSync(keyring('sapporo'), world.path('old.cbor'));
  const before_ = copyVault('sapporo', 'before');
  assert.equal((await opens(before_, world.path('old.cbor'), custodian('sapporo'), 'sapporo')).code, 0);
  await world.unseal('sapporo');

  let over = false;
  const first = written.length;
  const working = load(() => over);
  const begun = performance.now();
  const rotating = rotateWell(...withCustodian());
  const joined = (async () => { // a second caller, as soon as the new keyring is in force
    for (;;) {
      try {
        return await collect(world.client('sapporo-console').Tenancy.rotateDataKey({ dataKey: 2 }));
      } catch (error) {
        if (error.reason !== 'WRONG_STATE' || over) throw error;
      }
    }
  })();
  const told = await rotating;
  clean = performance.now() - begun;
  const messages = await joined;
  over = true;
  await working;
  dataKey = 2;
  assert.equal(told.data_key, 2);
  assert.ok(told.moved);
  assert.ok(written.length > first, 'others were served meanwhile');
  assert.ok(['ROTATION_PHASE_DONE', 'ROTATION_PHASE_NOTHING'].includes(messages.at(-1).phase));
  for (let i = 1; i < messages.length; i++)
    assert.ok(Number(messages[i].pages) >= Number(messages[i - 1].pages), 'progress goes on');
  assert.deepEqual(kept('sapporo'), readFileSync(keyring('sapporo')), 'the municipality has what the service has');
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false);
  await checkWritten();

  await world.seal('sapporo');
  const after_ = copyVault('sapporo', 'after');
  assert.match((await opens(after_, world.path('old.cbor'), custodian('sapporo'), 'sapporo')).stderr, /VAULT_DAMAGED/);
  assert.equal((await opens(after_, keyring('sapporo'), custodian('sapporo'), 'sapporo')).code, 0);
  const old = await world.at('sapporo-console', 'unseal', '--custodian', custodian('sapporo'), '--keyring', 'old.cbor');
  assert.match(old.stderr, /VAULT_DAMAGED/);
  await world.unseal('sapporo');
});

test('its beginning and its end stand in the ledger', async () => {
  const done = (await entries('sapporo')).filter(({ outcome }) => outcome === 'OK');
  assert.ok(done.some(({ basis }) => /^data key 2: all \d+ pages$/.test(basis ?? '')), JSON.stringify(done.at(-1)));
  assert.ok(done.every(({ operator }) => operator), 'a person is named');
});

// Runs the command again and again until what was begun is ended; then the keyring has the next key, once.
async function finish() {
  const told = await rotateWell();
  const ring = existsSync(`${keyring('sapporo')}.next`) ? await rotateWell(...withCustodian()) : told;
  dataKey = ring.data_key;
  assert.equal(existsSync(`${keyring('sapporo')}.next`), false);
  assert.deepEqual(kept('sapporo'), readFileSync(keyring('sapporo')));
  const again = await rotateWell();
  assert.deepEqual([again.data_key, again.moved], [ring.data_key, false]);
}

// With the people who work in this world, or with a daemon that asks for none: each kill ends every session and leaves
// log-ins that count as failed.
async function restart(places) {
  await world.endDaemon();
  world.options.unattended = places.size === 0;
  world.places = places;
  await world.startDaemon();
  for (const town of Object.keys(towns)) await world.unseal(town);
}

test(`the daemon is killed ${kills} times while the key changes`, async (t) => {
  t.diagnostic(`VRX_SEED=${seed}; ${Math.round(clean)} ms without a kill`);
  let cut = 0;
  const first = dataKey;
  people = world.places;
  await restart(new Map());
  for (let i = 0; i < kills; i++) {
    const from = written.length;
    let ended = false;
    await killDuring(world, clean * 1.1, async (dead) => {
      const rotating = rotate(...withCustodian()).then(({ code, stderr }) => {
        ended = code === 0;
        if (code !== 0 && !dead()) throw new Error(stderr);
      });
      await Promise.all([rotating, load(dead)]);
    });
    if (!ended) cut += 1;
    await checkWritten(written.slice(from));
    if (existsSync(`${keyring('sapporo')}.next`)) await rotateWell(...withCustodian());
    await finish();
  }
  t.diagnostic(`${cut} of ${kills} changes were cut off; data key ${dataKey}`);
  assert.ok(cut > 0 && dataKey > first);
  await checkWritten();
});

test('the command is killed at any moment, and run again', async (t) => {
  let cut = 0;
  const messages = [];
  const between = ({ phase, pages, pagesTotal }) => phase === 'ROTATION_PHASE_MOVING' && Number(pages) > 0 &&
    Number(pages) < Number(pagesTotal);
  for (let i = 0; i < 10 || (i < 60 && !messages.some(between)); i++) { // a kill in the middle of the pages is wanted
    const child = spawn(program('vrx'), ['rotate', 'data-key', '--keyring', keyring('sapporo'), ...withCustodian(),
      '--server', `localhost:${world.port}`, '--terminal', 'sapporo-console', '--operator', 'system.test'],
    { cwd: world.folder, stdio: 'ignore' });
    const ended = new Promise((resolve) => { child.on('exit', (code, signal) => resolve(signal)); });
    await new Promise((resolve) => { setTimeout(resolve, random() * clean); });
    child.kill('SIGKILL');
    if (await ended) cut += 1;
    if (i % 2) { // whatever of the two keyrings is in force, the municipality's own files open it
      await world.seal('sapporo');
      await world.unseal('sapporo');
    }
    if (existsSync(`${keyring('sapporo')}.next`)) await rotateWell(...withCustodian());
    else messages.push(...await collect(world.client('sapporo-console').Tenancy.rotateDataKey({})));
    await finish();
  }
  assert.ok(messages.some(between), 'progress is told, from where it stood');
  t.diagnostic(`${cut} runs were cut off; data key ${dataKey}`);
  await world.seal('sapporo');
  await world.checkVault('sapporo');
  await world.unseal('sapporo');
  await checkWritten();
  await restart(people);
});

test('a custodian who left opens no later copy, once the root key is another', async () => {
  const leaver = custodian('kashiwa');
  const old = world.path('left.cbor');
  copyFileSync(keyring('kashiwa'), old);
  await world.vrx('custodian', 'key', '--out', 'next.pem');
  writeFileSync(world.path('next.pub'), await world.vrx('custodian', 'public', '--custodian', 'next.pem'));
  await world.vrx('custodian', 'rotate', '--new-root', '--custodian', leaver, '--keyring', old, '--custodian-key',
    'next.pub', '--out', 'next.cbor');
  const replace = (pem, ring) => world.at('kashiwa-console', 'keyring', 'replace', '--custodian', pem, '--keyring', ring,
    '--json');
  const unnamed = await run('vrx', ['keyring', 'replace', '--custodian', 'next.pem', '--keyring', 'next.cbor', '--server',
    `localhost:${world.port}`, '--terminal', 'kashiwa-console'], { cwd: world.folder });
  assert.match(unnamed.stderr, /--operator/);
  const told = await replace('next.pem', 'next.cbor');
  assert.equal(told.code, 0, told.stderr);
  const { pages, ...rest } = JSON.parse(told.stdout);
  assert.deepEqual(rest, { missing: 0, data_key: 2, moved: true });
  assert.ok(pages > 0);

  // What the one who left still has, against what is stored from now on.
  await world.seal('kashiwa');
  const later = copyVault('kashiwa', 'later');
  assert.match((await opens(later, old, leaver, 'kashiwa')).stderr, /VAULT_DAMAGED/);
  assert.match((await opens(later, world.path('next.cbor'), leaver, 'kashiwa')).stderr, /CUSTODIAN_REFUSED/);
  assert.equal((await opens(later, world.path('next.cbor'), world.path('next.pem'), 'kashiwa')).code, 0);
  const unseal = (pem, ring) => world.at('kashiwa-console', 'unseal', '--custodian', pem, '--keyring', ring,
    '--checkpoint', 'kashiwa.note');
  assert.match((await unseal(leaver, old)).stderr, /VAULT_DAMAGED/);
  assert.match((await unseal(leaver, 'next.cbor')).stderr, /CUSTODIAN_REFUSED/);
  const opened = await unseal('next.pem', 'next.cbor');
  assert.equal(opened.code, 0, opened.stderr);

  // Nor does a console help to bring the old keys back: neither the keyring that was, nor a newer one made from it.
  const in_force = kept('kashiwa');
  assert.match((await replace(leaver, old)).stderr, /CUSTODIAN_REFUSED/);
  writeFileSync(world.path('leaver.pub'), await world.vrx('custodian', 'public', '--custodian', leaver));
  let ring = old;
  for (const name of ['forged-2.cbor', 'forged-3.cbor', 'forged-4.cbor']) {
    await world.vrx('custodian', 'rotate', '--new-data-key', '--custodian', leaver, '--keyring', ring,
      '--custodian-key', 'leaver.pub', '--out', name);
    assert.match((await replace(leaver, name)).stderr, /CUSTODIAN_REFUSED/, name);
    ring = world.path(name);
  }
  assert.deepEqual(kept('kashiwa'), in_force);
  await runWell('vrx', ['custodian', 'public', '--custodian', 'next.pem'], { cwd: world.folder });
  await until(async () => !(await world.client('kashiwa-console').Tenancy.status()).tenants[0].sealed);
});
