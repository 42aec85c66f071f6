// SPDX-License-Identifier: Apache-2.0
// A client that behaves, as a process of its own: visitor.mjs PORT CA TERMINAL asks for one history after the other,
// 50 a second, and prints a line for each, "milliseconds OK" or what else it was. Until its standard input ends.
import { addressee } from '../steps.mjs';
import { connect } from '../clients.mjs';
import { performance } from 'node:perf_hooks';

const [port, ca, terminal] = process.argv.slice(2);
const client = connect(Number(port), terminal, ca);
let over = false;
process.stdin.resume();
process.stdin.once('end', () => { over = true; });
while (!over) {
  const began = performance.now();
  const outcome = await client.Records.getHistory({ resident: addressee(1) })
    .then(() => 'OK', (error) => error.reason || error.message);
  process.stdout.write(`${(performance.now() - began).toFixed(3)} ${outcome}\n`);
  await new Promise((resolve) => { setTimeout(resolve, 20); });
}
client.close();
