// SPDX-License-Identifier: Apache-2.0
//
// The vault beside SQLCipher and SQLite3MultipleCiphers. They bring SQLite versions of their own, so each is
// compared with itself without encryption: 1 is "as fast as plain". All do each piece of work in turn.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { median, micro, progress, Worker } from './workers.mjs';

const peers = [
  ['vault', 'bench_peer_vault', 'bench_peer_sqlite'],
  ['sqlcipher', 'bench_peer_sqlcipher', 'bench_peer_sqlcipher'],
  ['sqlite3mc', 'bench_peer_sqlite3mc', 'bench_peer_sqlite3mc'],
];

// One command to all, who is first changing each time: the medians of both times and of their ratio.
async function inTurn(sides, command, rounds) {
  const taken = sides.map(() => ({ key: [], plain: [], ratio: [] }));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < sides.length; i++) {
      const at = (i + round) % sides.length;
      const pair = sides[at];
      const order = round % 2 ? ['plain', 'key'] : ['key', 'plain'];
      const once = {};
      for (const side of order) [once[side]] = await pair[side].ask(command);
      taken[at].key.push(once.key);
      taken[at].plain.push(once.plain);
      taken[at].ratio.push(once.plain / once.key);
    }
  }
  return taken.map(({ key, plain, ratio }) => ({ key: median(key), plain: median(plain), ratio: median(ratio) }));
}

export async function comparePeers(programs, full) {
  const here = peers.filter((names) => names.slice(1).every((name) => existsSync(join(programs, name))));
  for (const [name] of peers.filter((peer) => !here.includes(peer)))
    console.log(`note ${name} is not on this machine and not measured`);
  const sides = here.map(([, key, plain]) => ({
    key: new Worker(join(programs, key), 'key'), plain: new Worker(join(programs, plain), 'plain') }));
  const every = sides.flatMap(({ key, plain }) => [key, plain]);
  const rows = [];
  const measure = async (what, command, rounds) => {
    progress(`peers: ${what}`);
    rows.push([what, await inTurn(sides, command, rounds)]);
  };
  const persons = full ? 250000 : 20000;
  await measure('import', `fill ${persons / 10}`, 10);
  await measure('commit', 'commit 50', full ? 21 : 9);
  for (const [what, share] of [['read-cached', 2], ['read-tenth', 0.1]]) {
    for (const worker of every) {
      const [kib] = await worker.ask('cache 1');
      await worker.ask(`cache ${Math.ceil(kib * share)}`);
      await worker.ask(`read ${persons}`); // fills the cache
    }
    await measure(what, `read ${full ? 10000 : 3000}`, full ? 21 : 9);
  }
  for (const worker of every) await worker.end();
  progress('');
  for (const [what, taken] of rows)
    taken.forEach(({ ratio }, i) => console.log(`figure peer-${here[i][0]}-${what} ${ratio.toFixed(3)} of-its-own-plain`));
  console.log(`\n| us, encrypted / plain | ${here.map(([name]) => name).join(' | ')} |\n|---|${'--:|'.repeat(here.length)}`);
  for (const [what, taken] of rows)
    console.log(`| ${what} | ${taken.map(({ key, plain }) => `${micro(key)} / ${micro(plain)}`).join(' | ')} |`);
}
