// SPDX-License-Identifier: Apache-2.0
// Many municipalities in one daemon: each answers its own terminals with its own records, whoever else is open, and
// sealing one seals no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { shared } from './programs.mjs';
import { addressee, numberOf } from './steps.mjs';

const count = 50;
const codes = readFileSync(`${shared('VRX_DATA', 'data')}/municipalities.csv`, 'utf8').split('\n').slice(1)
  .map((row) => row.split(',')).filter((cells) => cells[2]).map(([code]) => code).slice(-count);
const name = (code) => `住民 ${code}`;
const world = new World({ unattended: true });
const clients = new Map();

const unseal = (code) => world.well(`console-${code}`, 'unseal', '--custodian', `custodian-${code}/custodian.pem`,
  '--keyring', `custodian-${code}/keyring.cbor`, '--checkpoint', `${code}.note`);
const history = (code) => clients.get(code).Records.getHistory({ resident: addressee(1) });
const closeClients = () => {
  for (const client of clients.values()) client.close();
  clients.clear();
};
const openClients = () => {
  for (const code of codes)
    clients.set(code, connect(world.port, world.path(`console-${code}`), world.path('ca', 'certificate.pem')));
};

before(async () => {
  await world.makePlatform();
  await world.startDaemon();
  for (const code of codes) {
    await world.vrx('pki', 'terminal', '--ca', 'ca', '--name', code, '--out', `console-${code}`);
    await world.vrx('custodian', 'init', '--municipality', code, '--out', `custodian-${code}`);
    await world.well('platform', 'tenant', 'create', '--keyring', `custodian-${code}/keyring.cbor`, '--console',
      `console-${code}/certificate.pem`);
  }
  openClients();
});

after(async () => {
  closeClients();
  await world.close();
});

const sealed = async () => new Map((await world.client('platform').Tenancy.status()).tenants
  .map((tenant) => [tenant.municipality, tenant.sealed]));

test('all are there and sealed, and answer nothing', async () => {
  assert.deepEqual(await sealed(), new Map([...codes].sort().map((code) => [code, true])));
  for (const code of codes) await refused(history(code), 'TENANT_SEALED');
});

test('each opens by its own custodian alone', async () => {
  for (const [at, code] of codes.entries()) {
    await unseal(code);
    if (at + 1 < count) await refused(history(codes[at + 1]), 'TENANT_SEALED');
  }
  assert.deepEqual(new Set((await sealed()).values()), new Set([false]));
});

test('a terminal meets the records of its own municipality and no other\'s', async () => {
  await Promise.all(codes.map((code, at) => clients.get(code).Records.registerResident({ resident: {
    addresseeNumber: '1', individualNumber: numberOf(10000000000 + at), name: name(code), birthDate: '1985-04-01',
    sex: 2, address: '1' } })));
  const found = await Promise.all(codes.map(history));
  assert.deepEqual(found.map(({ resident }) => resident.name), codes.map(name));
  for (const [at, code] of codes.entries()) {
    const other = { individualNumber: numberOf(10000000000 + ((at + 1) % count)) };
    await refused(clients.get(code).Records.getHistory({ resident: other }), 'NOT_FOUND');
    const { tenants } = await clients.get(code).Tenancy.status();
    assert.deepEqual(tenants.map(({ municipality }) => municipality), [code]);
  }
});

test('sealing one seals no other', async () => {
  for (const [at, code] of codes.entries()) {
    await clients.get(code).Tenancy.seal();
    await refused(history(code), 'TENANT_SEALED');
    if (at + 1 < count) assert.equal((await history(codes[at + 1])).resident.name, name(codes[at + 1]));
  }
});

test('a daemon that starts again has all of them, sealed, each with what it held', async () => {
  closeClients();
  await world.endDaemon();
  await world.startDaemon();
  openClients();
  assert.deepEqual(new Set((await sealed()).values()), new Set([true]));
  for (const code of codes) await unseal(code);
  assert.deepEqual((await Promise.all(codes.map(history))).map(({ resident }) => resident.name), codes.map(name));
});
