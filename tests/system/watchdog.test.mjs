// SPDX-License-Identifier: Apache-2.0
// What vrxd tells the service manager: that it serves, how many vaults are open, that it reloads, that it stops; and
// that it is alive only while its I/O threads answer, its tick comes round and its vaults finish their jobs. What
// hangs is a system call, by a preloaded library: as on a disk or a network file system that has gone.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, until } from './harness.mjs';
import { program, start } from './programs.mjs';
import { addressee } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

let world;
let manager;

// The manager's lines from this one on.
const from = (mark) => manager.output().split('\n').slice(mark).filter(Boolean);
const mark = () => manager.output().split('\n').length - 1;
const hears = (pattern, since = 0) => until(() => from(since).some((line) => pattern.test(line)));

before(async () => {
  world = await World.make({ unattended: true });
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  await world.endDaemon();
  manager = start('vrx-notify-listen', [world.path('notify')]);
  await manager.says(/listening\n/);
  world.environment = {
    NOTIFY_SOCKET: world.path('notify'),
    WATCHDOG_USEC: '4000000',
    LD_PRELOAD: join(dirname(program('')), 'tests', 'support', 'libvrx_hang.so'),
    ASAN_OPTIONS: 'verify_asan_link_order=0',
    VRX_HANG_SYNC: world.path('hang-sync'),
    VRX_HANG_POLL: world.path('hang-poll'),
    VRX_HANG_STAT: world.path('hang-stat'),
  };
});

after(async () => {
  for (const what of ['sync', 'poll', 'stat']) if (world) rmSync(world.path(`hang-${what}`), { force: true });
  await world?.close();
  await manager?.end();
});

test('READY comes before the first status, and the status counts vaults', async () => {
  await world.startDaemon();
  await hears(/^STATUS=0 vaults open, 2 sealed$/);
  const lines = from(1);
  assert.equal(lines[0], 'READY=1');
  await world.unseal('sapporo');
  await hears(/^STATUS=1 vaults open, 1 sealed$/);
  await world.unseal('kashiwa');
  await hears(/^STATUS=2 vaults open, 0 sealed$/);
  await hears(/^WATCHDOG=1$/, mark());
});

test('a reload is told, and its end', async () => {
  const since = mark();
  process.kill(world.daemon.pid, 'SIGHUP');
  await hears(/^READY=1$/, since);
  const lines = from(since).filter((line) => line !== 'WATCHDOG=1');
  assert.match(lines[0], /^RELOADING=1; MONOTONIC_USEC=\d+$/);
  assert.equal(lines[1], 'READY=1');
});

// Between the status that says so and the one that does not any more, nothing says that all is well.
async function hangs(what, part, work) {
  const since = mark();
  writeFileSync(world.path(`hang-${what}`), '');
  const working = work();
  await hears(new RegExp(`^STATUS=.*, no progress: ${part}$`), since);
  await until(() => world.daemon.output().includes(`"event":"no progress","subject":"${part}"`));
  await new Promise((resolve) => { setTimeout(resolve, 3000); }); // three more looks
  const silent = mark();
  rmSync(world.path(`hang-${what}`));
  await hears(/^STATUS=2 vaults open, 0 sealed$/, silent);
  const lines = from(since);
  const first = lines.findIndex((line) => line.includes('no progress'));
  const last = lines.findLastIndex((line) => line === 'STATUS=2 vaults open, 0 sealed');
  assert.deepEqual(lines.slice(first + 1, last), [], 'silence while it hangs');
  await hears(/^WATCHDOG=1$/, silent);
  await until(() => world.daemon.output().includes(`"event":"progress again","subject":"${part}"`));
  return working;
}

test('a vault whose disk hangs: no WATCHDOG, and its caller is answered when it goes on', async () => {
  const counter = world.client('sapporo-counter');
  const { doses } = await hangs('sync', 'vault 011002', () => counter.Records.getHistory({ resident: addressee(1) }));
  assert.ok(Array.isArray(doses));
});

test('I/O threads that hang', () => hangs('poll', 'I/O', async () => {}));

test('a tick that hangs', () => hangs('stat', 'tick', async () => {}));

test('the end is told', async () => {
  const since = mark();
  await world.endDaemon();
  await hears(/^STOPPING=1; STATUS=sealing the vaults$/, since);
});

test('another process\'s watchdog is none of ours', async () => {
  const since = mark();
  world.environment = { ...world.environment, WATCHDOG_PID: '1', NOTIFY_SOCKET: world.path('notify') };
  await world.startDaemon();
  await hears(/^STATUS=/, since);
  await world.unseal('sapporo');
  await hears(/^STATUS=1 vaults open, 1 sealed$/, since);
  assert.ok(!from(since).includes('WATCHDOG=1'));
});

test('a manager that has gone does not hold the daemon up', async () => {
  await manager.end();
  await world.client('sapporo-counter').Records.getHistory({ resident: addressee(1) });
  await world.endDaemon();
});
