// SPDX-License-Identifier: Apache-2.0
//
// The wire beside its peers: an empty call beside nghttpd and gRPC C++, GetHistory beside an empty call on gRPC C++ and
// beside PostgreSQL. All servers run at the same time and are loaded in turn, one at a time, who is first changing each
// round; a figure is the median of the ratios of rounds. One line a figure.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { load, threads } from './wire/load.mjs';
import { plot } from './wire/plot.mjs';
import { loadPostgres, startPostgres } from './wire/postgres.mjs';
import { emptyBody, startGrpc, startNghttpd, startVrxd } from './wire/servers.mjs';
import { median, progress, scratch } from './workers.mjs';

const [given, ...flags] = process.argv.slice(2);
const bench = resolve(given);
const full = flags.includes('--full');
const write = flags.includes('--write');
const residents = full ? 1000000 : 100000;
const rounds = full ? 5 : 3;
const seconds = full ? 3 : 1.5;
const shapes = [[16, 1], [16, 16]];
const many = [1, 4, 16, 64, 256, 1000];
let short = 0;

function figure(name, value, unit, goal) {
  const met = value >= goal;
  short += met ? 0 : 1;
  console.log(`figure ${name} ${value.toFixed(3)} ${unit} goal >= ${goal} ${met ? 'met' : 'short'}`);
}

const note = (text) => console.log(`note ${text}`);
const whole = (value) => Math.round(value).toLocaleString('en');
const milli = (microseconds) => (microseconds / 1000).toFixed(microseconds < 10000 ? 2 : 1);

// Each of these runs, once a round: { name: [result of each round] }.
async function turns(runs) {
  const names = Object.keys(runs);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length];
      progress(`round ${round + 1} of ${rounds}: ${name}`);
      taken[name].push(await runs[name]());
    }
  return taken;
}

const middle = (taken, field = 'rate') => median(taken.map((one) => one[field]));
const ratio = (over, under, field = 'rate') => median(over.map((one, i) => one[field] / under[i][field]));

async function throughput(targets, postgres, [connections, streams]) {
  const shape = `${connections}x${streams}`;
  const runs = Object.fromEntries(Object.entries(targets).map(([name, target]) =>
    [name, () => load(target, { connections, streams, seconds })]));
  // PostgreSQL serves one call a connection: with many calls at once the better of two numbers of connections counts.
  const sizes = streams === 1 ? [connections] : [connections, 4 * connections];
  for (const size of sizes) runs[`postgres-${size}`] = () => loadPostgres(postgres, { connections: size, seconds: 3 });
  const taken = await turns(runs);
  const best = taken[`postgres-${sizes[0]}`].map((_, i) => ({ rate: Math.max(...sizes.map((size) => taken[`postgres-${size}`][i].rate)) }));
  for (const name of Object.keys(targets))
    note(`${shape} ${name}: ${whole(middle(taken[name]))} calls/s, ${(middle(taken[name], 'cpu') / 1000).toFixed(1)} us of the server's processor time each`);
  for (const size of sizes) note(`${shape} postgres, ${size} connections: ${whole(middle(taken[`postgres-${size}`]))} calls/s`);
  figure(`wire-empty-${shape}-nghttpd`, ratio(taken.empty, taken.nghttpd), 'of-nghttpd', 0.6);
  figure(`wire-empty-${shape}-grpc`, ratio(taken.empty, taken.grpc), 'times', 3);
  figure(`wire-history-${shape}-grpc`, ratio(taken.history, taken.grpc), 'times', 1);
  figure(`wire-history-${shape}-postgres`, ratio(taken.history, best), 'times', 3);
}

// With each call's time written down, which costs the client something: apart from the rates, the same for both.
async function latency({ history, grpc }, [connections, streams]) {
  const shape = `${connections}x${streams}`;
  const timed = (target) => () => load(target, { connections, streams, seconds, log: true });
  const taken = await turns({ history: timed(history), grpc: timed(grpc) });
  for (const [name, list] of Object.entries(taken))
    note(`${shape} ${name}: p50 ${milli(middle(list, 'p50'))} ms, p99 ${milli(middle(list, 'p99'))} ms, p999 ${milli(middle(list, 'p999'))} ms`);
  figure(`wire-history-${shape}-p99`, ratio(taken.grpc, taken.history, 'p99'), 'of-grpc', 1);
}

async function byConnections({ history, empty, grpc }) {
  const rows = [];
  for (const connections of many) {
    const row = { connections };
    for (const [name, target] of Object.entries({ history, empty, grpc })) {
      progress(`${connections} connections: ${name}`);
      row[name] = await load(target, { connections, seconds: full ? 4 : 1.5, log: true, warm: connections < 256 ? 0.5 : 3 });
    }
    rows.push(row);
  }
  progress('');
  const head = ['GetHistory', 'empty call', 'gRPC C++, empty'].map((name) => `${name}, calls/s | p50 ms | p99 ms | p999 ms |`);
  console.log(`\n| connections | ${head.join(' ')}\n|--:|${'--:|'.repeat(12)}`);
  for (const row of rows)
    console.log(`| ${whole(row.connections)} | ${[row.history, row.empty, row.grpc].map(({ rate, p50, p99, p999 }) =>
      `${whole(rate)} | ${milli(p50)} | ${milli(p99)} | ${milli(p999)} |`).join(' ')}`);
  if (write) writeFileSync('docs/performance-wire.svg', plot(rows));
}

const folder = mkdtempSync(join(tmpdir(), 'vrx-bench-wire-'));
const started = [];

async function clear() {
  for (const server of started.splice(0)) await server.end();
  rmSync(folder, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clear().finally(() => process.exit(1)));
try {
  progress('starting the servers');
  const { daemon, body, seconds: took } = await startVrxd(folder, residents);
  started.push(daemon);
  note(`${threads} threads of each server, ${threads} of h2load; ${whole(residents)} residents, imported in ${took.toFixed(0)} s`);
  const nghttpd = await startNghttpd(folder);
  started.push(nghttpd);
  const grpc = await startGrpc(folder, join(bench, 'grpc_echo'));
  started.push(grpc);
  progress('filling PostgreSQL');
  const postgres = await startPostgres(folder, residents);
  started.push({ end: () => postgres.end('SIGINT') });
  const target = (pid, port, path, body) => ({ pid, body, folder, shim: join(bench, 'libbench_h2load.so'), url: `https://localhost:${port}${path}` });
  const targets = {
    nghttpd: target(nghttpd.pid, nghttpd.port, '/reply'),
    grpc: target(grpc.pid, grpc.port, '/bench.Echo/Call', emptyBody(folder)),
    empty: target(daemon.pid, daemon.port, '/grpc.health.v1.Health/Check', emptyBody(folder)),
    history: target(daemon.pid, daemon.port, '/vrx.v1.Records/GetHistory', body),
  };
  for (const shape of shapes) await throughput(targets, postgres, shape);
  for (const shape of shapes) await latency(targets, shape);
  await byConnections(targets);
} finally {
  await clear();
}
process.exitCode = short > 0 ? 1 : 0;
