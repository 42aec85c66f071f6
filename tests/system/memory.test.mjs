// SPDX-License-Identifier: Apache-2.0
// What vrxd's memory holds of a municipality: while it is unsealed its keys and what was just read; after sealing
// nothing, though the process runs on and its clients stay connected. Looked at is every readable mapping, which is
// strictly more than any core has: the pages of keys (MADV_DONTDUMP) and those of files are in no core. A core by
// gcore (gdb; tests/run.sh installs it) is looked through all the same. Needs the right to trace (root).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { collect } from './clients.mjs';
import { World, runWell } from './harness.mjs';
import { addressee, applyFor, ask, dose, hanako, individual, taro, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const names = ['札幌 花子', '札幌　花子', 'サッポロ ハナコ', 'HANAKO', '北海 太郎', '北海道札幌市東町6丁目15番4号',
  '柏市柏五丁目', 'D-1234567890'];
const numbers = [hanako.individualNumber, taro.individualNumber, '123456789010'];

let world;
let town;
const keys = []; // { name, bytes }

before(async () => {
  world = await World.make();
  town = await makeTown(world.path('town'), { residents: 300 });
  for (const name of ['sapporo', 'kashiwa']) {
    const custodian = world.custodian(name);
    const { stdout } = await runWell('vrx-tenant-keys', [`${custodian}/keyring.cbor`, `${custodian}/custodian.pem`]);
    for (const line of stdout.trim().split('\n')) {
      const [kind, hex] = line.split(' ');
      keys.push({ name: `${name}: ${kind}`, bytes: Buffer.from(hex, 'hex') });
    }
  }
});

after(() => world?.close());

// Every kind of work on both municipalities, all clients staying connected.
async function use() {
  const counter = world.client('sapporo-counter');
  const kashiwa = world.client('kashiwa-counter');
  await importTown(world.client('sapporo-system'), town);
  await kashiwa.Records.registerResident(
    { resident: { ...hanako, addresseeNumber: '500001', address: '千葉県柏市柏五丁目10番1号' } });
  await kashiwa.Records.recordVaccination({ resident: addressee(500001), dose: dose({ doseNumber: 3 }) });
  await watch(kashiwa, await ask(kashiwa, addressee(500001)));
  const applicationId = await applyFor(counter, addressee(1));
  const { certificate } = await counter.Certificates.issue({ applicationId });
  words.push({ name: 'the certificate', bytes: Buffer.from(certificate.text.slice(0, 40)) });
  await counter.Records.getHistory({ resident: individual(numbers[2]) }).catch(() => {});
  for (let i = 0; i < 20; i++)
    await counter.Records.getHistory({ resident: individual(hanako.individualNumber) });
  await collect(world.client('sapporo-console').Records.export());
}

const encodings = [(text) => Buffer.from(text, 'utf8'), (text) => Buffer.from(text, 'utf16le')];
const words = [...names, ...numbers].flatMap((text) => encodings.map((encode) => ({ name: text, bytes: encode(text) })));

// Where in a file each of the needles lies, with what stands around.
function finds(file, needles) {
  const memory = readFileSync(file);
  return needles.flatMap(({ name, bytes }) => {
    const at = memory.indexOf(bytes);
    return at < 0 ? [] : [`${name} at ${at}: ${memory.subarray(Math.max(0, at - 64), at + 96).toString('latin1')
      .replace(/[^ -~]/g, '.')}`];
  });
}

async function read() {
  const { stdout } = await runWell('vrx-read-memory', [String(world.daemon.pid), world.path('memory')]);
  writeFileSync(world.path('memory.maps'), stdout); // with VRX_KEEP=1: in which mapping a find lies
  return world.path('memory');
}

async function core() {
  await promisify(execFile)('gcore', ['-o', world.path('core'), String(world.daemon.pid)], { maxBuffer: 1 << 26 });
  return world.path(`core.${world.daemon.pid}`);
}

// A vault that rests has given its page cache back: while it is looked at, somebody reads in it.
async function whileInUse(look) {
  let over = false;
  const reading = (async () => {
    while (!over)
      await world.client('sapporo-counter').Records.getHistory({ resident: individual(hanako.individualNumber) });
  })();
  const file = await look();
  over = true;
  await reading;
  return file;
}

const options = { skip: process.getuid() === 0 ? false : 'only root can look' };

test('while both are open, keys and persons are found: the scan sees', options, async () => {
  await use();
  const memory = await whileInUse(read);
  for (const { name, bytes } of keys.filter((key) => !key.name.endsWith('root')))
    assert.equal(finds(memory, [{ name, bytes }]).length, 1, `${name} is in use`);
  assert.ok(finds(memory, words).length > 0, 'persons are in the page cache');
});

test('a core of that moment has the persons, and none of the keys', options, async (t) => {
  if (!existsSync('/usr/bin/gcore')) return t.skip('no gcore here');
  const file = await whileInUse(core);
  assert.ok(finds(file, words).length > 0, 'the scan of a core sees');
  assert.deepEqual(finds(file, keys), []);
  return undefined;
});

test('sealed, with its clients still connected, it holds neither', options, async (t) => {
  for (const name of ['sapporo', 'kashiwa']) await world.seal(name);
  const memory = await read();
  assert.deepEqual(finds(memory, keys), []);
  assert.deepEqual(finds(memory, words), []);
  t.diagnostic(`${keys.length} keys and ${words.length} words looked for`);
});

test('nor does a core, which besides is not to be had without root', options, async (t) => {
  if (!existsSync('/usr/bin/gcore')) return t.skip('no gcore here');
  const file = await core();
  assert.deepEqual(finds(file, [...keys, ...words]), []);
  assert.equal(finds(file, [{ name: 'argv', bytes: Buffer.from('platform/certificate.pem') }]).length, 1);
  return undefined;
});
