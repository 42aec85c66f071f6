// SPDX-License-Identifier: Apache-2.0
// One attack as a process: attacker.mjs NAME PORT CA TERMINAL…, with the folders of certificates to come with. Says
// "begun" when each of its lanes has tried once, and goes on until its standard input ends; then says how many
// connections it made, and how many it had at once at most.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { attacks, plainSocket } from './attacks.mjs';

const [name, port, ca, ...terminals] = process.argv.slice(2);
const attack = attacks[name];
const identities = terminals.map((folder) => ({ ca: readFileSync(ca), cert: readFileSync(join(folder, 'certificate.pem')),
  key: readFileSync(join(folder, 'key.pem')), servername: 'localhost', ALPNProtocols: ['h2'] }));
let over = false;
let made = 0;
let open = 0;
let most = 0;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Loopback has 16 million addresses: a thousand connections from each.
function connect(lane) {
  const socket = plainSocket(Number(port), `127.0.${1 + (lane >> 10)}.1`);
  if (attack.plain)
    return new Promise((resolve) => { socket.once('connect', () => resolve(socket)).once('error', () => resolve(null)); });
  return new Promise((resolve) => {
    const secure = tls.connect({ socket, ...identities[lane % identities.length] }, () => resolve(secure));
    secure.once('error', () => resolve(null)).once('close', () => resolve(null));
  });
}

let waited = attack.connections;
function tried() {
  waited -= 1;
  if (waited === 0) process.stdout.write('begun\n');
}

async function lane(number) {
  await pause(2 * number); // not all handshakes in one instant
  for (let first = true; !over; first = false) {
    const socket = await connect(number);
    if (first) tried();
    if (!socket) { await pause(50); continue; }
    made += 1;
    open += 1;
    most = Math.max(most, open);
    socket.on('error', () => {});
    socket.on('data', () => {});
    await attack.run(socket, () => over);
    socket.destroy();
    open -= 1;
    await pause(1);
  }
}

const lanes = Array.from({ length: attack.connections }, (_, number) => lane(number));
process.stdin.resume();
process.stdin.once('end', () => { over = true; });
await Promise.all(lanes);
process.stdout.write(JSON.stringify({ made, most }));
process.exit(0);
