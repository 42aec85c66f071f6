// SPDX-License-Identifier: Apache-2.0
//
// Issuing as a counter does: on a real daemon and a real vrx-issuer, each call with its application, identity
// evidence and proofs from the ledger, the issuer's two durable records and the vault's. Where the time goes is seen
// from inside both programs (issuer_steps.c).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World } from '../system/harness.mjs';
import { collect } from '../system/clients.mjs';
import { addressee, applyFor } from '../system/steps.mjs';
import { importTown, makeTown } from '../system/town.mjs';
import { progress } from './workers.mjs';

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const names = ['daemonDisk', 'issuerDisk', 'issuerServes'];

// Applications that can be issued, each of another resident: as many, or as there are.
async function applications(world, counter, count) {
  const town = await makeTown(world.path('town'), { residents: Math.ceil(count * 2.5) + 50 });
  await importTown(world.client('sapporo-system'), town);
  const good = [];
  for (const { resident, doses } of await collect(world.client('sapporo-console').Records.export()))
    if (doses.length && good.length < count) good.push(resident.addresseeNumber);
  const made = [];
  for (const number of good) {
    progress(`applications: ${made.length}`);
    made.push(await applyFor(counter, addressee(number)).catch(() => null));
  }
  return made.filter(Boolean);
}

// Milliseconds of each call that issued, sorted; those that the quality gate refuses are left out.
async function issueAll(counter, ids, atOnce) {
  const taken = [];
  const waiting = ids.values();
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const applicationId of waiting) {
      const since = performance.now();
      const issued = await counter.Certificates.issue({ applicationId }).then(() => true, () => false);
      if (issued) taken.push(performance.now() - since);
    }
  }));
  const seconds = (performance.now() - begun) / 1000;
  if (taken.length < ids.length / 2) throw new Error(`${ids.length - taken.length} of ${ids.length} were refused`);
  return { rate: taken.length / seconds, taken: taken.sort((a, b) => a - b) };
}

// Milliseconds of a call, on average.
async function latency(count, call) {
  const begun = performance.now();
  for (let i = 0; i < count; i++) await call();
  return (performance.now() - begun) / count;
}

// { one, many: { rate, p50, p99 }, steps: [[name, milliseconds]], whole, little: of a call that
// does hardly anything } of `count` calls one after the other and as many at once.
export async function measureRpc(bench, count, atOnce) {
  const folder = mkdtempSync(join(tmpdir(), 'vrx-bench-issuer-'));
  const file = join(folder, 'steps');
  const preload = { LD_PRELOAD: join(bench, 'libbench_steps.so'), VRX_STEPS_FILE: file };
  const world = await World.make({ environment: preload });
  const read = () => {
    const bytes = readFileSync(file);
    return Object.fromEntries(names.map((name, at) => [name, Number(bytes.readBigUInt64LE(16 * at)) / 1e6]));
  };
  try {
    await world.issuer.end();
    Object.assign(process.env, preload, { VRX_STEPS_ISSUER: '1' });
    await world.startIssuer('--hourly-cap', '1000000').finally(() => {
      for (const name of [...Object.keys(preload), 'VRX_STEPS_ISSUER']) delete process.env[name];
    });
    const counter = world.client('sapporo-counter');
    const ids = await applications(world, counter, 2 * count + 20);
    const half = Math.floor((ids.length - 20) / 2);
    await issueAll(counter, ids.splice(0, 20), 1);
    const before = read();
    const one = await issueAll(counter, ids.splice(0, half), 1);
    const after = read();
    const many = await issueAll(counter, ids, atOnce);
    const waits = await latency(200, () => counter.Tenancy.status());
    const each = (name) => (after[name] - before[name]) / half;
    const whole = one.taken.reduce((sum, value) => sum + value, 0) / one.taken.length;
    const figures = ({ rate, taken }) => ({ rate, p50: quantile(taken, 0.5), p99: quantile(taken, 0.99) });
    return { one: figures(one), many: figures(many), count: half, whole, little: waits, steps: [
      ['the vault\'s disk: application marked as used, certificate recorded, audit', each('daemonDisk')],
      ['vrx-issuer: journal\'s disk, intent and record', each('issuerDisk')],
      ['vrx-issuer: signatures, proofs and rules checked, certificate made', each('issuerServes') - each('issuerDisk')],
      ['the rest: client, TLS, HTTP/2, vrxd', whole - each('daemonDisk') - each('issuerServes')]] };
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
