// SPDX-License-Identifier: Apache-2.0
// Full load for as long as VRX_SOAK_SECONDS says: reads, writes, imports, transfers, streams that are left, refusals and
// connections that come and go. Every call is answered as it should be, and the daemon's memory stays flat: what it
// holds in the last quarter is what it held in the one before.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect, refused } from './clients.mjs';
import { World } from './harness.mjs';
import { descriptors, resident as memory } from './peers/siege.mjs';
import { addressee, ask, dose, hanako, numberOf, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const SECONDS = Number(process.env.VRX_SOAK_SECONDS ?? 10);
const MiB = 2 ** 20;

let world;
let town;
let numbers; // addressees that are there: a file has faulty rows
let last = 70000000;
let calls = 0;

before(async () => {
  world = await World.make({ environment: { ASAN_OPTIONS: 'quarantine_size_mb=16' } }); // where there is ASan
  town = await makeTown(world.path('town'), { residents: 500 });
  await importTown(world.client('sapporo-system'), town);
  numbers = (await collect(world.client('sapporo-console').Records.export()))
    .map(({ resident }) => resident.addresseeNumber);
  await world.client('kashiwa-counter').Records.registerResident({ resident: { ...hanako, addresseeNumber: '500001' } });
});

after(() => world?.close());

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const system = () => world.client('sapporo-system');

async function write() {
  last += 1;
  const number = String(last);
  await system().Records.registerResident({ resident: { addresseeNumber: number, individualNumber: numberOf(number),
    sex: 1, name: '負荷 太郎', kana: 'フカ タロウ', birthDate: '1990-01-01' } });
  await system().Records.recordVaccination({ resident: addressee(number), dose: dose() });
}

// Below the 50 streams a second that a connection may cancel (services/net/limits.h).
async function leave() {
  await pause(100);
  for await (const { index } of world.client('sapporo-console').Ledger.exportEntries()) {
    assert.ok(index >= 0);
    break; // cancels the call
  }
}

async function comeAndGo() {
  const client = world.client('sapporo-system', { raw: false, visit: last });
  await client.Records.getHistory({ resident: addressee(numbers[0]) });
  client.close();
  world.clients.delete(`sapporo-system ${JSON.stringify({ raw: false, visit: last })}`);
}

async function beRefused() {
  await refused(system().Records.getHistory({ resident: addressee(99999999) }), 'NOT_FOUND');
  await pause(20);
}

// What is done, and how many do it at once.
const load = [
  [16, () => system().Records.getHistory({ resident: addressee(numbers[calls % numbers.length]) })],
  [2, write], [1, leave], [1, comeAndGo], [1, beRefused],
  [1, async () => { await importTown(system(), town, 50); await pause(200); }],
  [1, () => collect(world.client('sapporo-console').Ledger.exportEntries({ from: 10, count: 500 }))],
  [1, async () => watch(world.client('kashiwa-counter'), await ask(world.client('kashiwa-counter'), addressee(500001)))],
];

test(`${SECONDS} seconds of it`, async (t) => {
  const end = Date.now() + SECONDS * 1000;
  const samples = [];
  const lanes = load.flatMap(([count, work]) => Array.from({ length: count }, async () => {
    while (Date.now() < end) {
      await work();
      calls += 1;
    }
  }));
  const look = (async () => {
    while (Date.now() < end) {
      samples.push(memory(world.daemon.pid));
      await pause(SECONDS * 5);
    }
  })();
  await Promise.all([...lanes, look]);
  const quarter = Math.floor(samples.length / 4);
  const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const [before_, now] = [samples.slice(2 * quarter, 3 * quarter), samples.slice(3 * quarter)].map(middle);
  t.diagnostic(`${calls} rounds; memory ${samples.map((bytes) => Math.round(bytes / MiB))
    .filter((_, at) => at % Math.ceil(samples.length / 24) === 0).join(' ')} MiB; ${descriptors(world.daemon.pid)} descriptors`);
  // A short run is still filling its caches.
  const allowed = SECONDS < 300 ? 64 * MiB : Math.max(4 * MiB, 0.03 * before_);
  assert.ok(now - before_ <= allowed, `${before_} to ${now} bytes`);
});
