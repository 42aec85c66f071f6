// SPDX-License-Identifier: Apache-2.0
// A custodian process that stays: it keeps two municipalities open across seals and restarts of the daemon, keeps
// their checkpoints, stops where the ledger's proof speaks against the vault, and ends when it is told to.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, towns } from './harness.mjs';
import { start, until } from './programs.mjs';

let world;
let watch;

before(async () => { world = await World.make({ unattended: true }); });

after(async () => {
  await watch?.end();
  await world?.close();
});

const sealed = async (town) =>
  (await world.client('platform').Tenancy.status()).tenants.find(({ municipality }) =>
    municipality === towns[town].code).sealed;
const states = () => watch.output().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  .map(({ municipality, state }) => `${municipality} ${state}`);
const said = (town, state) => states().filter((line) => line.startsWith(`${towns[town].code} ${state}`)).length;

function begin() {
  writeFileSync(world.path('list'), Object.entries(towns).map(([town, { code }]) => [`${town}-console`,
    `custodian-${code}/custodian.pem`, `custodian-${code}/keyring.cbor`, `${town}.note`].join('\t')).join('\n') + '\n');
  watch = start('vrx', ['watch', '--server', `localhost:${world.port}`, '--list', 'list', '--json'],
    { cwd: world.folder });
}

test('what is sealed is opened, for both', async () => {
  for (const town of Object.keys(towns)) await world.seal(town);
  begin();
  for (const town of Object.keys(towns)) await until(async () => !(await sealed(town)));
  await until(() => said('sapporo', 'open') === 1 && said('kashiwa', 'open') === 1);
});

test('also when it is sealed later, with the new checkpoint kept', async () => {
  const note = readFileSync(world.path('sapporo.note'), 'utf8');
  await world.seal('sapporo');
  await until(async () => !(await sealed('sapporo')));
  await until(() => readFileSync(world.path('sapporo.note'), 'utf8') !== note);
});

test('also when the daemon was killed and comes back', async () => {
  await world.endDaemon('SIGKILL');
  await until(() => said('sapporo', 'not reached') && said('kashiwa', 'not reached'));
  await world.startDaemon('--listen', `127.0.0.1:${world.port}`);
  for (const town of Object.keys(towns)) await until(async () => !(await sealed(town)));
});

test('an old copy of a vault is given up, on its own; the other is kept open', async () => {
  const folder = world.path('state', 'tenants', towns.kashiwa.code);
  await world.endDaemon();
  cpSync(folder, world.path('old'), { recursive: true });
  const note = readFileSync(world.path('kashiwa.note'), 'utf8');
  await world.startDaemon('--listen', `127.0.0.1:${world.port}`);
  await until(() => readFileSync(world.path('kashiwa.note'), 'utf8') !== note);
  await world.endDaemon();
  rmSync(folder, { recursive: true });
  cpSync(world.path('old'), folder, { recursive: true });
  await world.startDaemon('--listen', `127.0.0.1:${world.port}`);
  await until(() => said('kashiwa', 'GIVEN UP'));
  assert.match(watch.output(), /LEDGER_BEHIND/);
  await until(() => /文書で決定/.test(watch.output()));
  assert.match(watch.output(), new RegExp(`${towns.kashiwa.code}: the service's ledger does not contain`));
  assert.match(watch.output(), /At least \d+ entries are missing: all that was done after 20.* JST/);
  await until(async () => !(await sealed('sapporo')));
  assert.equal(await sealed('kashiwa'), true);
});

test('it says no secret, and ends well with SIGTERM', async () => {
  assert.deepEqual(await watch.end(), { code: 0, signal: null });
  assert.doesNotMatch(watch.output(), /PRIVATE KEY/);
  for (const { code } of Object.values(towns)) {
    const key = readFileSync(world.path(`custodian-${code}`, 'custodian.pem'), 'utf8').split('\n')[1];
    assert.ok(!watch.output().includes(key));
  }
});

test('`vrx unseal --watch` does the same for one, and ends by itself when there is nothing left to do', async () => {
  watch = start('vrx', ['unseal', '--watch', '--server', `localhost:${world.port}`, '--terminal', 'sapporo-console',
    '--custodian', `custodian-${towns.sapporo.code}/custodian.pem`, '--keyring',
    `custodian-${towns.kashiwa.code}/keyring.cbor`, '--checkpoint', 'other.note', '--json'], { cwd: world.folder });
  await world.seal('sapporo');
  const how = await watch.end(0); // no signal: it ends by itself
  assert.equal(how.code, 1, 'its keyring is not what the daemon has');
  assert.equal(said('kashiwa', 'GIVEN UP'), 1);
  watch = start('vrx', ['unseal', '--watch', '--server', `localhost:${world.port}`, '--terminal', 'sapporo-console',
    '--custodian', `custodian-${towns.sapporo.code}/custodian.pem`, '--keyring',
    `custodian-${towns.sapporo.code}/keyring.cbor`, '--checkpoint', 'sapporo.note', '--json'], { cwd: world.folder });
  await until(async () => !(await sealed('sapporo')));
});

test('what it finds open stays open, and its checkpoint is kept with nobody logged in', async () => {
  await watch.end();
  await world.client('sapporo-system').Records.getHistory({ resident: { addresseeNumber: '1' } }).catch(() => {});
  const note = readFileSync(world.path('sapporo.note'), 'utf8');
  watch = start('vrx', ['unseal', '--watch', '--server', `localhost:${world.port}`, '--terminal', 'sapporo-console',
    '--custodian', `custodian-${towns.sapporo.code}/custodian.pem`, '--keyring',
    `custodian-${towns.sapporo.code}/keyring.cbor`, '--checkpoint', 'sapporo.note', '--json'], { cwd: world.folder });
  await until(() => readFileSync(world.path('sapporo.note'), 'utf8') !== note);
  await until(() => said('sapporo', 'open') === 1);
  assert.doesNotMatch(watch.output(), /SESSION_REQUIRED/);
});
