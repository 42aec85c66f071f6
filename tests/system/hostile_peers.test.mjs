// SPDX-License-Identifier: Apache-2.0
// Peers that mean ill, one kind after the other, each with a terminal's certificate: a client that behaves is served
// all the while, the daemon's memory stays within bounds, and afterwards it has nothing left of them. How long the
// client's calls took is told, not judged; `bash tests/bench/run.sh hostile` judges it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, until } from './harness.mjs';
import { attacks } from './peers/attacks.mjs';
import { Visitor, descriptors, quantile, siege } from './peers/siege.mjs';
import { addressee, hanako } from './steps.mjs';

const MS = Number(process.env.VRX_SIEGE_MS ?? 700);
const MiB = 2 ** 20;

let world;
let visitor;
let held;

before(async () => {
  world = await World.make({ environment: { ASAN_OPTIONS: 'quarantine_size_mb=16' } }); // where there is ASan
  await world.client('sapporo-counter').Records.registerResident({ resident: hanako });
  visitor = new Visitor(world);
  await visitor.begun();
  held = descriptors(world.daemon.pid);
});

after(async () => {
  await visitor?.end();
  await world?.close();
});

for (const name of Object.keys(attacks))
  test(name, async (t) => {
    const attackers = ['kashiwa-counter', 'kashiwa-console', 'kashiwa-kiosk', 'stranger'];
    const { quiet, during, grown, made, most } = await siege(world, visitor, name, attackers, MS);
    assert.ok(made > 0, 'it was let in');
    assert.ok(during.length > 0);
    for (const { outcome } of during) assert.equal(outcome, 'OK');
    // Of what they send and do not read a connection may hold 16 MiB each: services/net/limits.h.
    assert.ok(grown < 192 * MiB + most * 128 * 1024, `${grown} bytes for ${most} connections`);
    t.diagnostic(`${made} connections, ${most} at once; memory +${(grown / MiB).toFixed(1)} MiB; p99 of a call ` +
      `${quantile(quiet, 0.99).toFixed(1)} ms before, ${quantile(during, 0.99).toFixed(1)} ms meanwhile`);
    await until(() => descriptors(world.daemon.pid) <= held + 4);
  });

test('afterwards it serves as before', async () => {
  assert.equal((await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) })).resident.name,
    hanako.name);
});
