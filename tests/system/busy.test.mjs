// SPDX-License-Identifier: Apache-2.0
// Many at once, while vaults are sealed and unsealed, permits replaced, streams left in the middle and the daemon
// ended: every call ends, with its reply or a reason that fits; what was acknowledged is there; the daemon ends well
// with SIGTERM in the middle of it all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect, grpc } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee, ask, dose, hanako, numberOf, watch } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let town;
let last = 80000000;
const kept = []; // addressee numbers that were acknowledged
const outcomes = new Map(); // reason or gRPC status: how often

before(async () => {
  world = await World.make({ unattended: true });
  town = await makeTown(world.path('town'), { residents: 100 });
  await importTown(world.client('sapporo-system'), town);
  await world.client('kashiwa-counter').Records.registerResident(
    { resident: { ...hanako, addresseeNumber: '500001' } });
});

after(() => world?.close());

async function write() {
  last += 1;
  const number = String(last);
  const { Records } = world.client('sapporo-counter');
  await Records.registerResident({ resident: { addresseeNumber: number, individualNumber: numberOf(number), sex: 1,
    name: '多忙 太郎', kana: 'タボウ タロウ', birthDate: '1990-01-01' } });
  kept.push(number);
  await Records.recordVaccination({ resident: addressee(number), dose: dose() });
}

// Twice at once, and below the 50 streams a second that a connection may cancel (services/net/limits.h).
async function leave() {
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  for await (const { resident } of world.client('sapporo-console').Records.export()) {
    assert.ok(resident.name);
    break; // cancels the call
  }
}

const work = [write, leave,
  () => world.client('sapporo-system').Records.getHistory({ resident: addressee(1) }),
  () => world.client('sapporo-counter', { operator: '' }).Records.getHistory({ resident: addressee(2) }),
  () => collect(world.client('sapporo-console').Ledger.exportEntries({ from: 100, count: 200 })),
  () => importTown(world.client('sapporo-system'), town, 30),
  async () => watch(world.client('kashiwa-counter'), await ask(world.client('kashiwa-counter'), addressee(500001)))];

async function go(call, over) {
  while (!over()) {
    const outcome = await call().then(() => 'OK', (error) => error.reason || grpc.status[error.code] || error);
    if (outcome instanceof Error) throw outcome;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    // A client library waits before it connects anew; so do its users.
    if (outcome !== 'OK') await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

async function during(disturb) {
  let over = false;
  outcomes.clear();
  const going = Promise.all([...work, ...work].map((call) => go(call, () => over)));
  try {
    await disturb();
  } finally {
    over = true;
    await going;
  }
  return new Set(outcomes.keys());
}

const only = (seen, allowed) => {
  for (const outcome of seen) assert.ok(allowed.includes(outcome), `${outcome} among ${[...seen]}`);
  assert.ok(seen.has('OK'));
};

async function everythingKept() {
  const people = await collect(world.client('sapporo-console').Records.export());
  const there = new Set(people.map(({ resident }) => resident.addresseeNumber));
  for (const number of kept) assert.ok(there.has(number), `${number} was acknowledged`);
}

test('while Sapporo is sealed and unsealed', async (t) => {
  const seen = await during(async () => {
    for (let i = 0; i < 5; i++) {
      const before_ = outcomes.get('OK') ?? 0;
      await until(() => (outcomes.get('OK') ?? 0) >= before_ + 40);
      await world.seal('sapporo');
      await world.unseal('sapporo');
    }
  });
  t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
  only(seen, ['OK', 'TENANT_SEALED']);
  assert.ok(seen.has('TENANT_SEALED'));
  await everythingKept();
});

test('while permits are replaced', async (t) => {
  const seen = await during(async () => {
    for (let i = 0; i < 3; i++) {
      const seenBefore = outcomes.get('PERMIT_NOT_IN_FORCE') ?? 0;
      await world.setPermits((permits) => (i % 2 ? permits : []));
      if (i % 2 === 0) await until(() => (outcomes.get('PERMIT_NOT_IN_FORCE') ?? 0) > seenBefore);
    }
    await world.setPermits((permits) => permits);
    await until(() => ask(world.client('kashiwa-counter'), addressee(500001)).then(() => true, () => false));
  });
  t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
  only(seen, ['OK', 'PERMIT_NOT_IN_FORCE']);
});

test('while SIGTERM drains the daemon', async (t) => {
  const seen = await during(async () => {
    await until(() => (outcomes.get('OK') ?? 0) >= 40);
    await world.daemon.end();
  });
  t.diagnostic(JSON.stringify(Object.fromEntries(outcomes)));
  only(seen, ['OK', 'UNAVAILABLE', 'SHUTTING_DOWN', 'TENANT_SEALED']);
  await world.endDaemon(); // which asserts that it ended well
  for (const name of ['sapporo', 'kashiwa']) await world.checkVault(name);
  await world.startDaemon();
  for (const name of ['sapporo', 'kashiwa']) await world.unseal(name);
  await everythingKept();
});
