// SPDX-License-Identifier: Apache-2.0
// What a client that behaves notices of peers that mean ill: the 99th percentile of its calls meanwhile over that of
// the same client before, each kind of peer by itself. With --full 10,000 connections at once, and longer.
import { World } from '../system/harness.mjs';
import { hanako } from '../system/steps.mjs';
import { Visitor, quantile, siege } from '../system/peers/siege.mjs';

const full = process.argv.includes('--full');
process.env.VRX_PEERS = full ? '10000' : '1000';
const { attacks } = await import('../system/peers/attacks.mjs');
const ms = full ? 10000 : 3000;
const attackers = ['kashiwa-counter', 'kashiwa-console', 'kashiwa-kiosk', 'stranger'];

const world = await World.make();
let visitor;
try {
  await world.endDaemon();
  await world.startDaemon('--connections', '12000', '--address-connections', '12000',
    '--terminal-connections', '12000');
  await world.unseal('sapporo');
  await world.client('sapporo-counter').Records.registerResident({ resident: hanako });
  visitor = new Visitor(world);
  await visitor.begun();
  for (const name of Object.keys(attacks)) {
    const { quiet, during, grown, made, most } = await siege(world, visitor, name, attackers, ms);
    const [before, meanwhile] = [quiet, during].map((calls) => quantile(calls, 0.99));
    const lost = during.filter(({ outcome }) => outcome !== 'OK').length;
    const times = meanwhile / before;
    console.log(`note ${name}: ${made} connections, ${most} at once, memory +${(grown / 2 ** 20).toFixed(1)} MiB; ` +
      `${during.length} calls, ${lost} refused; p99 ${before.toFixed(1)} ms before, ${meanwhile.toFixed(1)} ms meanwhile`);
    const met = times <= 10 && lost === 0;
    console.log(`figure hostile-${name.toLowerCase().replaceAll(' ', '-')} ${times.toFixed(2)} times-quiet-p99 ` +
      `goal <= 10 ${met ? 'met' : 'short'}`);
  }
} finally {
  await visitor?.end();
  await world.close();
}
