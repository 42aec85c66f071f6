// SPDX-License-Identifier: Apache-2.0
// kill -9 while movers' doses are on their way, VRX_KILLS times (kills.mjs). Each mover's steps go on from the last
// that was acknowledged: its identifiers must still be good. In the end every query that was acknowledged has come to
// its end by itself, and every mover has in Kashiwa the doses that Sapporo holds, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect } from './clients.mjs';
import { World } from './harness.mjs';
import { killDuring, kills, seed, unlessDead } from './kills.mjs';
import { addressee, consentOf, evidenceOf, medical, queryFor, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const MOVERS = 4; // at once
const WARM_UP = 2; // batches in peace, to learn how long one takes

let world;
let batches; // of movers: { resident, held: their doses at Sapporo, …what was acknowledged }

before(async () => {
  world = await World.make({ unattended: true });
  const town = await makeTown(world.path('town'), { residents: Math.max(400, 8 * (kills + WARM_UP)) });
  await importTown(world.client('sapporo-system'), town);
  const rows = new Map(town.residents.map((row) => [row.individualNumber.slice(-4), row]));
  const movers = [];
  for (const { resident, doses } of await collect(world.client('sapporo-console').Records.export())) {
    const row = rows.get(resident.individualNumber.slice(-4)); // the export masks the rest
    if (!row || row.name !== resident.name || !doses.length) continue;
    const addresseeNumber = String(60000000 + movers.length);
    movers.push({ held: doses.map(medical),
      resident: { ...resident, addresseeNumber, individualNumber: row.individualNumber } });
  }
  const needed = MOVERS * (kills + WARM_UP);
  assert.ok(movers.length >= needed, `${movers.length} movers, ${needed} are needed`);
  batches = Array.from({ length: kills + WARM_UP }, (_, at) => movers.slice(at * MOVERS, (at + 1) * MOVERS));
});

after(() => world?.close());

// From the step after the last one that was acknowledged.
async function move(mover) {
  const client = world.client('kashiwa-counter');
  const key = addressee(mover.resident.addresseeNumber);
  if (!mover.registered) {
    await client.Records.registerResident({ resident: mover.resident }).catch((error) => {
      if (error.reason !== 'ALREADY_EXISTS') throw error; // the reply was lost, the resident was not
    });
    mover.registered = true;
  }
  mover.evidenceId ??= await evidenceOf(client, key);
  mover.consentId ??= await consentOf(client, key, mover.evidenceId);
  mover.queryId ??= (await client.Exchange.requestTransfer(
    queryFor(key, mover.evidenceId, mover.consentId))).queryId;
}

async function arrives(mover) {
  const last = (await watch(world.client('kashiwa-counter'), mover.queryId)).at(-1);
  assert.equal(last.state, 'TRANSFER_STATE_IMPORTED');
  assert.equal(last.dosesImported + last.dosesKnown, mover.held.length);
  const { doses } = await world.client('kashiwa-counter').Records.getHistory(
    { resident: addressee(mover.resident.addresseeNumber) });
  assert.deepEqual(doses.map(medical), mover.held);
  for (const { provenance } of doses) assert.equal(provenance.origin, '011002');
}

test(`transfers, killed ${kills} times`, async (t) => {
  t.diagnostic(`VRX_SEED=${seed}`);
  const begun = performance.now();
  for (const batch of batches.slice(0, WARM_UP))
    await Promise.all(batch.map(async (mover) => { await move(mover); await arrives(mover); }));
  const span = (performance.now() - begun) / WARM_UP;

  let cut = 0;
  let requested = 0;
  for (const batch of batches.slice(WARM_UP)) {
    await killDuring(world, span * 1.5, (dead) => Promise.all(batch.map((mover) =>
      unlessDead(dead, async () => { await move(mover); await arrives(mover); mover.arrived = true; }))));
    requested += batch.filter(({ queryId }) => queryId).length;
    cut += batch.filter(({ arrived }) => !arrived).length;
    for (const mover of batch) {
      if (mover.queryId)
        await world.client('kashiwa-counter').Exchange.getTransfer({ queryId: mover.queryId });
      await move(mover);
      if (mover.arrived) await arrives(mover);
    }
  }
  t.diagnostic(`${cut} of ${MOVERS * kills} transfers were cut off, ${requested} after their query was acknowledged`);
  await Promise.all(batches.flat().map(arrives));
});
