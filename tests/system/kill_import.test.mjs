// SPDX-License-Identifier: Apache-2.0
// kill -9 during an import and beside it single writes, VRX_KILLS times (kills.mjs). Nothing acknowledged may be
// missing, an acknowledgement being a reply that arrived; and when the import is repeated until it is through, the
// vault has what a run without kills has.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect } from './clients.mjs';
import { World } from './harness.mjs';
import { killDuring, kills, seed, unlessDead } from './kills.mjs';
import { addressee, dose, numberOf } from './steps.mjs';
import { importTown, makeTown, messages } from './town.mjs';

const FIRST_NUMBER = 80000000; // addressee numbers of the single writes; the town's are shorter

let world;
let slices; // the town in as many parts as there are kills
let clean; // how the town stands after a run without kills, and how long one slice takes then
const kept = []; // what was acknowledged beside the import: { number, doseId, ledgerIndex }

const fold = (text) => text.normalize('NFKC').replace(/^0+/, '');

// What an export says of the town, without what each vault gives by itself.
const comparable = (people) => people
  .filter(({ resident }) => Number(resident.addresseeNumber) < FIRST_NUMBER)
  .map(({ resident, doses }) => ({ resident, doses: doses.map(({ id, ledgerIndex, ...rest }) => rest) }));

before(async () => {
  world = await World.make({ unattended: true });
  const town = await makeTown(world.path('town'), { residents: Math.max(1000, 50 * kills) });
  const size = Math.ceil(town.residents.length / kills);
  slices = Array.from({ length: kills }, (_, at) => {
    const residents = town.residents.slice(at * size, (at + 1) * size);
    const numbers = new Set(residents.map(({ addresseeNumber }) => fold(addresseeNumber)));
    return { residents, vaccinations: town.vaccinations.filter((row) => numbers.has(fold(row.addresseeNumber))) };
  });
  // Kashiwa imports the same rows in peace: no rule looks at which municipality does.
  const begun = performance.now();
  for (const slice of slices) slice.expected = await importTown(world.client('kashiwa-system'), slice, 10);
  clean = { milliseconds: (performance.now() - begun) / kills,
    people: comparable(await collect(world.client('kashiwa-console').Records.export())) };
});

after(() => world?.close());

// Registers a resident and records a dose, again and again.
async function load(dead, next) {
  const { Records } = world.client('sapporo-counter');
  while (!dead()) {
    const number = next();
    await unlessDead(dead, async () => {
      await Records.registerResident({ resident: { addresseeNumber: String(number), sex: 2,
        individualNumber: numberOf(number), name: '負荷 試子', kana: 'フカ タメコ', birthDate: '1990-01-01' } });
      const one = { number };
      kept.push(one);
      Object.assign(one, await Records.recordVaccination({ resident: addressee(number), dose: dose() }));
    });
  }
}

async function checkKept(list) {
  const { Records } = world.client('sapporo-counter');
  for (const { number, doseId, ledgerIndex } of list) {
    const { doses } = await Records.getHistory({ resident: addressee(number) });
    if (doseId)
      assert.deepEqual(doses.map((given) => [given.id, given.ledgerIndex]), [[doseId, ledgerIndex]], `of ${number}`);
  }
}

// The slice once more, in peace: all of it is there then, and all that was acknowledged was there before.
async function checkSlice(slice, acknowledged) {
  const again = await importTown(world.client('sapporo-system'), slice, 10);
  for (const kind of ['residents', 'vaccinations']) {
    const { imported, unchanged, errors } = again[kind];
    assert.equal(imported + unchanged, slice.expected[kind].imported);
    assert.deepEqual(errors, slice.expected[kind].errors);
    if (acknowledged[kind]) assert.equal(imported, 0, 'what was acknowledged is there');
  }
}

test(`an import, killed ${kills} times`, async (t) => {
  t.diagnostic(`VRX_SEED=${seed}`);
  let number = FIRST_NUMBER;
  const next = () => { number += 1; return number; };
  let cut = 0;
  for (const slice of slices) {
    const from = kept.length;
    const acknowledged = {};
    const left = await killDuring(world, clean.milliseconds * 3, async (dead) => {
      const { Records } = world.client('sapporo-system');
      await Promise.all([load(dead, next), load(dead, next), unlessDead(dead, async () => {
        acknowledged.residents = await Records.importResidents(messages(slice.residents, 10));
        acknowledged.vaccinations = await Records.importVaccinations(messages(slice.vaccinations, 10));
      })]);
    });
    const fresh = kept.slice(from);
    const last = Math.max(-1, ...fresh.map(({ ledgerIndex }) => ledgerIndex ?? -1));
    assert.ok(left.sapporo.size > last, `${left.sapporo.size} entries in the ledger, ${last} was acknowledged`);
    await checkKept(fresh);
    await checkSlice(slice, acknowledged);
    if (!acknowledged.vaccinations) cut += 1;
  }
  t.diagnostic(`${cut} of ${kills} imports were cut off; ${kept.length} writes beside them were acknowledged`);
  await checkKept(kept);
  const people = await collect(world.client('sapporo-console').Records.export());
  assert.deepEqual(comparable(people), clean.people, 'as a run without kills leaves it');
});
