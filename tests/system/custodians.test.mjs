// SPDX-License-Identifier: Apache-2.0
// Several custodians: a municipality whose vault two of three open together, each at a console of its own, with a key
// that was made on that custodian's own machine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World } from './harness.mjs';
import { run, runWell, until } from './programs.mjs';
import { addressee } from './steps.mjs';

const code = '131016'; // 千代田区
const names = ['a', 'b', 'c'];
let world;

before(async () => {
  world = await World.make({ unattended: true });
  for (const name of names) {
    await world.vrx('custodian', 'key', '--out', `${name}.pem`);
    writeFileSync(world.path(`${name}.pub`), await world.vrx('custodian', 'public', '--custodian', `${name}.pem`));
    await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', `console ${name}`, '--out', `console-${name}`);
  }
  await world.vrx('custodian', 'init', '--municipality', code, '--out', 'shared', '--threshold', '2',
    ...names.flatMap((name) => ['--custodian-key', `${name}.pub`]));
  await world.well('platform', 'tenant', 'create', '--keyring', 'shared/keyring.cbor', '--console',
    'console-a/certificate.pem');
});

after(() => world?.close());

const unseal = async (name, terminal = `console-${name}`, ...more) => {
  const result = await world.at(terminal, 'unseal', '--custodian', `${name}.pem`, '--keyring', 'shared/keyring.cbor',
    '--checkpoint', `${name}.note`, '--json', ...more);
  return { ...result, json: result.code === 0 ? JSON.parse(result.stdout) : null };
};
const status = async () => (await world.client('console-a').Tenancy.status()).tenants[0].sealed;
const seal = () => world.well('console-a', 'seal');

test('keys are private files, the keyring is made without them', () => {
  for (const name of names) {
    assert.equal(statSync(world.path(`${name}.pem`)).mode & 0o777, 0o600);
    assert.match(readFileSync(world.path(`${name}.pub`), 'utf8'), /^-----BEGIN PUBLIC KEY-----/);
  }
  assert.equal(existsSync(world.path('shared', 'custodian.pem')), false);
});

test('the first custodian is told how many are missing; the second opens', async () => {
  assert.deepEqual((await unseal('a')).json, { missing: 1 });
  assert.equal(await status(), true);
  const opened = await unseal('c', 'console-a');
  assert.match(opened.json.checkpoint, new RegExp(code));
  assert.equal(await status(), false);
});

test('every custodian who took part stands in the ledger', async () => {
  const found = (await world.well('console-a', 'audit', 'entries', '--json')).match(/custodian [0-9a-f]{16}/g);
  assert.equal(new Set(found).size, 2);
});

test('any two of the three, from consoles of their own, in any order', async () => {
  for (const name of ['b', 'c'])
    await world.well('console-a', 'terminal', 'register', '--certificate', `console-${name}/certificate.pem`, '--kind',
      'console', '--label', name);
  for (const pair of ['ab', 'ba', 'bc', 'cb', 'ca']) {
    await seal();
    assert.deepEqual((await unseal(pair[0])).json, { missing: 1 }, pair);
    assert.match((await unseal(pair[1])).json.checkpoint, new RegExp(code), pair);
  }
});

test('one custodian twice is one custodian: CUSTODIAN_REFUSED, and the other still opens', async () => {
  await seal();
  assert.deepEqual((await unseal('b')).json, { missing: 1 });
  const again = await unseal('b');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /CUSTODIAN_REFUSED/);
  assert.equal(await status(), true);
  await unseal('a');
  assert.equal(await status(), false);
});

test('what a stranger sends in between spoils nothing', async () => {
  await seal();
  assert.deepEqual((await unseal('a')).json, { missing: 1 });
  const { Tenancy } = world.client('console-b');
  const { sessionId } = await Tenancy.beginUnseal();
  await refused(Tenancy.unseal({ sessionId, wrappedRoot: Buffer.alloc(300) }), 'CUSTODIAN_REFUSED');
  await unseal('b');
  assert.equal(await status(), false);
});

test('a ledger behind the checkpoint of any of them does not open: LEDGER_BEHIND', async () => {
  const folder = world.path('state', 'tenants', code);
  await seal();
  const old = readFileSync(`${folder}/vault.db`);
  await unseal('a');
  await unseal('b'); // b's checkpoint is the newest now
  await seal();
  const fresh = readFileSync(`${folder}/vault.db`);
  writeFileSync(`${folder}/vault.db`, old);
  assert.deepEqual((await unseal('b')).json, { missing: 1 });
  copyFileSync(world.path('a.note'), world.path('c.note')); // of a vault that was not so far
  const result = await unseal('c');
  assert.equal(result.code, 1);
  assert.match(result.stderr, /LEDGER_BEHIND/);
  assert.equal(await status(), true);
  writeFileSync(`${folder}/vault.db`, fresh);
  assert.deepEqual((await unseal('b')).json, { missing: 1 }, 'a failed unseal has forgotten all shares');
  await unseal('a');
  assert.equal(await status(), false);
});

test('a daemon that restarts has forgotten the shares', async () => {
  await seal();
  assert.deepEqual((await unseal('a')).json, { missing: 1 });
  await world.endDaemon();
  await world.startDaemon();
  assert.deepEqual((await unseal('b')).json, { missing: 1 });
  await unseal('a');
  assert.equal(await status(), false);
});

const module_ = '/usr/lib/softhsm/libsofthsm2.so';

test('a custodian whose key is on a token', { skip: !existsSync(module_) && 'no SoftHSM2' }, async () => {
  mkdirSync(world.path('tokens'), { mode: 0o700 });
  writeFileSync(world.path('softhsm.conf'), `directories.tokendir = ${world.path('tokens')}\nlog.level = ERROR\n`);
  writeFileSync(world.path('pin'), '4711\n', { mode: 0o600 });
  writeFileSync(world.path('wrong'), '1174\n', { mode: 0o600 });
  process.env.SOFTHSM2_CONF = world.path('softhsm.conf');
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'Chuo', '--so-pin', '12345678', '--pin', '4711']);
  await world.vrx('custodian', 'key', '--out', 'token.pem');
  await runWell('vrx-token-key', [module_, 'Chuo', '4711', world.path('token.pem'), 'custodian', '1']);
  rmSync(world.path('token.pem'));
  const uri = (pin) => `pkcs11:token=Chuo;object=custodian?module-path=${module_}&pin-source=file:${world.path(pin)}`;
  writeFileSync(world.path('token.pub'), await world.vrx('custodian', 'public', '--custodian', uri('pin')));
  await world.vrx('custodian', 'init', '--municipality', '131024', '--out', 'chuo', '--custodian-key', 'token.pub');
  await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', 'chuo', '--out', 'console-chuo');
  await world.well('platform', 'tenant', 'create', '--keyring', 'chuo/keyring.cbor', '--console',
    'console-chuo/certificate.pem');
  const open = (custodian) => world.at('console-chuo', 'unseal', '--custodian', custodian, '--keyring',
    'chuo/keyring.cbor', '--checkpoint', 'chuo.note');
  const refusal = await open(uri('wrong'));
  assert.equal(refusal.code, 1);
  assert.match(refusal.stderr, /TOKEN_PIN/);
  const stranger = await open('a.pem');
  assert.match(stranger.stderr, /CUSTODIAN_REFUSED/);
  const valued = await open('pkcs11:token=Chuo?pin-value=4711');
  assert.match(valued.stderr, /INPUT_FIELD_UNKNOWN/);
  assert.equal((await world.client('console-chuo').Tenancy.status()).tenants[0].sealed, true);
  const opened = await open(uri('pin'));
  assert.equal(opened.code, 0, opened.stderr);
  assert.equal((await world.client('console-chuo').Tenancy.status()).tenants[0].sealed, false);
});

const replace = async (name, keyring) => {
  const result = await world.at('console-a', 'keyring', 'replace', '--custodian', `${name}.pem`, '--keyring', keyring,
    '--json');
  return { ...result, json: result.code === 0 ? JSON.parse(result.stdout) : null };
};
const kept = () => readFileSync(world.path('state', 'tenants', code, 'keyring.cbor'));

test('other custodians for an open vault: c leaves, d comes', async () => {
  await world.vrx('custodian', 'key', '--out', 'd.pem');
  writeFileSync(world.path('d.pub'), await world.vrx('custodian', 'public', '--custodian', 'd.pem'));
  const rotate = (...present) => run('vrx', ['custodian', 'rotate', ...present.flatMap((name) => ['--custodian',
    `${name}.pem`]), '--keyring', 'shared/keyring.cbor', '--custodian-key', 'a.pub', '--custodian-key', 'd.pub',
  '--threshold', '2', '--out', 'next.cbor'], { cwd: world.folder });
  for (const present of [['a'], ['a', 'a'], ['a', 'd'], ['a', 'b', 'c']])
    assert.notEqual((await rotate(...present)).code, 0, present.join());
  assert.equal(existsSync(world.path('next.cbor')), false);
  assert.equal((await rotate('b', 'c')).code, 0);

  const before_ = kept();
  assert.match((await replace('c', 'next.cbor')).stderr, /CUSTODIAN_REFUSED/, 'who leaves is none of the new ones');
  assert.deepEqual((await replace('a', 'next.cbor')).json, { missing: 1 });
  assert.deepEqual(kept(), before_);
  assert.match((await replace('a', 'next.cbor')).stderr, /CUSTODIAN_REFUSED/);
  assert.deepEqual((await replace('d', 'next.cbor')).json, { missing: 0 });
  assert.deepEqual(kept(), readFileSync(world.path('next.cbor')));
  assert.equal(await status(), false, 'the vault stayed open');
  assert.match((await replace('a', 'next.cbor')).stderr, /ALREADY_EXISTS/);
});

test('the new custodians open it, also after a restart; the old keyring is not what the daemon has', async () => {
  await world.endDaemon('SIGKILL');
  await world.startDaemon();
  const old = await unseal('a');
  assert.match(old.stderr, /VAULT_DAMAGED/);
  const next = async (name) => world.at('console-a', 'unseal', '--custodian', `${name}.pem`, '--keyring', 'next.cbor',
    '--checkpoint', 'a.note', '--json');
  assert.match((await next('b')).stderr, /CUSTODIAN_REFUSED/);
  assert.deepEqual(JSON.parse((await next('d')).stdout), { missing: 1 });
  assert.equal((await next('a')).code, 0);
  assert.equal(await status(), false);
  assert.match(await world.well('console-a', 'audit', 'entries', '--json'), /Tenancy\/ReplaceKeyring/);
});

test('a keyring of the same municipality with other keys is not taken: CUSTODIAN_REFUSED', async () => {
  await world.vrx('custodian', 'init', '--municipality', code, '--out', 'forged', '--custodian-key', 'd.pub');
  const before_ = kept();
  assert.match((await replace('d', 'forged/keyring.cbor')).stderr, /CUSTODIAN_REFUSED/);
  assert.deepEqual(kept(), before_);
  assert.match((await replace('a', 'custodian-011002/keyring.cbor')).stderr, /CUSTODIAN_REFUSED/);
  await seal();
  assert.match((await replace('d', 'forged/keyring.cbor')).stderr, /TENANT_SEALED/);
});

test('SIGUSR1 seals every vault, on record; the daemon goes on', async () => {
  for (const town of ['sapporo', 'kashiwa']) {
    const { Tenancy } = world.client(`${town}-console`);
    if ((await Tenancy.status()).tenants[0].sealed) await world.unseal(town);
  }
  process.kill(world.daemon.pid, 'SIGUSR1');
  await until(async () => (await world.client('platform').Tenancy.status()).tenants.every(({ sealed }) => sealed));
  await world.unseal('sapporo');
  assert.match(await world.well('sapporo-console', 'audit', 'entries', '--json'), /sealed by signal/);
});

test('a vault that no call reaches is sealed; one that is used is not', async () => {
  await world.endDaemon();
  await world.startDaemon('--idle-seal-seconds', '2');
  for (const town of ['sapporo', 'kashiwa']) await world.unseal(town);
  const sealedOf = async (town) =>
    (await world.client(`${town}-console`, { operator: '' }).Tenancy.status()).tenants[0].sealed;
  await until(async () => {
    // As often as the loop asks, by who need not log in.
    await refused(world.client('sapporo-system').Records.getHistory({ resident: addressee(1) }), 'NOT_FOUND');
    return sealedOf('kashiwa');
  });
  assert.equal(await sealedOf('sapporo'), false);
  await world.endDaemon();
  await world.startDaemon(); // a log-in may wait for its code
  await world.unseal('kashiwa');
  assert.match(await world.well('kashiwa-console', 'audit', 'entries', '--json'), /sealed after idle time/);
});
