// SPDX-License-Identifier: Apache-2.0
// The configuration file: the one that vrxd prints is the one that it reads; what is wrong in it is said with file,
// line and name, before anything starts; SIGHUP takes over what may change, and only that, and only when all is right.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { World, run, until } from './harness.mjs';
import { start } from './programs.mjs';

let world;
let settings;

const vrxd = (...args) => run('vrxd', args, { cwd: world.folder });
const text = (values) => Object.entries(values).map(([name, value]) =>
  `${name} = ${Array.isArray(value) ? `{ ${value.map((one) => `'${one}'`).join(', ')} }` : `'${value}'`}\n`).join('');
const write = (values) => writeFileSync(world.path('vrxd.conf'), typeof values === 'string' ? values : text(values));
const check = (values, ...more) => {
  write(values);
  return vrxd('--config', 'vrxd.conf', '--check-config', ...more);
};
const logged = (event) => world.daemon.output().split('\n').filter((line) => line.includes(`"event":"${event}"`));

before(async () => {
  world = await World.make();
  settings = { 'state': 'state', 'listen': '127.0.0.1:0', 'certificate': 'server/certificate.pem',
    'key': 'server/key.pem', 'client-ca': 'ca/certificate.pem', 'authority': 'authority/certificate.pem',
    'directory': 'directory.cbor', 'permits': 'permits.cbor', 'issuer': 'issuer.sock',
    'platform-terminal': ['platform/certificate.pem'] };
});

after(() => world?.close());

test('the file that --print-config makes explains every option, and is usable once it is filled in', async () => {
  const { stdout } = await vrxd('--print-config');
  const { stdout: help } = await vrxd('--help');
  const named = (pattern, from) => [...from.matchAll(pattern)].map(([, name]) => name).sort();
  const own = ['check-config', 'config', 'help', 'print-config', 'version'];
  assert.deepEqual(named(/^([a-z-]+) = /gm, stdout),
    named(/^ {2}--([a-z-]+)/gm, help).filter((name) => !own.includes(name)));
  const filled = stdout.replace(/^([a-z-]+) = .*$/gm, (line, name) =>
    (name in settings ? text({ [name]: settings[name] }).trim() : line));
  const result = await check(filled);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /usable \/ 設定は使用できます/);
});

test('what is wrong is said with its place, and nothing starts', async () => {
  const without = ({ [`permits`]: _, ...rest }) => rest;
  writeFileSync(world.path('garbage'), 'garbage');
  const cases = [
    [`${text(settings)}\nidle-seal-second = 5\n`, /vrxd\.conf:12: no such option 'idle-seal-second'/],
    [`${text(settings)}state = {\n`, /vrxd\.conf:/],
    [{ ...settings, 'threads': '0' }, /threads: 0: a number from 1 to 64/],
    [{ ...settings, 'threads': '2 ' }, /threads: 2 : a number/],
    [{ ...settings, 'transfer-seconds': '1209601' }, /transfer-seconds: 1209601: a number from 1 to 1209600/],
    [without(settings), /permits is missing/],
    [{ ...settings, 'key': '' }, /key: must not be empty/],
    [{ ...settings, 'platform-terminal': Array(17).fill('platform/certificate.pem') }, /platform-terminal: at most 16/],
    [`${text(settings)}# \0\n`, /vrxd\.conf: INPUT_TEXT/],
    [`${text(settings)}#${'x'.repeat(262144)}\n`, /vrxd\.conf: INPUT_TOO_LARGE/],
    [{ ...settings, 'key': 'ca/key.pem' }, /"subject":"certificate, key, client-ca or client-crl".*"KEY_INVALID"/],
    [{ ...settings, 'authority': 'garbage' }, /"subject":"garbage".*"CERTIFICATE_INVALID"/],
    [{ ...settings, 'platform-terminal': ['nowhere.pem'] }, /"subject":"nowhere.pem".*"NOT_FOUND"/],
    [{ ...settings, 'permits': 'directory.cbor' }, /"subject":"directory or permits"/],
    [{ ...settings, 'listen': 'here' }, /"subject":"here".*"INPUT_MALFORMED"/],
  ];
  for (const [values, pattern] of cases) {
    const result = await check(values);
    assert.notEqual(result.code, 0, String(pattern));
    assert.match(result.stderr, pattern);
  }
  const missing = await vrxd('--config', 'nowhere.conf');
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /nowhere\.conf: NOT_FOUND/);
});

test('the command line counts before the file', async () => {
  const result = await check({ ...settings, 'threads': '0' }, '--threads', '1');
  assert.equal(result.code, 0, result.stderr);
});

test('a daemon serves by its file alone, and SIGHUP takes over what may change', async () => {
  await world.endDaemon();
  write({ ...settings, 'idle-seal-seconds': '0' });
  world.daemon = start('vrxd', ['--config', 'vrxd.conf'], { cwd: world.folder });
  [, world.port] = await world.daemon.says(/vrxd: listening on \S+:(\d+)\n/);
  await world.unseal('sapporo');
  const sealed = async () => (await world.client('platform').Tenancy.status()).tenants
    .find(({ municipality }) => municipality === '011002').sealed;
  const hangUp = async (values, event) => {
    const before_ = logged(event).length;
    write(values);
    process.kill(world.daemon.pid, 'SIGHUP');
    return until(() => logged(event).length > before_ && logged(event).at(-1));
  };

  assert.match(await hangUp({ ...settings, 'idle-seal-seconds': 'soon' }, 'configuration not taken'),
    /idle-seal-seconds: soon/);
  assert.match(await hangUp(`${text(settings)}nonsense\n`, 'configuration not taken'), /nonsense/);
  assert.equal(await sealed(), false);

  await hangUp({ ...settings, 'idle-seal-seconds': '0', 'threads': '3' }, 'counts after a restart only');
  assert.match(logged('counts after a restart only').at(-1), /"threads"/);
  assert.equal(await sealed(), false);

  await hangUp({ ...settings, 'idle-seal-seconds': '1' }, 'configuration read');
  await until(sealed);
});

test('the check changes nothing, also while a daemon runs on the same folder', async () => {
  const law = readFileSync(world.path('state', 'law'));
  const result = await check(settings);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(readFileSync(world.path('state', 'law')), law);
});
