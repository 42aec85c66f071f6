// SPDX-License-Identifier: Apache-2.0
// kill -9 of a world's daemon at a random moment of some work. Afterwards the vaults are checked as they were left:
// every page authenticates, SQLite's integrity check holds, the ledger's tree follows from its entries. Then the
// daemon is started again and unsealed with the last checkpoints that it handed out before, which its ledgers must
// extend. VRX_KILLS is how often (20); VRX_SEED repeats a run's moments.
import assert from 'node:assert/strict';
import { towns } from './harness.mjs';

export const kills = Number(process.env.VRX_KILLS ?? 20);
export const seed = Number(process.env.VRX_SEED ?? Math.floor(Math.random() * 2 ** 31));

let state = seed;
export function random() { // mulberry32, in [0, 1)
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

// While the daemon lives a failure is a failure; what fails with its death is not.
export async function unlessDead(dead, work) {
  try {
    return await work();
  } catch (error) {
    if (!dead()) throw error;
    return null;
  }
}

// An auditor who keeps every checkpoint that is handed out.
async function audit(world, town, dead) {
  while (!dead()) await unlessDead(dead, () => world.keepCheckpoint(town));
}

// Starts work(dead, kill) and kills the daemon after at most `span` milliseconds, or, where that is null, when the work
// calls kill(). Resolves, with everything running again, to the ledgers' sizes as they were left.
export async function killDuring(world, span, work) {
  let over = false;
  const dead = () => over;
  let kill;
  const asked = new Promise((resolve) => { kill = resolve; });
  const working = Promise.all([work(dead, kill), ...Object.keys(towns).map((town) => audit(world, town, dead))]);
  const failed = working.then(() => null, (error) => error);
  if (span !== null) setTimeout(kill, random() * span);
  await Promise.race([asked, failed]);
  over = true;
  await world.endDaemon('SIGKILL');
  const error = await failed;
  if (error) throw error;
  const left = {};
  for (const town of Object.keys(towns)) {
    left[town] = await world.checkVault(town);
    const held = world.heldCheckpoint(town);
    assert.ok(left[town].size >= held.size, `${town}: ${left[town].size} entries, ${held.size} were signed for`);
  }
  await world.startDaemon();
  for (const town of Object.keys(towns)) await world.unseal(town);
  return left;
}
