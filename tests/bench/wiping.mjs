// SPDX-License-Identifier: Apache-2.0
//
// What it costs that vrxd wipes all memory that it gives back (services/vrxd/wiping_memory.c): the same daemon
// with that file and without it, side by side and in turn. A ratio is "without" over "with": 1 costs nothing.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Custodians, makePlatform, startDaemon } from './daemons.mjs';
import { median, micro, progress, scratch } from './workers.mjs';

const full = process.argv.includes('--full');
const tenants = 10;

// What all threads of a process have computed, in nanoseconds.
function computed(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]), 0);
}

async function begin(program) {
  const folder = mkdtempSync(join(scratch, 'vrxd-'));
  await makePlatform(folder);
  const daemon = await startDaemon(folder, { program });
  const custodians = new Custodians(folder, daemon.port);
  for (const step of [`create ${tenants}`, 'unseal 0', 'residents 0', 'read 500']) await custodians.ask(...step.split(' '));
  return { daemon, custodians, time: [], work: [] };
}

async function reads(side, count) {
  const before = computed(side.daemon.pid);
  side.time.push(await side.custodians.ask('read', count));
  side.work.push((computed(side.daemon.pid) - before) / count);
}

const sides = [];
try {
  sides.push(await begin('vrxd-unattended'), await begin('../bench/bench_vrxd_unwiped'));
  for (let round = 0; round < (full ? 41 : 11); round++) {
    progress(`round ${round}`);
    for (const side of round % 2 ? [...sides].reverse() : sides) await reads(side, full ? 2000 : 500);
  }
  progress('');
  const [wiped, unwiped] = sides;
  for (const [name, key] of [['wiping-read-cpu', 'work'], ['wiping-read', 'time']]) {
    const ratio = median(wiped[key].map((value, i) => unwiped[key][i] / value));
    console.log(`note ${name}: ${micro(median(wiped[key]))} us wiping, ${micro(median(unwiped[key]))} us without`);
    console.log(`figure ${name} ${ratio.toFixed(3)} of-unwiped`);
  }
} finally {
  for (const { daemon, custodians } of sides) {
    await custodians.end();
    await daemon.end();
  }
  rmSync(scratch, { recursive: true, force: true });
}
