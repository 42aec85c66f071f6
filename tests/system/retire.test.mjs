// SPDX-License-Identifier: Apache-2.0
// A municipality leaves: its sealed folder is set aside as it is, its terminals are nobody's, and the code is free for a
// municipality that comes, or comes back. The platform operator does it, and can do nothing else that this file knows
// of; a kill at any moment leaves the tenant or the folder set aside, never neither.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { collect, grpc, refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { program } from './programs.mjs';
import { addressee, hanako } from './steps.mjs';

let world;
const code = '011002';

before(async () => {
  world = await World.make();
  await world.client('sapporo-counter').Records.registerResident({ resident: hanako });
});
after(() => world?.close());

const retire = (municipality = code, terminal = 'platform') =>
  world.client(terminal).Tenancy.retireTenant({ municipality });
const kept = async () => (await world.client('platform').Tenancy.status()).tenants
  .map(({ municipality }) => municipality);
const aside = () => readdirSync(world.path('state', 'tenants')).filter((name) => name.startsWith(`${code}.retired-`));
const files = (folder) => Object.fromEntries(readdirSync(folder).filter((name) => name !== 'outside').sort()
  .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));

test('the platform operator reaches what its rows say and nothing else', async () => {
  const may = ['Tenancy.createTenant', 'Tenancy.retireTenant', 'Tenancy.status', 'Backups.takeBackup',
    'Backups.listBackups', 'Backups.inspectBackup', 'Backups.restoreBackup', 'Backups.discardReplaced',
    'Verification.verify', 'Verification.getTrustList', 'Verification.getRevocationList', 'Law.getDirectory',
    'Law.getPermitTable'];
  const reached = [];
  for (const [service, methods] of Object.entries(world.client('platform'))) {
    if (typeof methods !== 'object') continue;
    for (const [method, call] of Object.entries(methods)) {
      const reply = call(/^(import|submit)/.test(method) ? [] : {});
      const { reason } = await (Symbol.asyncIterator in reply ? collect(reply) : reply).then(() => ({}), (error) => error);
      if (reason !== 'TERMINAL_KIND') reached.push(`${service}.${method}`);
    }
  }
  assert.deepEqual(reached.sort(), may.sort());
});

test('only the platform operator retires, only a municipality that is kept', async () => {
  for (const terminal of ['sapporo-console', 'sapporo-counter', 'kashiwa-console'])
    await refused(retire(code, terminal), 'TERMINAL_KIND');
  await refused(retire(code, 'stranger'), 'TERMINAL_UNKNOWN');
  await refused(retire('131016'), 'TENANT_UNKNOWN');
  await refused(retire('011003'), 'CHECK_DIGIT_WRONG');
  assert.deepEqual(await kept(), [code, '122173']);
});

test('an open vault is not retired, and its ledger has the attempt', async () => {
  await refused(retire(), 'WRONG_STATE');
  const denied = (await entries()).filter(({ method }) => method === '/vrx.v1.Tenancy/RetireTenant');
  assert.deepEqual(denied.map(({ outcome }) => outcome), ['TERMINAL_KIND', 'TERMINAL_KIND', 'WRONG_STATE']);
  assert.equal(denied[2].operator, 'system.test');
  assert.equal((await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) })).resident.name,
    hanako.name);
});

test('a sealed one is set aside as it is', async () => {
  await world.seal('sapporo');
  const before = files(world.path('state', 'tenants', code));
  const { folder } = await retire();
  assert.match(folder, /^011002\.retired-\d{8}T\d{6}Z$/);
  assert.deepEqual(aside(), [folder]);
  assert.ok(!existsSync(world.path('state', 'tenants', code)));
  assert.deepEqual(files(world.path('state', 'tenants', folder)), before);
  assert.deepEqual(await kept(), ['122173']);
  await until(() => /"event":"retired","subject":"011002"/.test(world.daemon.output()));
  await refused(retire(), 'TENANT_UNKNOWN');
});

test('its terminals are nobody\'s, and others go on', async () => {
  for (const terminal of ['console', 'counter', 'system', 'kiosk'])
    await refused(world.client(`sapporo-${terminal}`).Tenancy.status(), 'TERMINAL_UNKNOWN');
  await refused(world.client('sapporo-console').Tenancy.beginUnseal(), 'TERMINAL_UNKNOWN');
  await refused(world.client('kashiwa-counter').Records.getHistory({ resident: addressee(1) }), 'NOT_FOUND');
  await world.endDaemon();
  await world.startDaemon();
  assert.deepEqual(await kept(), ['122173']);
  await world.unseal('kashiwa');
});

test('put back by hand, it opens, and its ledger says who retired it', async () => {
  await world.endDaemon();
  renameSync(world.path('state', 'tenants', aside()[0]), world.path('state', 'tenants', code));
  await world.startDaemon();
  await world.unseal('sapporo');
  await world.unseal('kashiwa');
  const found = (await entries()).filter(({ method, outcome }) => method === '/vrx.v1.Tenancy/RetireTenant' &&
    outcome === 'OK');
  assert.equal(found.length, 1);
  assert.equal(found[0].operator, 'system.test');
  assert.equal(found[0].purpose, 'noted beside the sealed vault');
  assert.match(found[0].basis, /^retired \d{8}T\d{6}Z$/);
});

test('afterwards the code may be taken in again, from a backup or from nothing', async () => {
  await world.well('platform', 'backup', '--municipality', code);
  await world.seal('sapporo');
  assert.match(await world.well('platform', 'tenant', 'retire', '--municipality', code), /011002\.retired-/);
  const [{ name }] = (await world.client('platform').Backups.listBackups({ municipality: code })).backups;
  await collect(world.client('platform').Backups.restoreBackup({ municipality: code, name }));
  assert.deepEqual(await kept(), [code, '122173']);
  await world.at('sapporo-console', 'unseal', '--custodian', `custodian-${code}/custodian.pem`, '--keyring',
    `custodian-${code}/keyring.cbor`);
  assert.equal((await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) })).resident.name,
    hanako.name);
  await world.seal('sapporo');
  await world.well('platform', 'tenant', 'retire', '--municipality', code);
  assert.equal(aside().length, 2);
  await world.well('platform', 'tenant', 'create', '--keyring', `custodian-${code}/keyring.cbor`, '--console',
    'sapporo-console/certificate.pem');
  await world.well('sapporo-console', 'unseal', '--custodian', `custodian-${code}/custodian.pem`, '--keyring',
    `custodian-${code}/keyring.cbor`, '--checkpoint', 'fresh.note');
  const [, size] = readFileSync(world.path('fresh.note'), 'utf8').split('\n');
  assert.ok(Number(size) < 10, `a ledger of ${size} entries is not a new one`);
});

// At each durable step of it, and at the change of the name.
const preload = join(program('..'), 'tests', 'support', 'libvrx_kill_at_sync.so');
for (const kill of ['BEFORE_RENAME', 'AFTER_RENAME', 'BEFORE_SYNC', 'AFTER_SYNC'])
  for (let n = 1; n <= (kill.endsWith('RENAME') ? 2 : 4); n++)
    test(`killed ${kill.toLowerCase().replace('_', ' ')} ${n}: it is kept, or set aside`, async () => {
      await world.endDaemon();
      const left = aside().length;
      world.environment = { LD_PRELOAD: preload, ASAN_OPTIONS: 'verify_asan_link_order=0', [`VRX_KILL_${kill}`]: `${n}`,
        VRX_KILL_SYNC_OF: '*/tenants*' };
      await world.startDaemon();
      world.environment = {};
      const outcome = await retire().then(() => 'OK', ({ code: status }) => grpc.status[status]);
      await world.endDaemon('SIGKILL');
      const isKept = existsSync(world.path('state', 'tenants', code));
      assert.equal(aside().length, left + (isKept ? 0 : 1));
      if (outcome === 'OK') assert.ok(!isKept, 'acknowledged');
      await world.startDaemon();
      assert.equal((await kept()).includes(code), isKept);
      if (!isKept) {
        await world.endDaemon();
        renameSync(world.path('state', 'tenants', aside().at(-1)), world.path('state', 'tenants', code));
        await world.startDaemon();
      }
    });
